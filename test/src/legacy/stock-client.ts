// A stock ASCILINE client as far as the wire goes, written from the description of the format and not from our packers.

import { inflateSync } from 'node:zlib'
import { WebSocket } from 'ws'

export type StockInit = { fps: number; mode: number; cols: number; rows: number; pixel: boolean }

export type StockFrame = {
  index: number
  /** Codec tag of an adaptive frame. */
  tag?: number
  /** The cells as they are on the screen after this frame; empty in mode 1. */
  cells: Buffer
  /** Rows of glyphs in mode 1. */
  text: string[]
}

/** Collects what arrives; `frames` are decoded in order, each on top of the one before. */
export class StockClient {
  readonly inits: StockInit[] = []
  readonly frames: StockFrame[] = []
  readonly #socket: WebSocket
  readonly #adaptive: boolean
  #screen: Buffer = Buffer.alloc(0)
  #wake: () => void = () => {}
  #failure: Error | undefined

  constructor(url: string, headers: Record<string, string> = {}) {
    this.#adaptive = /[?&]codec=adaptive/.test(url) && !/[?&](pixel=1|mode=1)/.test(url)
    this.#socket = new WebSocket(url, { headers })
    this.#socket.on('error', (error) => this.#fail(error))
    this.#socket.on('message', (data: Buffer, binary) => {
      try {
        if (binary) this.#onBinary(data)
        else this.#onText(data.toString())
      } catch (error) {
        this.#fail(error as Error)
      }
      this.#wake()
    })
  }

  get extensions(): string {
    return this.#socket.extensions
  }

  /** Resolves when `done` holds; rejects with what the socket or the decoding failed with. */
  async until(done: (client: StockClient) => boolean): Promise<void> {
    while (!done(this)) {
      if (this.#failure !== undefined) throw this.#failure
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  send(text: string): void {
    this.#socket.send(text)
  }

  /** Stops and goes on taking bytes off the connection. */
  stall(yes: boolean): void {
    if (yes) this.#socket.pause()
    else this.#socket.resume()
  }

  close(): void {
    this.#socket.terminate()
  }

  #fail(error: Error): void {
    this.#failure ??= error
    this.#wake()
  }

  #onText(text: string): void {
    if (text.startsWith('INIT:')) {
      const [fps, mode, cols, rows, pixel] = text.split(':').slice(1).map(Number)
      this.inits.push({ fps, mode, cols, rows, pixel: pixel === 1 })
      this.#screen = Buffer.alloc(cols * rows * (pixel === 1 ? 3 : 4))
      return
    }
    const [index, ...rows] = text.split('\n')
    this.frames.push({ index: Number(index), cells: Buffer.alloc(0), text: rows })
  }

  #onBinary(data: Buffer): void {
    const index = data.readUInt32BE(0)
    if (!this.#adaptive) {
      if (data.length - 4 !== this.#screen.length) throw new Error(`a raw frame of ${data.length} bytes`)
      this.frames.push({ index, cells: Buffer.from(data.subarray(4)), text: [] })
      return
    }
    const tag = data.readUInt8(4)
    const payload = data.subarray(5)
    if (tag === 0) payload.copy(this.#screen)
    else if (tag === 1) inflateSync(payload).copy(this.#screen)
    else if (tag === 2) this.#patch(inflateSync(payload))
    else if (tag === 3) this.#paintRuns(inflateSync(payload))
    else throw new Error(`tag ${tag}`)
    this.frames.push({ index, tag, cells: Buffer.from(this.#screen), text: [] })
  }

  #paintRuns(runs: Buffer): void {
    let to = 0
    for (let from = 0; from < runs.length; from += 6)
      for (let left = runs.readUInt16LE(from); left > 0; left -= 1, to += 4)
        runs.copy(this.#screen, to, from + 2, from + 6)
    if (to !== this.#screen.length) throw new Error(`runs of ${to / 4} cells`)
  }

  #patch(delta: Buffer): void {
    const count = delta.length / 8
    if (!Number.isInteger(count)) throw new Error(`a delta of ${delta.length} bytes`)
    for (let at = 0; at < count; at += 1) {
      const from = delta.readUInt32LE(at * 4) * 4
      if (from >= this.#screen.length) throw new Error('a cell beyond the grid')
      delta.copy(this.#screen, from, count * 4 + at * 4, count * 4 + at * 4 + 4)
    }
  }
}
