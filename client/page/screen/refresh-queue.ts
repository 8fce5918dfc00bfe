// Lets pictures that come with every display refresh out one per refresh. A worker hears of a refresh from the page and from
// the display, in no fixed order: drawn as they come, two pictures now and then fall into one refresh and none into the next.

/** Pictures closer together than this come with every refresh; those of 24 and 30 a second have a refresh to themselves. */
export const QUICK_MS = 25
/** This many more quick ones than slow ones make up our mind, so that one hiccup does not. */
const SURE = 4

/** Pure: both times are of one clock, in milliseconds. */
export class RefreshQueue<T> {
  readonly #waiting: { item: T; at: number }[] = []
  #lastAt = Number.NEGATIVE_INFINITY
  #quick = 0

  get empty(): boolean {
    return this.#waiting.length === 0
  }

  /** Takes what was handed over at `at`; true when it should wait for the next refresh, false when it may be drawn now. */
  push(item: T, at: number): boolean {
    const quick = at - this.#lastAt < QUICK_MS
    this.#lastAt = at
    this.#quick = Math.min(2 * SURE, Math.max(0, this.#quick + (quick ? 1 : -1)))
    if (this.#quick < SURE && this.empty) return false
    this.#waiting.push({ item, at })
    return true
  }

  /** Hands what was pushed before this refresh began to `draw`, oldest first. */
  take(refreshAt: number, draw: (item: T) => void): void {
    while (this.#waiting.length > 0 && this.#waiting[0].at < refreshAt) {
      const next = this.#waiting.shift()
      if (next !== undefined) draw(next.item)
    }
  }
}
