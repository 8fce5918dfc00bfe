// A viewer's end of a socket that carries its frames, with the same face as a headless WebRTC peer.

import { WebSocket } from 'ws'
import { packAck, unpackFrame } from '../../signaling/media-envelope.ts'

export class SocketEnd {
  #socket: WebSocket | undefined
  #onFrames: (message: Uint8Array) => void = () => {}
  #onControl: (text: string) => void = () => {}
  #onOpen: () => void = () => {}
  #onClosed: () => void = () => {}

  /** With `acks` each frame is acknowledged, as the page does it. */
  connect(url: string, { acks }: { acks: boolean }): void {
    const socket = new WebSocket(url, { perMessageDeflate: false })
    this.#socket = socket
    socket.on('open', () => this.#onOpen())
    socket.on('close', () => this.#onClosed())
    socket.on('error', () => {})
    socket.on('message', (data: Buffer, isBinary) => {
      if (!isBinary) {
        this.#onControl(data.toString())
        return
      }
      const frame = unpackFrame(new Uint8Array(data))
      if (frame === undefined) return
      for (const slice of frame.slices) this.#onFrames(slice)
      if (acks) socket.send(packAck(frame.number))
    })
  }

  onFrames(listener: (message: Uint8Array) => void): void {
    this.#onFrames = listener
  }

  onControl(listener: (text: string) => void): void {
    this.#onControl = listener
  }

  onOpen(listener: () => void): void {
    this.#onOpen = listener
  }

  onClosed(listener: () => void): void {
    this.#onClosed = listener
  }

  sendControl(text: string): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false
    this.#socket.send(text)
    return true
  }

  /** TCP loses nothing: there is nothing to ask for. */
  sendFleeting(): boolean {
    return false
  }

  close(): void {
    this.#socket?.terminate()
  }
}
