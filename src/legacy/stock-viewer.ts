// One stock client on its socket: INIT, then frames that count from it, without those its connection is too slow for.

import type { WebSocket } from 'ws'
import { TokenBucket } from '../../signaling/token-bucket.ts'
import { formatStockInit, type StockFormat, writeFrameHeader } from '../../vendor/asciline/index.ts'
import type { StockStream } from './stock-stream.ts'

/** Clients report and command about five times a second; nothing of it is heeded, as one programme is for all. */
const MESSAGE_RATE = { burst: 60, perSecond: 30 }
const CLOSE_FLOOD = 1008
/**
 * Unsent bytes at which a frame is left out: less than a raw frame of HIGH, so that at most one waits behind what the
 * system has taken. Queues upstream grew to seconds of lag; a picture left out is a sixtieth of that.
 */
const MAX_BUFFERED_BYTES = 64 * 1024
const HEADER_BYTES = 4

export type StockViewerOptions = {
  webSocket: WebSocket
  format: StockFormat
  now: () => number
  onClosed: () => void
}

export class StockViewer {
  readonly format: StockFormat
  /** Frames that did not leave because earlier ones had not. */
  dropped = 0
  readonly #webSocket: WebSocket
  /** Index of the broadcast at which the client's own count starts; undefined until the first frame after an INIT. */
  #first: number | undefined
  /** Shows the frame before the next one, so that what changed is enough. */
  #inStep = false
  #answered = true

  constructor({ webSocket, format, now, onClosed }: StockViewerOptions) {
    this.format = format
    this.#webSocket = webSocket
    const messages = new TokenBucket(MESSAGE_RATE, now())
    webSocket.on('close', onClosed)
    // ws closes the socket itself after an error; the event only must not go unheard.
    webSocket.on('error', () => {})
    webSocket.on('pong', () => {
      this.#answered = true
    })
    webSocket.on('message', () => {
      if (!messages.take(now())) webSocket.close(CLOSE_FLOOD, 'Too many messages.')
    })
  }

  /** Announces a grid; the client's count of frames begins anew. */
  init(grid: { fps: number; cols: number; rows: number }): void {
    this.#first = undefined
    this.#inStep = false
    this.#webSocket.send(formatStockInit(this.format, grid))
  }

  /** Sends frame `index` of the broadcast as `stream` has just packed it, unless the socket is behind. */
  send(index: number, stream: StockStream): void {
    if (this.#webSocket.bufferedAmount > MAX_BUFFERED_BYTES) {
      this.dropped += 1
      this.#inStep = false
      return
    }
    const body = this.#inStep ? stream.next : stream.whole
    if (body === undefined) return
    // A client without a sound of ours runs its clock from 0, so it must not be told that it came at minute ten.
    this.#first ??= index
    const frame = index - this.#first
    this.#inStep = true
    if (typeof body === 'string') {
      this.#webSocket.send(`${frame}\n${body}`)
      return
    }
    const message = new Uint8Array(HEADER_BYTES + body.length)
    writeFrameHeader(message, frame)
    message.set(body, HEADER_BYTES)
    this.#webSocket.send(message)
  }

  /** Cuts a client that has not answered the last ping, and pings. */
  beat(): void {
    if (!this.#answered) {
      this.#webSocket.terminate()
      return
    }
    this.#answered = false
    this.#webSocket.ping()
  }

  close(code: number, reason: string): void {
    this.#webSocket.close(code, reason)
  }

  terminate(): void {
    this.#webSocket.terminate()
  }
}
