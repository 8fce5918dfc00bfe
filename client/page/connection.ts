// Keeps the page connected: signaling socket, then the peer it negotiates, and both again whenever they die. The picture is
// none of its business and simply stays.

import {
  type FromServer,
  type FromViewer,
  fromServer,
  MAX_SIGNALING_BYTES,
  type SessionStatus,
} from '../../signaling/messages.ts'
import { BackOff } from './back-off.ts'
import { type Door, DoorError } from './door.ts'
import { Peer } from './peer.ts'

/** An offer is made within 100 ms; a socket that swallows a join is dead (some firmware kills the sending half). */
const OFFER_MS = 5000
/** From the offer to open channels; 100 ms on a LAN. */
const OPEN_MS = 8000
/** Pongs come every 1.5 s while all is well. */
const SILENCE_MS = 5000
const WATCH_MS = 500

/** Where the page stands with the server. */
export type Link =
  | { kind: 'connecting' }
  | { kind: 'connected' }
  /** Was refused or lost; tries again by itself. */
  | { kind: 'lost'; reason: string }
  /** The cookie is not (or no longer) valid: somebody has to enter the PIN. */
  | { kind: 'locked' }

export type ConnectionOptions = {
  door: Door
  onLink: (link: Link) => void
  onStatus: (status: SessionStatus) => void
  onOpen: () => void
  onFrame: (message: Uint8Array) => void
  onControl: (text: string) => void
}

type Phase = 'closed' | 'opening' | 'waiting-for-offer' | 'negotiating' | 'open' | 'waiting'

/** Reconnects for ever, except while locked. */
export class Connection {
  readonly #options: ConnectionOptions
  readonly #backOff = new BackOff()
  #phase: Phase = 'closed'
  #phaseAt = 0
  #heardAt = 0
  #socket: WebSocket | undefined
  #peer: Peer | undefined
  #retry: ReturnType<typeof setTimeout> | undefined
  #watch: ReturnType<typeof setInterval> | undefined
  #attempt = 0

  constructor(options: ConnectionOptions) {
    this.#options = options
    const again = () => this.hurry()
    window.addEventListener('online', again)
    document.addEventListener('visibilitychange', again)
  }

  get phase(): string {
    return this.#phase
  }

  /** Connects, or connects afresh after the PIN was entered. */
  open(): void {
    this.#backOff.reset()
    this.#watch ??= setInterval(() => this.#look(performance.now()), WATCH_MS)
    void this.#connect()
  }

  /** Something changed (network, tab): a pending retry happens now. */
  hurry(): void {
    if (this.#phase !== 'waiting' || document.hidden) return
    this.#backOff.reset()
    this.#again()
  }

  sendControl(text: string): void {
    this.#peer?.sendControl(text)
  }

  close(): void {
    clearInterval(this.#watch)
    this.#watch = undefined
    clearTimeout(this.#retry)
    this.#attempt += 1
    this.#dropPeer()
    this.#dropSocket()
    this.#enter('closed')
  }

  async #connect(): Promise<void> {
    const attempt = ++this.#attempt
    clearTimeout(this.#retry)
    this.#dropSocket()
    this.#enter('opening')
    // A socket's refusal says nothing; this answer tells a closed door from an absent server.
    try {
      const status = await this.#options.door.status()
      if (attempt !== this.#attempt) return
      this.#options.onStatus(status)
    } catch (error) {
      if (attempt !== this.#attempt) return
      if (error instanceof DoorError && error.code === 'unauthorized') this.#lock()
      else this.#lose(error instanceof DoorError ? error.message : String(error))
      return
    }
    const socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/signal`)
    this.#socket = socket
    socket.onmessage = ({ data }: MessageEvent<unknown>) => {
      const message = parse(data)
      if (message !== undefined) this.#hear(message)
    }
    socket.onclose = () => {
      if (this.#socket !== socket) return
      this.#socket = undefined
      this.#dropPeer()
      this.#lose('The connection to the server was lost.')
    }
  }

  #hear(message: FromServer): void {
    switch (message.type) {
      case 'authenticated':
        this.#join()
        break
      case 'offer':
        void this.#answer(message.peer, message.sdp)
        break
      case 'status':
        this.#options.onStatus(message.status)
        break
      case 'refused':
        if (message.code === 'unauthorized' || message.code === 'wrong-pin') this.#lock()
        else this.#lose(message.message)
        break
    }
  }

  #join(): void {
    this.#dropPeer()
    this.#enter('waiting-for-offer')
    this.#say({ type: 'join' })
  }

  async #answer(id: string, sdp: string): Promise<void> {
    this.#dropPeer()
    this.#enter('negotiating')
    const { onFrame, onControl } = this.#options
    const peer = new Peer({
      id,
      onOpen: () => this.#opened(),
      onFrame: (message) => {
        this.#heardAt = performance.now()
        onFrame(message)
      },
      onControl: (text) => {
        this.#heardAt = performance.now()
        onControl(text)
      },
      onCandidate: (candidate) => this.#say({ type: 'candidate', peer: id, candidate }),
      onFailed: () => {
        if (this.#peer === peer) this.#lose('The connection to the server was lost.')
      },
    })
    this.#peer = peer
    try {
      const answer = await peer.accept(sdp)
      if (this.#peer === peer) this.#say({ type: 'answer', peer: id, sdp: answer })
    } catch (error) {
      if (this.#peer === peer) this.#lose(`This browser did not take the server's offer: ${String(error)}`)
    }
  }

  #opened(): void {
    this.#heardAt = performance.now()
    this.#backOff.reset()
    this.#enter('open')
    this.#options.onLink({ kind: 'connected' })
    this.#options.onOpen()
  }

  /** Everything that ends without an event: no offer, no channel, no sign of life. */
  #look(now: number): void {
    const waited = now - this.#phaseAt
    if (this.#phase === 'waiting-for-offer' && waited > OFFER_MS) this.#lose('The server makes no offer.')
    else if (this.#phase === 'negotiating' && waited > OPEN_MS) {
      this.#lose('No direct way to the server was found. It needs its UDP ports open.')
    } else if (this.#phase === 'open' && now - this.#heardAt > SILENCE_MS)
      this.#lose('The server went silent.')
  }

  #lose(reason: string): void {
    // An offer that never came means a socket that may be dead; it is opened again, not asked again.
    if (this.#phase === 'waiting-for-offer' || this.#phase === 'opening') this.#dropSocket()
    this.#dropPeer()
    this.#enter('waiting')
    this.#options.onLink({ kind: 'lost', reason })
    clearTimeout(this.#retry)
    this.#retry = setTimeout(() => this.#again(), this.#backOff.next())
  }

  #again(): void {
    clearTimeout(this.#retry)
    this.#options.onLink({ kind: 'connecting' })
    if (this.#socket?.readyState === WebSocket.OPEN) this.#join()
    else void this.#connect()
  }

  #lock(): void {
    this.close()
    this.#options.onLink({ kind: 'locked' })
  }

  #enter(phase: Phase): void {
    this.#phase = phase
    this.#phaseAt = performance.now()
  }

  #say(message: FromViewer): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message))
  }

  #dropSocket(): void {
    const socket = this.#socket
    this.#socket = undefined
    socket?.close()
  }

  #dropPeer(): void {
    const peer = this.#peer
    this.#peer = undefined
    peer?.close()
  }
}

function parse(data: unknown): FromServer | undefined {
  if (typeof data !== 'string' || data.length > MAX_SIGNALING_BYTES) return undefined
  try {
    return fromServer.safeParse(JSON.parse(data)).data
  } catch {
    return undefined
  }
}
