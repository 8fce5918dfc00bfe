// How soon a process that has ended is started again: at once when it had worked for a while, ever more slowly when it had not.

/** One that lived this long has worked. */
const WORKED_MS = 10_000
const FIRST_MS = 250
const MOST_MS = 5000

/** Pure: times come as arguments. */
export class RestartPace {
  #inVain = 0

  /** Milliseconds to wait, given how long it lived. */
  afterMs(livedMs: number): number {
    if (livedMs >= WORKED_MS) this.#inVain = 0
    const delay = this.#inVain === 0 ? 0 : Math.min(MOST_MS, FIRST_MS * 2 ** (this.#inVain - 1))
    this.#inVain += 1
    return delay
  }
}
