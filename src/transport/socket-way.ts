// Carries a viewer's frames and control messages over its signaling socket, for networks and tunnels without UDP. The same
// slices as over WebRTC, one message per frame; drop-late is the gate's, as everywhere, and TCP never has much to hold back.

import { packFrame, unpackAck } from '../../signaling/media-envelope.ts'
import type { MediaSocket } from '../../signaling/negotiation.ts'
import type { LocalTime } from '../../vendor/asciline/index.ts'
import type { PeerEvents } from './peer.ts'
import { SocketPath } from './socket-path.ts'
import type { Way } from './way.ts'

/** Unsent bytes in our own memory beyond which the viewer is given up: the gate stops long before. */
const MAX_BUFFERED_BYTES = 512 * 1024

export type SocketWayOptions = {
  socket: MediaSocket
  events: PeerEvents
  now: () => LocalTime
}

export class SocketWay implements Way {
  readonly path = new SocketPath()
  readonly #options: SocketWayOptions
  #open = false

  constructor(options: SocketWayOptions) {
    this.#options = options
  }

  get open(): boolean {
    return this.#open
  }

  /** The socket is open already: there is nothing to negotiate. */
  start(): void {
    this.#open = true
    this.#options.events.open()
  }

  /** A message of the page: text is control, bytes acknowledge. */
  receive(message: string | Uint8Array): void {
    if (!this.#open) return
    const { events, now } = this.#options
    if (typeof message === 'string') {
      events.control(message)
      return
    }
    const number = unpackAck(message)
    if (number === undefined) events.frame(message)
    else if (this.path.ack(number, now())) events.acked()
  }

  sendFrames(slices: readonly Uint8Array[]): boolean {
    const { socket, now } = this.#options
    if (!this.#open || socket.bufferedBytes > MAX_BUFFERED_BYTES) return false
    const message = packFrame(this.path.nextNumber, slices)
    if (!this.path.push(message.length, now())) return false
    socket.sendFrame(message)
    return true
  }

  sendControl(text: string): boolean {
    const { socket } = this.#options
    if (!this.#open || socket.bufferedBytes > MAX_BUFFERED_BYTES) return false
    socket.sendControl(text)
    return true
  }

  close(): void {
    if (!this.#open) return
    this.#open = false
    this.#options.events.closed('closed')
  }
}
