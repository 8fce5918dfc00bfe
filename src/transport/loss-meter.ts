// Says whether a path loses so much that parity is worth its bytes.

import type { LocalTime } from '../../vendor/asciline/index.ts'

/** Parity begins above one share and ends below the other, after this long: it should not come and go with every burst. */
const HIGH = 0.035
const LOW = 0.015
const CALM_MS = 10_000
const WINDOW_MS = 1000
/** Fewer packets than this say nothing. */
const MIN_PACKETS = 20
const SMOOTHING = 0.15
/** Windows before anything is said. */
const MIN_WINDOWS = 3

/** Running totals of a path. */
export type PathTotals = { sent: number; lost: number }

/** Pure: time is an argument. */
export class LossMeter {
  #since: LocalTime | undefined
  #before: PathTotals = { sent: 0, lost: 0 }
  #share = 0
  #windows = 0
  #lastHighAt = Number.NEGATIVE_INFINITY
  #high = false

  /** True while about one packet in thirty or more is lost, and for ten seconds after. */
  get isHigh(): boolean {
    return this.#high
  }

  look(totals: PathTotals, now: LocalTime): void {
    this.#since ??= now
    const sent = totals.sent - this.#before.sent
    if (now - this.#since < WINDOW_MS || sent < MIN_PACKETS) return
    this.#windows += 1
    const weight = Math.max(SMOOTHING, 1 / this.#windows)
    this.#share += ((totals.lost - this.#before.lost) / sent - this.#share) * weight
    this.#since = now
    this.#before = { ...totals }
    if (this.#windows < MIN_WINDOWS) return
    if (this.#share > (this.#high ? LOW : HIGH)) {
      this.#high = true
      this.#lastHighAt = now
    } else if (now - this.#lastHighAt > CALM_MS) this.#high = false
  }
}
