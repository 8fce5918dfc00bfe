// The signaling socket as the page sees it: messages in and out, checked, and the frames it carries when nothing else does.

import { packAck, unpackFrame } from '../../signaling/media-envelope.ts'
import {
  type FromServer,
  type FromViewer,
  fromServer,
  MAX_SIGNALING_BYTES,
} from '../../signaling/messages.ts'

export type SignalSocketOptions = {
  onMessage: (message: FromServer) => void
  /** The slices of one carried frame; it has been acknowledged. */
  onFrame: (slices: readonly Uint8Array[]) => void
  /** Not called after `close()`. */
  onClosed: () => void
}

/** One socket; opens at once, and is not opened again. */
export class SignalSocket {
  readonly #socket: WebSocket
  #closed = false

  constructor(options: SignalSocketOptions) {
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
    const socket = new WebSocket(`${scheme}://${location.host}/signal`)
    this.#socket = socket
    socket.binaryType = 'arraybuffer'
    socket.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (this.#closed) return
      if (typeof data === 'string') {
        const message = parseSignal(data)
        if (message !== undefined) options.onMessage(message)
      } else if (data instanceof ArrayBuffer) {
        const frame = unpackFrame(new Uint8Array(data))
        if (frame === undefined) return
        socket.send(packAck(frame.number))
        options.onFrame(frame.slices)
      }
    }
    socket.onclose = () => {
      if (this.#closed) return
      this.#closed = true
      options.onClosed()
    }
  }

  /** Says something if the socket is open, else forgets it. */
  send(message: FromViewer): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message))
  }

  close(): void {
    this.#closed = true
    this.#socket.close()
  }
}

/** What the server has said; undefined when it makes no sense. */
export function parseSignal(text: string): FromServer | undefined {
  if (text.length > MAX_SIGNALING_BYTES) return undefined
  try {
    return fromServer.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
