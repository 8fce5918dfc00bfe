// The signaling door: a WebSocket on the HTTP server's port. It finds out who comes, tells them how the session stands,
// and carries one offer, one answer and candidates. Nothing of a viewer's media goes through here, so a socket may close
// (old car firmware drops it after the first exchange) while the picture goes on.

import { randomBytes } from 'node:crypto'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { FromServer, SessionStatus } from './messages.ts'
import { MAX_SIGNALING_BYTES } from './messages.ts'
import { type PeerHost, PeerRefusal } from './negotiation.ts'
import type { PinGate } from './pin-gate.ts'
import { refuseUpgrade } from './refuse-upgrade.ts'
import { type MessageSocket, SignalingSocket } from './socket.ts'
import type { StreamWords } from './stream-envelope.ts'
import { StreamSocket } from './stream-socket.ts'
import type { TicketOffice } from './tickets.ts'

export type SignalingServerOptions = {
  path?: string
  gate: PinGate
  tickets: TicketOffice
  /** True when the request carries a valid cookie. */
  isAuthenticated(request: IncomingMessage): boolean
  /** The client's IP address; knows about trusted proxies. */
  addressOf(request: IncomingMessage): string
  /** False for a page of another site: browsers send cookies along with its sockets too. */
  allowOrigin(request: IncomingMessage): boolean
  peers: PeerHost
  status(): SessionStatus
  /** Monotonic milliseconds. */
  now(): number
  log: { info(message: string): void; debug(message: string): void }
  /** Sockets at once, authenticated or not; one more is answered with 503. */
  maxSockets?: number
  /** How long a socket may stay without having proved itself. */
  authenticationMs?: number
  /** A ping each; a socket that has not answered the last one is cut. */
  heartbeatMs?: number
}

export class SignalingServer {
  readonly #options: SignalingServerOptions
  readonly #path: string
  readonly #maxSockets: number
  readonly #sockets = new Set<SignalingSocket>()
  readonly #streams = new Map<string, StreamSocket>()
  readonly #webSockets: WebSocketServer
  readonly #heartbeat: NodeJS.Timeout
  #server: Server | undefined
  #closed = false

  constructor(options: SignalingServerOptions) {
    this.#options = options
    this.#path = options.path ?? '/signal'
    this.#maxSockets = options.maxSockets ?? 256
    this.#webSockets = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      // Compression delayed messages by up to 1.6 s upstream (FACTS C1), and buys nothing for a few of them.
      perMessageDeflate: false,
      // Somewhat above the limit, so that a message just over it can be refused in words.
      maxPayload: 2 * MAX_SIGNALING_BYTES,
    })
    this.#heartbeat = setInterval(() => {
      for (const socket of [...this.#sockets]) socket.beat()
    }, options.heartbeatMs ?? 15_000)
    this.#heartbeat.unref()
  }

  /** Sockets that are open now. */
  get size(): number {
    return this.#sockets.size
  }

  /** Answers upgrades of this server on its path. */
  attach(server: Server): void {
    this.#server = server
    server.on('upgrade', this.#onUpgrade)
  }

  /**
   * Signaling over a response that never ends, for a viewer whose WebSocket is of no use and who has shown the cookie.
   * Throws `too-many-viewers`.
   */
  stream(response: ServerResponse, address: string): void {
    if (this.#closed || this.#sockets.size >= this.#maxSockets)
      throw new PeerRefusal('too-many-viewers', 'Too many connections; try again later.')
    const name = randomBytes(16).toString('hex')
    const socket = new StreamSocket(response, name)
    this.#streams.set(name, socket)
    socket.on('close', () => this.#streams.delete(name))
    this.#admit(socket, { address, authenticated: true })
  }

  /** What such a viewer says. False when there is no such stream. */
  hear({ stream, ...words }: StreamWords): boolean {
    const socket = this.#streams.get(stream)
    socket?.receive(words)
    return socket !== undefined
  }

  /** Tells every authenticated viewer. */
  broadcast(message: FromServer): void {
    for (const socket of this.#sockets) if (socket.authenticated) socket.send(message)
  }

  /** Closes every socket with 1001 and stops answering upgrades. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#server?.off('upgrade', this.#onUpgrade)
    clearInterval(this.#heartbeat)
    await Promise.all([...this.#sockets].map((socket) => socket.close(1001, 'The server is stopping.')))
    this.#webSockets.close()
  }

  #admit(webSocket: MessageSocket, who: { address: string; authenticated: boolean }): void {
    const socket = new SignalingSocket({
      ...this.#options,
      ...who,
      webSocket,
      authenticationMs: this.#options.authenticationMs ?? 10_000,
      onClosed: () => this.#sockets.delete(socket),
    })
    this.#sockets.add(socket)
    socket.start()
  }

  readonly #onUpgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    // A stream nobody listens to takes the process down when its other end resets it.
    stream.on('error', () => {})
    if (request.url?.split('?')[0] !== this.#path) {
      if (this.#server?.listenerCount('upgrade') === 1)
        refuseUpgrade(stream, 404, 'not-found', 'There is nothing here.')
      return
    }
    if (!this.#options.allowOrigin(request)) {
      refuseUpgrade(stream, 403, 'origin-refused', 'This request came from another site.')
      return
    }
    if (this.#closed || this.#sockets.size >= this.#maxSockets) {
      refuseUpgrade(stream, 503, 'too-many-viewers', 'Too many connections; try again later.')
      return
    }
    this.#webSockets.handleUpgrade(request, stream, head, (webSocket) => {
      this.#admit(webSocket, {
        address: this.#options.addressOf(request),
        authenticated: this.#options.isAuthenticated(request),
      })
    })
  }
}
