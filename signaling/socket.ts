// One signaling socket: from the first word to the last, with a limit on everything that comes in.

import type { RawData, WebSocket } from 'ws'
import type { ErrorCode } from './error-codes.ts'
import {
  type FromServer,
  type FromViewer,
  fromViewer,
  MAX_SIGNALING_BYTES,
  type SessionStatus,
} from './messages.ts'
import { type PeerHost, PeerRefusal } from './negotiation.ts'
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
/** Each join costs the server 30 ms of key exchange. */
const JOIN_RATE = { burst: 6, perSecond: 0.5 }
/** What a page is told to wait at least when it joins while a join is under way. */
const MIN_REJOIN_MS = 500
/** A socket that does not read is cut rather than remembered for. */
const MAX_BUFFERED_BYTES = 1024 * 1024
/** After a close frame the other end has this long to answer it. */
const LINGER_MS = 500

export type SignalingSocketOptions = {
  webSocket: WebSocket
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
  readonly #webSocket: WebSocket
  readonly #id = String(nextId++)
  readonly #messages: TokenBucket
  readonly #joins: TokenBucket
  readonly #ended: Promise<void>
  #authenticated = false
  #authenticationTimer: NodeJS.Timeout | undefined
  #answered = true
  /** The peer of the latest join. */
  #peer: string | undefined
  #joining = false
  #closing = false

  constructor(options: SignalingSocketOptions) {
    this.#options = options
    this.#webSocket = options.webSocket
    this.#messages = new TokenBucket(MESSAGE_RATE, options.now())
    this.#joins = new TokenBucket(JOIN_RATE, options.now())
    this.#ended = new Promise((resolve) => {
      this.#webSocket.on('close', () => {
        clearTimeout(this.#authenticationTimer)
        this.#closing = true
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
    if (!this.#messages.take(this.#options.now())) {
      this.#refuse('bad-request', 'Too many messages.', CLOSE.flood)
      return
    }
    if (isBinary) {
      this.#refuse('bad-request', 'Only text is understood here.', CLOSE.binary)
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
        if (message.peer === this.#peer) await peers.answer(message.peer, message.sdp)
        else throw new PeerRefusal('bad-request', 'This answer is for another connection.')
        break
      case 'candidate':
        if (message.peer === this.#peer) peers.candidate(message.peer, message.candidate)
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
      if (this.#peer !== undefined) peers.close(this.#peer)
      this.#peer = undefined
      const { peer, sdp } = await peers.open({ id: this.#id, address })
      if (this.#closing) {
        peers.close(peer)
        return
      }
      this.#peer = peer
      this.send({ type: 'offer', peer, sdp })
    } finally {
      this.#joining = false
    }
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

function parse(text: string): FromViewer | undefined {
  try {
    return fromViewer.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}
