// Lets pictures that come with every display refresh out one per refresh. A worker hears of a refresh from the page and from
// the display, in no fixed order, and a busy page is late now and then: drawn as they come, two pictures fall into one refresh and
// none into the one before. So each has a refresh of its own, far enough ahead for a page that is a whole refresh late.

/** Pictures closer together than this come with every refresh; those of 24 and 30 a second have a refresh to themselves. */
export const QUICK_MS = 25
/** This many more quick ones than slow ones make up our mind, so that one hiccup does not. */
const SURE = 4

/** Pure: all times are of one clock, in milliseconds. */
export class RefreshQueue<T> {
  readonly #waiting: { item: T; showAt: number }[] = []
  #lastAt = Number.NEGATIVE_INFINITY
  #quick = 0

  get empty(): boolean {
    return this.#waiting.length === 0
  }

  /**
   * Takes what is to be shown with the first refresh from `showAt` on, or at once; true when it should wait for {@link take},
   * false when it may be drawn now.
   */
  push(item: T, showAt?: number): boolean {
    if (showAt !== undefined) {
      const quick = showAt - this.#lastAt < QUICK_MS
      this.#lastAt = showAt
      this.#quick = Math.min(2 * SURE, Math.max(0, this.#quick + (quick ? 1 : -1)))
    }
    if (this.empty && (showAt === undefined || this.#quick < SURE)) return false
    this.#waiting.push({ item, showAt: showAt ?? Number.NEGATIVE_INFINITY })
    return true
  }

  /** Hands what is to be shown with this refresh to `draw`, oldest first. */
  take(refreshAt: number, draw: (item: T) => void): void {
    while (this.#waiting.length > 0 && this.#waiting[0].showAt <= refreshAt) {
      const next = this.#waiting.shift()
      if (next !== undefined) draw(next.item)
    }
  }
}
