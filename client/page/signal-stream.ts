// Signaling without a WebSocket: one endless response to read, and a request for what there is to say (stream-envelope.ts).
// For browsers and proxies whose WebSocket never opens or swallows what it is told.

import { unpackFrame } from '../../signaling/media-envelope.ts'
import type { FromViewer } from '../../signaling/messages.ts'
import { DownReader } from '../../signaling/stream-envelope.ts'
import { parseSignal, type SignalSocketOptions } from './signal-socket.ts'

/** Has the face of a `SignalSocket`; opens at once, and is not opened again. */
export class SignalStream {
  readonly #options: SignalSocketOptions
  readonly #abort = new AbortController()
  #name: string | undefined
  #texts: string[] = []
  #ack: number | undefined
  #posting = false

  constructor(options: SignalSocketOptions) {
    this.#options = options
    void this.#read().finally(() => {
      if (this.#abort.signal.aborted) return
      this.#abort.abort()
      options.onClosed()
    })
  }

  /** Says something once the stream is open. */
  send(message: FromViewer): void {
    if (this.#abort.signal.aborted) return
    this.#texts.push(JSON.stringify(message))
    void this.#post()
  }

  close(): void {
    this.#abort.abort()
  }

  /** Ends when the stream does, for whatever reason. */
  async #read(): Promise<void> {
    try {
      const response = await fetch('/api/signal', { signal: this.#abort.signal, cache: 'no-store' })
      const reader = response.ok ? response.body?.getReader() : undefined
      this.#name = response.headers.get('x-stream') ?? undefined
      if (reader === undefined || this.#name === undefined) return
      void this.#post()
      const cut = new DownReader()
      for (;;) {
        const { done, value } = await reader.read()
        const messages = done ? undefined : cut.push(value)
        if (messages === undefined) return
        for (const message of messages) this.#hear(message)
      }
    } catch {
      // Cut off: whoever owns this hears of it from `finally`.
    }
  }

  #hear(message: string | Uint8Array): void {
    if (this.#abort.signal.aborted) return
    if (typeof message === 'string') {
      const parsed = parseSignal(message)
      if (parsed !== undefined) this.#options.onMessage(parsed)
      return
    }
    const frame = unpackFrame(message)
    if (frame === undefined) return
    this.#ack = frame.number
    void this.#post()
    this.#options.onFrame(frame.slices)
  }

  /** One request at a time: what is said meanwhile goes with the next, and of acknowledgements the latest tells all. */
  async #post(): Promise<void> {
    if (this.#posting || this.#name === undefined) return
    this.#posting = true
    try {
      while (!this.#abort.signal.aborted && (this.#texts.length > 0 || this.#ack !== undefined)) {
        const words = { stream: this.#name, texts: this.#texts.splice(0, 64), ack: this.#ack }
        this.#ack = undefined
        const response = await fetch('/api/signal', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(words),
          signal: this.#abort.signal,
        })
        if (!response.ok) throw new Error(`${response.status}`)
      }
    } catch {
      if (!this.#abort.signal.aborted) {
        this.#abort.abort()
        this.#options.onClosed()
      }
    }
    this.#posting = false
  }
}
