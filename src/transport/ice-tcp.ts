// A viewer's way in over TCP, for networks that let no UDP through: one more protocol for its ICE agent, whose connections come
// from the one port of ice-tcp-port.ts and whose packets pass the same guard as datagrams do.

import type { Socket } from 'node:net'
import type { IceTcpPort } from './ice-tcp-port.ts'
import type { TcpFrames } from './tcp-frames.ts'
import { type Endpoint, type Insides, type StunInside, type TcpInside, werift } from './werift.ts'

/** UDP is tried first: it is better, and whoever comes over TCP may be about to come over UDP. */
const HEAD_START_MS = 400
/** Connections of one viewer: one for each of its interfaces. */
const MAX_CONNECTIONS = 8

/** What is known of each connection, in werift's words. */
type Entry = { socket: Socket; remoteAddr: Endpoint; buffer: Buffer }

/** Lets this peer be reached over the port; returns the way to end that. To be called after the guard is up. */
export function admitTcp(insides: Insides, port: IceTcpPort): () => void {
  const { ice } = insides
  const protocol = new werift.TcpPassiveProtocol() as unknown as TcpInside
  protocol.localIp = 'tcp'
  protocol.localCandidate = new werift.Candidate(
    'tcp',
    1,
    'tcp',
    0,
    '0.0.0.0',
    port.port,
    'host',
    undefined,
    undefined,
    'passive',
  )
  ice.ensureProtocol(protocol as unknown as StunInside)
  ice.protocols.push(protocol as unknown as StunInside)
  let connections = 0
  const waiting = new Set<Socket>()
  const read = (entry: Entry, whole: readonly Buffer[] | undefined) => {
    if (whole === undefined) entry.socket.destroy()
    else for (const frame of whole) protocol.handleFrame(frame, entry.remoteAddr)
  }
  const takeOver = (socket: Socket, from: Endpoint, frames: TcpFrames, first: readonly Buffer[]) => {
    if (connections >= MAX_CONNECTIONS) {
      socket.destroy()
      return
    }
    connections += 1
    const entry: Entry = { socket, remoteAddr: from, buffer: Buffer.alloc(0) }
    socket.on('close', () => {
      connections -= 1
      waiting.delete(socket)
      if (protocol.forgetSocket(entry)) protocol.onConnectionClosed.execute(from)
    })
    const begin = () => {
      if (!waiting.delete(socket)) return
      if (ice.nominated !== undefined) {
        socket.destroy()
        return
      }
      protocol.rememberSocket(entry)
      socket.on('data', (bytes) => read(entry, frames.push(bytes)))
      read(entry, first)
    }
    waiting.add(socket)
    socket.pause()
    setTimeout(() => {
      begin()
      socket.resume()
    }, HEAD_START_MS).unref()
  }
  const leave = port.enrol(ice.localUsername, takeOver)
  return () => {
    leave()
    // The others are werift's by now, which says goodbye on them first.
    for (const socket of [...waiting]) socket.destroy()
    waiting.clear()
  }
}
