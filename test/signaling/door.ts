// A signaling door on a real HTTP server with real sockets, and a page's end of it.

import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { performance } from 'node:perf_hooks'
import { WebSocket } from 'ws'
import type { FromServer, SessionStatus } from '../../signaling/messages.ts'
import type { PeerHost } from '../../signaling/negotiation.ts'
import { PinGate } from '../../signaling/pin-gate.ts'
import { SignalingServer, type SignalingServerOptions } from '../../signaling/server.ts'
import { TicketOffice } from '../../signaling/tickets.ts'

export const PIN = '482913'

export const STATUS: SessionStatus = {
  state: 'idle',
  session_id: null,
  title: '',
  is_live: false,
  preset: 'low',
  duration: null,
  position: null,
  seekable: false,
  behind_live: null,
  viewers: 0,
}

export type Door = {
  server: Server
  signaling: SignalingServer
  tickets: TicketOffice
  url: string
  close(): Promise<void>
}

/** Opens a door for these peers; a request with `x-cookie: yes` counts as signed in. */
export async function openDoor(
  peers: PeerHost,
  options: Partial<SignalingServerOptions> = {},
): Promise<Door> {
  const server = createServer((_request, response) => response.writeHead(404).end())
  const tickets = new TicketOffice()
  const signaling = new SignalingServer({
    gate: new PinGate({ pin: PIN }),
    tickets,
    isAuthenticated: (request: IncomingMessage) => request.headers['x-cookie'] === 'yes',
    addressOf: (request) => request.socket.remoteAddress ?? '',
    allowOrigin: (request) => request.headers.origin !== 'http://evil.example',
    peers,
    status: () => STATUS,
    now: () => performance.now(),
    log: { info: () => {}, debug: () => {} },
    ...options,
  })
  signaling.attach(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    server,
    signaling,
    tickets,
    url: `ws://127.0.0.1:${port}/signal`,
    close: async () => {
      await signaling.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** A page's socket: what came in, in order, and how it was closed. */
export class Page {
  readonly socket: WebSocket
  readonly messages: FromServer[] = []
  readonly binary: Buffer[] = []
  closed: { code: number } | undefined
  /** HTTP status when the upgrade was refused. */
  status: number | undefined
  #wasOpen = false
  readonly #wake: (() => void)[] = []

  constructor(url: string, headers: Record<string, string> = {}) {
    this.socket = new WebSocket(url, { headers })
    this.socket.on('open', () => {
      this.#wasOpen = true
      this.#changed()
    })
    this.socket.on('message', (data, isBinary) => {
      if (isBinary) this.binary.push(data as Buffer)
      else this.messages.push(JSON.parse(data.toString()) as FromServer)
      this.#changed()
    })
    this.socket.on('unexpected-response', (request, response) => {
      this.status = response.statusCode
      request.destroy()
      this.#changed()
    })
    this.socket.on('close', (code) => {
      this.closed = { code }
      this.#changed()
    })
    this.socket.on('error', () => this.#changed())
  }

  async until(condition: () => boolean, deadlineMs = 10_000): Promise<void> {
    const end = performance.now() + deadlineMs
    while (!condition()) {
      const left = end - performance.now()
      if (left <= 0) throw new Error(`it never happened; got ${JSON.stringify(this.messages)}`)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(left, 50))
        this.#wake.push(() => {
          clearTimeout(timer)
          resolve()
        })
      })
    }
  }

  /** Waits for the first message of a type. */
  async next<T extends FromServer['type']>(type: T): Promise<Extract<FromServer, { type: T }>> {
    const find = () => this.messages.find((message) => message.type === type)
    await this.until(() => find() !== undefined)
    return find() as Extract<FromServer, { type: T }>
  }

  /** Resolves also for one that was closed again at once. */
  async opened(): Promise<this> {
    await this.until(() => this.#wasOpen)
    return this
  }

  send(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message))
  }

  close(): void {
    this.socket.terminate()
  }

  #changed(): void {
    for (const wake of this.#wake.splice(0)) wake()
  }
}
