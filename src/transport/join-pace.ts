// Spreads joins over time. One costs some 25 ms of CPU in many small pieces; of thirty that come at once each turn of
// the event loop could take a piece of all, and a frame for those who watch would wait behind them.

import type { LocalTime } from '../../vendor/asciline/index.ts'

/** From one step of a join to the next one's: an offer and an answer are a step each, of 12 ms on average. */
const STEP_MS = 20

/** Pure: the clock comes as an argument. */
export class JoinPace {
  #freeAt = Number.NEGATIVE_INFINITY

  /** Milliseconds after which the step may be done. */
  waitMs(now: LocalTime): number {
    const at = Math.max(now, this.#freeAt)
    this.#freeAt = at + STEP_MS
    return at - now
  }
}
