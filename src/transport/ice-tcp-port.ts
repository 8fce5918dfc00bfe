// One TCP port for all viewers (RFC 6544, passive): who connects says with its first packet, a STUN request, to which peer it
// belongs, and is handed over to it. werift's own listener takes a port for each peer and address, keeps any number of
// connections, and hands what they say past the guard that stands before its UDP sockets.

import { createServer, type Server, type Socket } from 'node:net'
import { MAX_FRAME_BYTES, TcpFrames } from './tcp-frames.ts'
import { type Endpoint, werift } from './werift.ts'

/** Connections that have not said yet to whom they belong, and how long they may take. */
const MAX_UNKNOWN = 64
const FIRST_FRAME_MS = 5000
/** Connections at once, handed over ones included. */
const MAX_CONNECTIONS = 512

/** Takes a connection over: the packets that have come, and the stream they came from. */
export type TakeOver = (socket: Socket, from: Endpoint, frames: TcpFrames, first: readonly Buffer[]) => void

export class IceTcpPort {
  readonly #server: Server
  readonly #peers = new Map<string, TakeOver>()
  #unknown = 0

  private constructor(server: Server) {
    this.#server = server
    server.maxConnections = MAX_CONNECTIONS
    server.on('connection', (socket) => this.#onConnection(socket))
  }

  /** Listens on every address. Rejects when the port is taken. */
  static async open(port: number): Promise<IceTcpPort> {
    const server = createServer({ noDelay: true, keepAlive: true })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, () => {
        server.off('error', reject)
        resolve()
      })
    })
    server.on('error', () => {})
    return new IceTcpPort(server)
  }

  get port(): number {
    const address = this.#server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  /** From now on connections for this ICE user name go there; returns the way to end that. */
  enrol(user: string, takeOver: TakeOver): () => void {
    this.#peers.set(user, takeOver)
    return () => this.#peers.delete(user)
  }

  /** Connections that were handed over belong to their peers. */
  close(): void {
    this.#server.close()
  }

  #onConnection(socket: Socket): void {
    socket.on('error', () => {})
    const { remoteAddress, remotePort } = socket
    if (this.#unknown >= MAX_UNKNOWN || remoteAddress === undefined || remotePort === undefined) {
      socket.destroy()
      return
    }
    this.#unknown += 1
    const frames = new TcpFrames()
    const deadline = setTimeout(() => socket.destroy(), FIRST_FRAME_MS)
    const settle = () => {
      this.#unknown -= 1
      clearTimeout(deadline)
      socket.off('data', onData)
      socket.off('close', settle)
    }
    const onData = (bytes: Buffer) => {
      const whole = frames.push(bytes)
      const first = whole?.[0]
      if (whole !== undefined && first === undefined) return
      settle()
      const takeOver = first === undefined ? undefined : this.#peers.get(userOf(first))
      if (takeOver === undefined) socket.destroy()
      else takeOver(socket, [plainAddress(remoteAddress), remotePort], frames, whole ?? [])
    }
    socket.on('data', onData)
    socket.once('close', settle)
  }
}

/** The server's half of the user name in a STUN request; empty when it is none. Whether it is genuine its peer looks at. */
function userOf(frame: Buffer): string {
  if (frame.length < 20 || frame.length > MAX_FRAME_BYTES || frame[0]! > 3) return ''
  const user: unknown = werift.parseMessage(frame)?.getAttributeValue('USERNAME')
  return typeof user === 'string' ? (user.split(':')[0] ?? '') : ''
}

/** IPv4 as itself, where one socket listens for both families. */
const plainAddress = (address: string): string => address.replace(/^::ffff:/, '')
