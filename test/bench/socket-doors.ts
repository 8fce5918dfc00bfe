// WebSockets for the stacks of the transport bench that go over TCP: each viewer gets an address of its own.

import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'

export class SocketDoors {
  readonly #server: Promise<WebSocketServer>
  readonly #expected = new Map<string, (socket: WebSocket) => void>()
  #made = 0

  constructor() {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false })
    server.on('connection', (socket, request) => this.#expected.get(request.url ?? '')?.(socket))
    this.#server = new Promise((resolve) => server.once('listening', () => resolve(server)))
  }

  /** Where the next viewer is to connect; `connected` is called when it has. */
  async next(connected: (socket: WebSocket) => void): Promise<string> {
    this.#made += 1
    const path = `/${this.#made}`
    this.#expected.set(path, connected)
    const { port } = (await this.#server).address() as AddressInfo
    return `ws://127.0.0.1:${port}${path}`
  }
}
