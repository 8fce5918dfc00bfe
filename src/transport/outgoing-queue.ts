// What waits to be sent over one association: messages cut into chunks, those that must arrive before all others.

import {
  FLAG_FIRST,
  FLAG_LAST,
  FLAG_UNORDERED,
  MAX_CHUNK_BYTES,
  type OutgoingChunk,
  type OutgoingMessage,
  outgoingChunk,
} from './outgoing-chunk.ts'

export type OutgoingQueueOptions = {
  /** Bytes that may wait. */
  maxBytes: number
}

export class OutgoingQueue {
  readonly #maxBytes: number
  readonly #reliable: OutgoingChunk[] = []
  readonly #unreliable: OutgoingChunk[] = []
  /** Of the next reliable message, by stream. */
  readonly #sequences = new Map<number, number>()
  #bytes = 0

  constructor({ maxBytes }: OutgoingQueueOptions) {
    this.#maxBytes = maxBytes
  }

  get bytes(): number {
    return this.#bytes
  }

  /** False when it is full. Throws on an unreliable message above one packet (trap 6). */
  push(message: OutgoingMessage): boolean {
    const { bytes, reliable, stream } = message
    if (this.#bytes + bytes.length > this.#maxBytes) return false
    if (!reliable) {
      if (bytes.length > MAX_CHUNK_BYTES)
        throw new RangeError(`a message of ${bytes.length} bytes needs two packets`)
      this.#unreliable.push(outgoingChunk(message, bytes, FLAG_FIRST | FLAG_LAST | FLAG_UNORDERED, 0))
    } else {
      const sequence = this.#sequences.get(stream) ?? 0
      this.#sequences.set(stream, (sequence + 1) & 0xffff)
      for (let from = 0; from < bytes.length; from += MAX_CHUNK_BYTES) {
        const part = bytes.subarray(from, from + MAX_CHUNK_BYTES)
        const first = from === 0 ? FLAG_FIRST : 0
        const last = from + part.length === bytes.length ? FLAG_LAST : 0
        this.#reliable.push(outgoingChunk(message, part, first | last, sequence))
      }
    }
    this.#bytes += bytes.length
    return true
  }

  /** The chunk that leaves next. Control first: its messages are few and small, and the fragments of one must keep consecutive TSNs. */
  get head(): OutgoingChunk | undefined {
    return this.#reliable.length > 0 ? this.#reliable[0] : this.#unreliable[0]
  }

  /** Takes the head out. */
  shift(): void {
    const chunk = this.#reliable.length > 0 ? this.#reliable.shift() : this.#unreliable.shift()
    if (chunk !== undefined) this.#bytes -= chunk.bytes.length
  }
}
