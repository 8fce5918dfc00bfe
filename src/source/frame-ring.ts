// Decoded frames between ffmpeg, which runs ahead, and the pacer, which does not: a bounded ring, filled from a byte
// stream. When it is full it says so, the pipe is paused, and with it the whole ffmpeg.
//
//   bytes of the pipe   [..frame n..][..frame n+1..][..half of n+2
//   slots               index % capacity, each frameBytes long, allocated once

/** Frame n is the n-th whole frame of the byte stream; it stays readable until it is released. */
export class FrameRing {
  readonly frameBytes: number
  readonly capacity: number
  readonly #slots: Uint8Array[]
  readonly #listeners = new Set<() => void>()
  #oldest = 0
  #next = 0
  #filled = 0
  // More than one piece only when the writer went on in spite of a false: Node resumes a child's pipes when it exits.
  #held: Uint8Array[] = []
  #finished = false
  readonly #onRoom: (() => void) | undefined

  /** `capacity` in frames; two seconds are `2 * fps`. `onRoom` tells that `push` wants more again. */
  constructor({
    frameBytes,
    capacity,
    onRoom,
  }: { frameBytes: number; capacity: number; onRoom?: () => void }) {
    this.frameBytes = frameBytes
    this.capacity = capacity
    this.#onRoom = onRoom
    const memory = new Uint8Array(frameBytes * capacity)
    this.#slots = Array.from({ length: capacity }, (_, slot) =>
      memory.subarray(slot * frameBytes, (slot + 1) * frameBytes),
    )
  }

  /** Index of the newest whole frame, -1 before the first. */
  get newest(): number {
    return this.#next - 1
  }

  /** Index that the newest frame will have once all bytes that have arrived are in their places. */
  get arriving(): number {
    const held = this.#held.reduce((sum, bytes) => sum + bytes.length, this.#filled)
    return this.newest + Math.floor(held / this.frameBytes)
  }

  /** Index of the oldest frame that has not been released. */
  get oldest(): number {
    return this.#oldest
  }

  /** No frame will come after `newest`. */
  get finished(): boolean {
    return this.#finished && this.#held.length === 0
  }

  /** There is room: a silence now is the source's doing, not the reader's. */
  get wantsData(): boolean {
    return !this.#finished && this.#held.length === 0 && !this.#full
  }

  /** Takes the next bytes of the stream. False: full; the rest is kept, send nothing before `onRoom`. */
  push(bytes: Uint8Array): boolean {
    if (this.#finished) return true
    const before = this.#next
    this.#take(bytes)
    if (this.#next !== before) this.#tell()
    return this.#held.length === 0 && !this.#full
  }

  /** The rgb24 cells of frame `index`, or undefined when it is not here (any more). Valid until it is released. */
  get(index: number): Uint8Array | undefined {
    return index >= this.#oldest && index < this.#next ? this.#slots[index % this.capacity] : undefined
  }

  /** Gives back every frame up to and including `index`. */
  release(index: number): void {
    const oldest = Math.min(index + 1, this.#next)
    if (oldest <= this.#oldest) return
    this.#oldest = oldest
    const before = this.#next
    const wasFinished = this.finished
    while (this.#held.length > 0 && !this.#full) this.#copy(this.#held.shift()!)
    if (this.#next !== before || this.finished !== wasFinished) this.#tell()
    if (this.wantsData) this.#onRoom?.()
  }

  /** The stream has ended; half a frame at its end is dropped. */
  finish(): void {
    if (this.#finished) return
    this.#finished = true
    this.#tell()
  }

  /** Calls back when frames have come or the end has; returns the way to leave. */
  onAvailable(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  get #full(): boolean {
    return this.#next - this.#oldest >= this.capacity
  }

  #take(bytes: Uint8Array): void {
    if (this.#held.length > 0) this.#held.push(bytes)
    else this.#copy(bytes)
  }

  /** Runs on every chunk of the pipe (up to 64 KiB), some 70 times a second at 200x84: one copy, no allocation. */
  #copy(bytes: Uint8Array): void {
    let at = 0
    while (at < bytes.length) {
      if (this.#full) {
        this.#held.unshift(bytes.subarray(at))
        return
      }
      const count = Math.min(this.frameBytes - this.#filled, bytes.length - at)
      const slot = this.#slots[this.#next % this.capacity] as Uint8Array
      slot.set(count === bytes.length ? bytes : bytes.subarray(at, at + count), this.#filled)
      at += count
      this.#filled += count
      if (this.#filled === this.frameBytes) {
        this.#filled = 0
        this.#next += 1
      }
    }
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }
}
