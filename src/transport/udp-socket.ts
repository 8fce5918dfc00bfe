// Binds werift's UDP sockets and keeps their errors from ending the process.
//
// Trap: werift's UdpTransport never listens for 'error'. A bind that fails (no such address, no more file descriptors), or
// a datagram towards a network that is gone, is then an uncaught exception, and `init()` waits for 'listening' for ever.
// It also tries the ports of a range with a probe that binds and closes before the socket itself binds. Here the socket
// binds itself, port after port, and errors of a bound socket are dropped like the lost packets they are.
//
// And it is another socket than werift's: one that takes an address for what it is. Node's own asks the resolver about every
// datagram's address and sends in a later turn, even where the address is one already; that was two thirds of what a
// datagram cost beside the system call.

import dgram, { type Socket, type SocketType } from 'node:dgram'
import { lookup } from 'node:dns'
import { isIP } from 'node:net'
import { type UdpInside, werift } from './werift.ts'

let installed = false
let nextOffset = 0

/** Repairs the class once for the process; every peer of this process is ours. */
export function installUdpRepair(): void {
  if (installed) return
  installed = true
  const prototype = werift.UdpTransport.prototype as unknown as UdpInside
  prototype.init = async function init(this: UdpInside): Promise<void> {
    this.socket = directSocket(this.socket, this.socketType)
    const { portRange, interfaceAddresses } = this.options
    const address = interfaceAddresses?.[this.socketType]
    try {
      if (portRange === undefined) await bind(this.socket, 0, address)
      else await bindWithin(this.socket, portRange, address)
    } catch (error) {
      this.closed = true
      this.socket.close()
      throw error
    }
    this.socket.on('error', () => {})
  }
}

type Answer = (error: NodeJS.ErrnoException | null, address: string, family: number) => void

/** Names are looked up as ever, addresses are what they are. */
function resolve(host: string, family: number, answer: Answer): void {
  if (isIP(host) === 0) lookup(host, family, answer)
  else answer(null, host, family)
}

/** Takes the place of a socket that was made and not used yet. */
function directSocket(unused: Socket, type: SocketType): Socket {
  // The types speak of options where dgram hands over the family.
  const socket = dgram.createSocket({ type, lookup: resolve as unknown as typeof lookup })
  for (const listener of unused.listeners('message')) socket.on('message', listener as () => void)
  unused.close()
  return socket
}

/** Starts at a different port each time, so that a port just given back rests before it is used again. */
async function bindWithin(socket: Socket, [low, high]: [number, number], address: string | undefined) {
  const count = high - low + 1
  const start = nextOffset++
  for (let i = 0; i < count; i += 1) {
    try {
      return await bind(socket, low + ((start + i) % count), address)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    }
  }
  throw new Error(`every UDP port of ${low}-${high} is taken`)
}

function bind(socket: Socket, port: number, address: string | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: Error) => {
      socket.off('error', settle)
      socket.off('listening', settle)
      if (error) reject(error)
      else resolve()
    }
    socket.once('error', settle)
    socket.once('listening', settle)
    socket.bind({ port, ...(address === undefined ? {} : { address }) })
  })
}
