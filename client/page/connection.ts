// Keeps the page connected: does what the ladder says with sockets, peers and plain HTTP, and tells it what became of it.
// The picture is none of its business and simply stays.

import type { FromServer, Offer, SessionStatus } from '../../signaling/messages.ts'
import { type Door, DoorError } from './door.ts'
import { Ladder, type Step, type Way } from './ladder.ts'
import { Peer } from './peer.ts'
import { SignalSocket, type SignalSocketOptions } from './signal-socket.ts'
import { SignalStream } from './signal-stream.ts'

/** How often the ladder looks at the clock. */
const WATCH_MS = 100
/** Without a socket nothing is pushed, and the status is asked for. */
const POLL_MS = 2000
/** After so many sockets in a row that were of no use, every other one is a stream over plain HTTP. */
const DEAD_SOCKETS = 2

/** Where the page stands with the server. */
export type Link =
  | { kind: 'connecting' }
  | { kind: 'connected'; way: Way }
  /** Was refused or lost; tries again by itself. */
  | { kind: 'lost'; reason: string }
  /** The cookie is not (or no longer) valid: somebody has to enter the PIN. */
  | { kind: 'locked' }

export type ConnectionOptions = {
  door: Door
  onLink: (link: Link) => void
  onStatus: (status: SessionStatus) => void
  /** A list on the server has changed. */
  onNews: (list: 'queue' | 'library') => void
  /** Frames come over another connection than before, perhaps from another server. */
  onOpen: () => void
  onFrame: (message: Uint8Array) => void
  onControl: (text: string) => void
  /** True while a programme runs, so that frames are due. */
  isPlaying: () => boolean
}

/** Reconnects for ever, except while locked. */
export class Connection {
  readonly #options: ConnectionOptions
  #ladder = new Ladder()
  #socket: SignalSocket | SignalStream | undefined
  /** Sockets in a row that have brought neither an offer nor frames. */
  #useless = 0
  /** The peer frames come from, and the one that is to take its place. */
  #peer: Peer | undefined
  #attempt: Peer | undefined
  /** The server's name for the viewer whose frames the socket carries. */
  #carried: string | undefined
  #joins = 0
  #polledAt = Number.NEGATIVE_INFINITY
  #watch: ReturnType<typeof setInterval> | undefined
  #reason: string | undefined
  #link = ''
  #stepping = false

  constructor(options: ConnectionOptions) {
    this.#options = options
    const hint = () => this.hurry()
    window.addEventListener('online', hint)
    document.addEventListener('visibilitychange', hint)
    watchNetworkType(hint)
  }

  /** What the ladder stands on, for the console. */
  get phase(): string {
    return this.#ladder.way ?? (this.#ladder.attempting ? 'negotiating' : 'waiting')
  }

  /** Connects, or connects afresh after the PIN was entered. */
  open(): void {
    this.close()
    this.#ladder = new Ladder()
    this.#reason = undefined
    this.#watch = setInterval(() => this.#look(), WATCH_MS)
    this.#look()
  }

  /** Something changed (network, tab): what waits is tried now, and what works has to prove it. */
  hurry(): void {
    if (this.#watch === undefined || document.hidden) return
    this.#ladder.hint(performance.now())
    this.#look()
  }

  sendControl(text: string): void {
    if (this.#ladder.way === 'websocket') this.#socket?.send({ type: 'control', text })
    else this.#peer?.sendControl(text)
  }

  /** What is worthless a moment later; over TCP nothing is lost and nobody needs it. */
  sendFleeting(text: string): void {
    if (this.#ladder.way !== 'websocket') this.#peer?.sendFleeting(text)
  }

  close(): void {
    clearInterval(this.#watch)
    this.#watch = undefined
    this.#joins += 1
    this.#dropAttempt()
    this.#dropPeer()
    this.#dropSocket()
    this.#link = ''
  }

  /** Does everything that is due. Steps may bring news at once, which must not start a second round. */
  #look(): void {
    if (this.#stepping) return
    this.#stepping = true
    this.#ladder.playing = this.#options.isPlaying()
    for (;;) {
      if (this.#watch === undefined) break
      const step = this.#ladder.next(performance.now())
      if (step === undefined) break
      this.#do(step)
    }
    this.#stepping = false
    if (this.#watch === undefined) return
    this.#poll(performance.now())
    this.#tell()
  }

  #do(step: Step): void {
    switch (step) {
      case 'open-socket':
        this.#openSocket()
        break
      case 'close-socket':
        this.#dropSocket()
        break
      case 'join-over-socket':
        this.#joins += 1
        this.#socket?.send({ type: 'join' })
        break
      case 'join-over-http':
        void this.#joinOverHttp(++this.#joins)
        break
      case 'drop-attempt':
        this.#reason ??= 'No direct way to the server was found. It needs its UDP ports open.'
        this.#joins += 1
        this.#dropAttempt()
        break
      case 'drop-webrtc':
        this.#dropPeer()
        break
      case 'carry':
        this.#socket?.send({ type: 'carry' })
        break
      case 'drop-carry':
        this.#leave(this.#carried)
        this.#carried = undefined
        break
      case 'probe':
        this.sendControl(JSON.stringify({ type: 'ping', sent: performance.now() }))
        break
    }
  }

  #openSocket(): void {
    // A socket's refusal says nothing; this answer tells a closed door from an absent server.
    void this.#askStatus()
    const options: SignalSocketOptions = {
      onMessage: (message) => this.#hear(message),
      onFrame: (slices) => {
        this.#ladder.heard('websocket', performance.now())
        for (const slice of slices) this.#options.onFrame(slice)
      },
      onClosed: () => {
        if (this.#socket !== socket) return
        this.#socket = undefined
        this.#carried = undefined
        this.#reason ??= 'The connection to the server was lost.'
        this.#ladder.socketClosed(performance.now())
        this.#look()
      },
    }
    const socket =
      this.#useless >= DEAD_SOCKETS && this.#useless % 2 === 0
        ? new SignalStream(options)
        : new SignalSocket(options)
    this.#useless += 1
    this.#socket = socket
  }

  #hear(message: FromServer): void {
    const now = performance.now()
    const ladder = this.#ladder
    switch (message.type) {
      case 'authenticated':
        ladder.socketOpened(now)
        break
      case 'offer':
        this.#useless = 0
        void this.#answer(message, this.#joins, async (sdp) =>
          this.#socket?.send({ type: 'answer', peer: message.peer, sdp }),
        )
        break
      case 'carrying':
        this.#useless = 0
        this.#carried = message.peer
        ladder.carrying(now)
        if (ladder.way === 'websocket') this.#options.onOpen()
        break
      case 'control':
        ladder.heard('websocket', now)
        this.#options.onControl(message.text)
        break
      case 'status':
        this.#options.onStatus(message.status)
        break
      case 'queue':
      case 'library':
        this.#options.onNews(message.type)
        break
      case 'refused':
        if (message.code === 'unauthorized' || message.code === 'wrong-pin') {
          this.#lock()
          return
        }
        this.#reason = message.message
        // Which of two questions it answers it does not say; the older one is asked again soon enough.
        if (this.#carried !== undefined || !ladder.attempting) {
          this.#carried = undefined
          ladder.carryEnded(now)
        } else ladder.attemptFailed(now, message.retryAfterMs)
        break
    }
    this.#look()
  }

  async #joinOverHttp(join: number): Promise<void> {
    try {
      const offer = await this.#options.door.offer()
      await this.#answer(offer, join, (sdp) => this.#options.door.answer(offer.peer, sdp))
    } catch (error) {
      if (join === this.#joins) this.#refused(error)
    }
  }

  async #answer(offer: Offer, join: number, send: (sdp: string) => Promise<void>): Promise<void> {
    if (join !== this.#joins || !this.#ladder.attempting) {
      this.#leave(offer.peer)
      return
    }
    this.#ladder.offered(performance.now())
    this.#dropAttempt()
    const { onFrame, onControl } = this.#options
    const peer = new Peer({
      id: offer.peer,
      iceServers: offer.iceServers ?? [],
      onOpen: () => this.#opened(peer),
      onFrame: (message) => {
        this.#heard()
        onFrame(message)
      },
      onControl: (text) => {
        this.#heard()
        onControl(text)
      },
      onCandidate: (candidate) => this.#socket?.send({ type: 'candidate', peer: offer.peer, candidate }),
      onFailed: () => this.#failed(peer),
    })
    this.#attempt = peer
    try {
      await send(await peer.accept(offer.sdp))
    } catch (error) {
      if (this.#attempt !== peer) return
      this.#dropAttempt()
      this.#refused(error)
    }
  }

  #heard(): void {
    this.#ladder.heard('webrtc', performance.now())
  }

  #opened(peer: Peer): void {
    if (this.#attempt !== peer) return
    this.#attempt = undefined
    this.#dropPeer()
    this.#peer = peer
    this.#ladder.webrtcOpened(performance.now())
    this.#options.onOpen()
    this.#look()
  }

  #failed(peer: Peer): void {
    this.#reason ??= 'The connection to the server was lost.'
    if (this.#attempt === peer) {
      this.#dropAttempt()
      this.#ladder.attemptFailed(performance.now())
    } else if (this.#peer === peer) {
      this.#dropPeer()
      this.#ladder.webrtcFailed(performance.now())
    } else return
    this.#look()
  }

  #refused(error: unknown): void {
    if (error instanceof DoorError && error.code === 'unauthorized') {
      this.#lock()
      return
    }
    this.#reason =
      error instanceof DoorError
        ? error.message
        : `This browser did not take the server's offer: ${String(error)}`
    this.#ladder.attemptFailed(performance.now(), error instanceof DoorError ? error.retryAfterMs : 0)
    this.#look()
  }

  /** Asks for what nobody pushes. */
  #poll(now: number): void {
    if (this.#ladder.socketOpen || now - this.#polledAt < POLL_MS) return
    void this.#askStatus()
  }

  async #askStatus(): Promise<void> {
    this.#polledAt = performance.now()
    try {
      const status = await this.#options.door.status()
      if (this.#watch !== undefined) this.#options.onStatus(status)
    } catch (error) {
      if (this.#watch === undefined) return
      if (error instanceof DoorError && error.code === 'unauthorized') this.#lock()
      else this.#reason = error instanceof DoorError ? error.message : String(error)
    }
  }

  /** Tells the page where it stands, when that has changed. */
  #tell(): void {
    const { way } = this.#ladder
    if (way !== undefined) this.#reason = undefined
    const link: Link =
      way !== undefined
        ? { kind: 'connected', way }
        : this.#reason !== undefined
          ? { kind: 'lost', reason: this.#reason }
          : { kind: 'connecting' }
    const text = JSON.stringify(link)
    if (text === this.#link) return
    this.#link = text
    this.#options.onLink(link)
  }

  #lock(): void {
    this.close()
    this.#options.onLink({ kind: 'locked' })
  }

  #leave(peer: string | undefined): void {
    if (peer !== undefined) this.#socket?.send({ type: 'leave', peer })
  }

  #dropAttempt(): void {
    const peer = this.#attempt
    this.#attempt = undefined
    peer?.close()
    this.#leave(peer?.id)
  }

  #dropPeer(): void {
    const peer = this.#peer
    this.#peer = undefined
    peer?.close()
    this.#leave(peer?.id)
  }

  #dropSocket(): void {
    const socket = this.#socket
    this.#socket = undefined
    this.#carried = undefined
    socket?.close()
  }
}

/** Calls when the kind of network changes (Wi-Fi to mobile), where the browser tells. */
function watchNetworkType(changed: () => void): void {
  const { connection } = navigator as Navigator & { connection?: EventTarget & { type?: string } }
  if (connection === undefined) return
  let before = connection.type
  connection.addEventListener('change', () => {
    // The event also comes for every new estimate of the speed.
    if (connection.type === before) return
    before = connection.type
    changed()
  })
}
