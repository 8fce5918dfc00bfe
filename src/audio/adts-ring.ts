// The last half minute of sound, frame by frame: ffmpeg's ADTS pipe fills it, every /audio response reads from it at
// its own place. It never blocks the writer; who falls behind by more than it holds is told so.

import { ADTS_HEADER_BYTES, adtsFrameBytes, SAMPLE_RATE, SAMPLES_PER_FRAME } from './adts-frame.ts'

/** Frame k is the k-th of the epoch. */
export class AdtsRing {
  readonly capacity: number
  readonly #frames: (Uint8Array | undefined)[]
  readonly #listeners = new Set<() => void>()
  #first = 0
  #next = 0
  #ended = false
  #rest = new Uint8Array(0)
  #skippedBytes = 0

  /** `seconds` of sound are kept. At 128 kbit/s half a minute is 0.5 MB. */
  constructor({ seconds = 40 }: { seconds?: number } = {}) {
    this.capacity = Math.ceil((seconds * SAMPLE_RATE) / SAMPLES_PER_FRAME)
    this.#frames = new Array(this.capacity)
  }

  /** Index of the oldest frame kept. */
  get first(): number {
    return this.#first
  }

  /** Index the next frame to arrive will have. */
  get next(): number {
    return this.#next
  }

  /** No frame will be added. */
  get ended(): boolean {
    return this.#ended
  }

  /** Bytes that were no part of any frame. */
  get skippedBytes(): number {
    return this.#skippedBytes
  }

  /** Takes the next bytes of an ADTS stream, wherever it is cut; bytes that are no frame are skipped and counted. */
  push(bytes: Uint8Array): void {
    if (this.#ended) return
    const stream = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes])
    const before = this.#next
    let at = 0
    while (stream.length - at >= ADTS_HEADER_BYTES) {
      const length = adtsFrameBytes(stream, at)
      if (length === undefined || !this.#startsFrameOrEnd(stream, at + length)) {
        at += 1
        this.#skippedBytes += 1
        continue
      }
      if (at + length > stream.length) break
      // A copy: a view would keep the whole 64 KiB chunk of the pipe alive for one frame of 350 bytes.
      this.#add(new Uint8Array(stream.subarray(at, at + length)))
      at += length
    }
    // Never more than one frame: a longer wait for the end of one would have found it.
    this.#rest = new Uint8Array(stream.subarray(at))
    if (this.#next !== before) this.#tell()
  }

  /** All frames from index `from` on (none, when they have yet to come), or 'gone' when the ring has moved past it. */
  read(from: number): Uint8Array[] | 'gone' {
    if (from < this.#first) return 'gone'
    const frames: Uint8Array[] = []
    for (let index = from; index < this.#next; index++) {
      frames.push(this.#frames[index % this.capacity] as Uint8Array)
    }
    return frames
  }

  /** The stream has ended; readers finish what there is. */
  end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#tell()
  }

  /** Calls back when frames have come or the end has; returns the way to leave. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #add(frame: Uint8Array): void {
    this.#frames[this.#next % this.capacity] = frame
    this.#next += 1
    if (this.#next - this.#first > this.capacity) this.#first = this.#next - this.capacity
  }

  /** A sync word inside a payload is told from a header by what stands where the next frame should start. */
  #startsFrameOrEnd(stream: Uint8Array, at: number): boolean {
    return stream.length - at < ADTS_HEADER_BYTES || adtsFrameBytes(stream, at) !== undefined
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }
}
