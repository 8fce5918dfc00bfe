// Learns how often this display shows a new picture, from the times of its animation frames.

const WINDOW = 31
const USUAL_MS = 1000 / 60
/** Displays run at 30 to 240 Hz; anything else is a throttled or a stuttering page. */
const SHORTEST_MS = 1000 / 240
const LONGEST_MS = 1000 / 30

/** Median of recent intervals, so that a hiccup or a skipped frame does not count. Allocates nothing. */
export class DisplayInterval {
  readonly #intervals = new Float64Array(WINDOW)
  readonly #sorted = new Float64Array(WINDOW)
  #count = 0
  #last = Number.NaN
  #median = USUAL_MS

  /** Milliseconds from one picture to the next; 1/60 s until known. */
  get ms(): number {
    return this.#median
  }

  /** The time of an animation frame, in milliseconds. */
  push(now: number): void {
    const interval = now - this.#last
    this.#last = now
    if (!(interval > 0)) return
    this.#intervals[this.#count % WINDOW] = interval
    this.#count += 1
    if (this.#count % WINDOW !== 0) return
    this.#sorted.set(this.#intervals)
    this.#sorted.sort()
    this.#median = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, this.#sorted[WINDOW >> 1]))
  }
}
