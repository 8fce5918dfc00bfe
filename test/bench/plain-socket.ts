// Plain `ws`: one binary message per frame over TCP, sent whatever waits already.

import type { RawData } from 'ws'
import { packFrame } from '../../signaling/media-envelope.ts'
import type { PlainEvents, PlainPeer } from './plain-audience.ts'
import { SocketDoors } from './socket-doors.ts'

/** Opens plain sockets, all on one port. */
export function plainSockets(): (events: PlainEvents) => Promise<PlainPeer> {
  const doors = new SocketDoors()
  return async (events) => {
    let send: (message: string | Uint8Array) => void = () => {}
    let number = 0
    const socket = await doors.next((connected) => {
      send = (message) => connected.send(message)
      connected.on('message', (data: RawData, isBinary) => {
        if (!isBinary) events.control(data.toString())
      })
      events.open()
    })
    return {
      sdp: '',
      socket,
      answer: async () => {},
      sendFrame: (slices) => send(packFrame(number++, slices)),
      sendControl: (text) => send(text),
    }
  }
}
