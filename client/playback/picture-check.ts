// Compares what this viewer showed, frame by frame, with the digests of a loss-free decoder. Only the simulator asks for it.

/** Frames that wait for the other half of their pair; the digests come on another channel and may be early or late. */
const WINDOW = 1024
const UNKNOWN = -1

/** Counts frames shown exactly as meant. Bounded; a digest that never comes leaves its frame uncounted. */
export class PictureCheck {
  readonly #frames = new Float64Array(WINDOW).fill(UNKNOWN)
  readonly #shown = new Float64Array(WINDOW).fill(UNKNOWN)
  readonly #meant = new Float64Array(WINDOW).fill(UNKNOWN)
  correct = 0
  wrong = 0

  /** The digest of the picture at the frame's presentation time. */
  pushShown(frame: number, digest: number): void {
    this.#push(this.#shown, frame, digest)
  }

  /** The digest the server announces for the frame. */
  pushMeant(frame: number, digest: number): void {
    this.#push(this.#meant, frame, digest)
  }

  /** Forgets pairs that are still open: another epoch counts its frames from its own zero. */
  reset(): void {
    this.#frames.fill(UNKNOWN)
  }

  /** Counts anew from here. */
  restart(): void {
    this.correct = 0
    this.wrong = 0
  }

  #push(side: Float64Array, frame: number, digest: number): void {
    const slot = frame % WINDOW
    if (this.#frames[slot] !== frame) {
      // Half a pair from behind the window must not push out a newer one.
      if (this.#frames[slot] > frame) return
      this.#frames[slot] = frame
      this.#shown[slot] = UNKNOWN
      this.#meant[slot] = UNKNOWN
    }
    // Digests are 32 bits; signed and unsigned writings of one value are the same digest.
    side[slot] = digest >>> 0
    if (this.#shown[slot] === UNKNOWN || this.#meant[slot] === UNKNOWN) return
    if (this.#shown[slot] === this.#meant[slot]) this.correct += 1
    else this.wrong += 1
    this.#shown[slot] = UNKNOWN
    this.#meant[slot] = UNKNOWN
  }
}
