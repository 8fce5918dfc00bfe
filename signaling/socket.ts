// One signaling socket: from the first word to the last, with a limit on everything that comes in.

import type { RawData } from 'ws'
import type { ErrorCode } from './error-codes.ts'
import {
  type FromServer,
  type FromViewer,
  fromViewer,
  MAX_SIGNALING_BYTES,
  type SessionStatus,
} from './messages.ts'
import { type CarriedPeer, type PeerHost, PeerRefusal } from './negotiation.ts'
import type { PinGate } from './pin-gate.ts'
import type { TicketOffice } from './tickets.ts'
import { TokenBucket } from './token-bucket.ts'

/** WebSocket close codes; 44xx are ours and rhyme with HTTP. */
export const CLOSE = {
  goingAway: 1001,
  binary: 1003,
  tooLong: 1009,
  badRequest: 4400,
  unauthorized: 4401,
  flood: 4429,
} as const

/** A join sends about 20 candidates at once, and then nothing for minutes. */
const MESSAGE_RATE = { burst: 60, perSecond: 10 }
/** What a viewer says whose frames go over the socket: an acknowledgement for each, and some control messages. */
const CARRIED_RATE = { burst: 300, perSecond: 150 }
/** Each join costs the server 30 ms of key exchange. */
const JOIN_RATE = { burst: 6, perSecond: 0.5 }
/** A page that looks for a better connection keeps the one it has meanwhile. */
const MAX_PEERS = 2
/** What a page is told to wait at least when it joins while a join is under way. */
const MIN_REJOIN_MS = 500
/** A socket that does not read is cut rather than remembered for. */
const MAX_BUFFERED_BYTES = 1024 * 1024
/** After a close frame the other end has this long to answer it. */
const LINGER_MS = 500

/** What is needed of a WebSocket; stream-socket.ts has the same face. */
export interface MessageSocket {
  readonly readyState: number
  readonly OPEN: number
  readonly bufferedAmount: number
  on(event: 'close' | 'pong', listener: () => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'message', listener: (data: RawData, isBinary: boolean) => void): unknown
  send(message: string | Uint8Array): void
  ping(): void
  close(code: number, reason: string): void
  terminate(): void
}

export type SignalingSocketOptions = {
  webSocket: MessageSocket
  address: string
  authenticated: boolean
  authenticationMs: number
  gate: PinGate
  tickets: TicketOffice
  peers: PeerHost
  status(): SessionStatus
  now(): number
  log: { info(message: string): void; debug(message: string): void }
  onClosed(): void
}

let nextId = 1

export class SignalingSocket {
  readonly #options: SignalingSocketOptions
  readonly #webSocket: MessageSocket
  readonly #id = String(nextId++)
  readonly #messages: TokenBucket
  readonly #joins: TokenBucket
  readonly #carriedMessages: TokenBucket
  readonly #ended: Promise<void>
  #authenticated = false
  #authenticationTimer: NodeJS.Timeout | undefined
  #answered = true
  /** The peers of the latest joins: the one before stays until the new one works, or says that it does not. */
  #peers: string[] = []
  #carried: CarriedPeer | undefined
  #hasCarried = false
  #joining = false
  #closing = false

  constructor(options: SignalingSocketOptions) {
    this.#options = options
    this.#webSocket = options.webSocket
    this.#messages = new TokenBucket(MESSAGE_RATE, options.now())
    this.#joins = new TokenBucket(JOIN_RATE, options.now())
    this.#carriedMessages = new TokenBucket(CARRIED_RATE, options.now())
    this.#ended = new Promise((resolve) => {
      this.#webSocket.on('close', () => {
        clearTimeout(this.#authenticationTimer)
        this.#closing = true
        this.#uncarry()
        options.onClosed()
        resolve()
      })
    })
    // ws closes the socket itself after an error; the event only must not go unheard.
    this.#webSocket.on('error', (error) => options.log.debug(`signaling ${this.#id}: ${error.message}`))
    this.#webSocket.on('pong', () => {
      this.#answered = true
    })
    this.#webSocket.on('message', (data, isBinary) => this.#onMessage(data, isBinary))
  }

  get authenticated(): boolean {
    return this.#authenticated
  }

  /** Greets a viewer who came with a cookie; gives the others a while to send a PIN. */
  start(): void {
    if (this.#options.authenticated) {
      this.#enter()
      return
    }
    this.#authenticationTimer = setTimeout(() => {
      this.#refuse('unauthorized', 'Enter the PIN first.', CLOSE.unauthorized)
    }, this.#options.authenticationMs)
    this.#authenticationTimer.unref()
  }

  send(message: FromServer): void {
    if (this.#webSocket.readyState !== this.#webSocket.OPEN) return
    if (this.#webSocket.bufferedAmount > MAX_BUFFERED_BYTES) this.#webSocket.terminate()
    else this.#webSocket.send(JSON.stringify(message))
  }

  /** Cuts a socket that has not answered the last ping, and pings. */
  beat(): void {
    if (!this.#answered) {
      this.#webSocket.terminate()
      return
    }
    this.#answered = false
    this.#webSocket.ping()
  }

  /** Closes with a code; resolves when the socket is gone, cut if need be. The peer lives on. */
  close(code: number, reason: string): Promise<void> {
    this.#closing = true
    this.#webSocket.close(code, reason)
    const timer = setTimeout(() => this.#webSocket.terminate(), LINGER_MS)
    return this.#ended.then(() => clearTimeout(timer))
  }

  #enter(ticket?: string): void {
    this.#authenticated = true
    clearTimeout(this.#authenticationTimer)
    this.send({ type: 'authenticated', ...(ticket === undefined ? {} : { ticket }) })
    this.send({ type: 'status', status: this.#options.status() })
  }

  #refuse(code: ErrorCode, message: string, closeCode?: number, retryAfterMs?: number): void {
    this.send({ type: 'refused', code, message, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) })
    if (closeCode !== undefined) void this.close(closeCode, message)
  }

  #onMessage(data: RawData, isBinary: boolean): void {
    if (this.#closing) return
    const rate = this.#carried === undefined ? this.#messages : this.#carriedMessages
    if (!rate.take(this.#options.now())) {
      this.#refuse('bad-request', 'Too many messages.', CLOSE.flood)
      return
    }
    if (isBinary) {
      if (this.#carried !== undefined) this.#carried.receive(bytesOf(data))
      // An acknowledgement may be on its way when the server ends a carried viewer.
      else if (!this.#hasCarried) this.#refuse('bad-request', 'Only text is understood here.', CLOSE.binary)
      return
    }
    const text = data.toString()
    if (text.length > MAX_SIGNALING_BYTES) {
      this.#refuse('bad-request', `A message has at most ${MAX_SIGNALING_BYTES} bytes.`, CLOSE.tooLong)
      return
    }
    const message = parse(text)
    if (message === undefined) {
      this.#refuse('bad-request', 'This message is not understood.', CLOSE.badRequest)
      return
    }
    if (message.type === 'auth') this.#authenticate(message.pin)
    else if (!this.#authenticated) this.#refuse('unauthorized', 'Enter the PIN first.', CLOSE.unauthorized)
    else this.#negotiate(message).catch((error: unknown) => this.#onFailure(error))
  }

  #authenticate(pin: string): void {
    if (this.#authenticated) return
    const now = this.#options.now()
    const attempt = this.#options.gate.attempt(pin, this.#options.address, now)
    if (attempt.ok) {
      this.#enter(this.#options.tickets.issue(now))
      return
    }
    const words =
      attempt.code === 'wrong-pin' ? 'That is not the PIN.' : 'Too many wrong PINs. Wait a little.'
    this.#options.log.info(`signaling ${this.#id}: ${attempt.code} from ${this.#options.address}`)
    this.#refuse(attempt.code, words, undefined, attempt.retryAfterMs)
  }

  async #negotiate(message: Exclude<FromViewer, { type: 'auth' }>): Promise<void> {
    const { peers } = this.#options
    switch (message.type) {
      case 'join':
        await this.#join()
        break
      case 'answer':
        // Only its own peer: ids are not secrets.
        if (this.#peers.includes(message.peer)) await peers.answer(message.peer, message.sdp)
        else throw new PeerRefusal('bad-request', 'This answer is for another connection.')
        break
      case 'candidate':
        if (this.#peers.includes(message.peer)) peers.candidate(message.peer, message.candidate)
        break
      case 'carry':
        this.#carry()
        break
      case 'control':
        this.#carried?.receive(message.text)
        break
      case 'leave':
        if (message.peer === this.#carried?.peer) this.#uncarry()
        else if (this.#peers.includes(message.peer)) this.#leave(message.peer)
        break
    }
  }

  async #join(): Promise<void> {
    const { peers, now, address } = this.#options
    const waitMs = Math.max(MIN_REJOIN_MS, this.#joins.waitMs(now()))
    if (this.#joining || !this.#joins.take(now())) {
      this.#refuse('rate-limited', 'Joining too often.', undefined, waitMs)
      return
    }
    this.#joining = true
    try {
      while (this.#peers.length >= MAX_PEERS) this.#leave(this.#peers[0]!)
      const offer = await peers.open({ id: this.#id, address })
      if (this.#closing) {
        peers.close(offer.peer)
        return
      }
      this.#peers.push(offer.peer)
      this.send({ type: 'offer', ...offer })
    } finally {
      this.#joining = false
    }
  }

  #leave(peer: string): void {
    this.#peers = this.#peers.filter((other) => other !== peer)
    this.#options.peers.close(peer)
  }

  #carry(): void {
    const { peers, address } = this.#options
    const webSocket = this.#webSocket
    if (this.#carried !== undefined) throw new PeerRefusal('bad-request', 'Frames come already.')
    const carried = peers.carry(
      { id: this.#id, address },
      {
        get bufferedBytes() {
          return webSocket.bufferedAmount
        },
        sendFrame: (message) => {
          if (webSocket.readyState === webSocket.OPEN) webSocket.send(message)
        },
        sendControl: (text) => this.send({ type: 'control', text }),
        ended: () => {
          if (this.#carried !== carried) return
          this.#carried = undefined
          this.#refuse('peer-failed', 'The server has ended this connection.')
        },
      },
    )
    this.#carried = carried
    this.#hasCarried = true
    this.send({ type: 'carrying', peer: carried.peer })
    carried.start()
  }

  #uncarry(): void {
    const carried = this.#carried
    this.#carried = undefined
    if (carried !== undefined) this.#options.peers.close(carried.peer)
  }

  #onFailure(error: unknown): void {
    if (error instanceof PeerRefusal) {
      this.#refuse(error.code, error.message)
      return
    }
    this.#options.log.info(`signaling ${this.#id}: ${error instanceof Error ? error.message : String(error)}`)
    this.#refuse('internal', 'Something went wrong in the server; its log says what.')
  }
}

function bytesOf(data: RawData): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data)
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data
}

function parse(text: string): FromViewer | undefined {
  try {
    return fromViewer.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}
