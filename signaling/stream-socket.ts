// The server's end of signaling over plain HTTP (stream-envelope.ts), with the face of a WebSocket, so that nothing behind it
// knows the difference.

import { EventEmitter } from 'node:events'
import type { ServerResponse } from 'node:http'
import { packAck } from './media-envelope.ts'
import { packDown, type StreamWords } from './stream-envelope.ts'

const OPEN = 1
const CLOSED = 3

export class StreamSocket extends EventEmitter {
  readonly OPEN = OPEN
  readyState = OPEN
  readonly #response: ServerResponse

  /** Takes the response over: its head names the stream, for the requests that come up. */
  constructor(response: ServerResponse, name: string) {
    super()
    this.#response = response
    response.writeHead(200, {
      'content-type': 'application/octet-stream',
      'cache-control': 'no-store',
      // Or some proxies would wait for the end, which never comes.
      'x-accel-buffering': 'no',
      'x-stream': name,
    })
    response.flushHeaders()
    response.on('error', () => {})
    response.once('close', () => {
      this.readyState = CLOSED
      this.emit('close')
    })
  }

  /** Bytes that wait in our own memory. */
  get bufferedAmount(): number {
    return this.#response.writableLength
  }

  send(message: string | Uint8Array): void {
    if (this.readyState === OPEN) this.#response.write(packDown(message))
  }

  /** Nobody answers on a response: what the kernel has taken counts as heard, and a dead connection it takes no more of. */
  ping(): void {
    if (this.readyState === OPEN) this.#response.write(packDown(''), () => this.emit('pong'))
  }

  /** What the page has said in a request. */
  receive({ texts, ack }: Pick<StreamWords, 'texts' | 'ack'>): void {
    if (ack !== undefined) this.emit('message', Buffer.from(packAck(ack)), true)
    for (const text of texts) this.emit('message', Buffer.from(text), false)
  }

  close(): void {
    this.#response.end()
  }

  terminate(): void {
    this.#response.destroy()
  }
}
