// Says whether a path loses so much that parity is worth its bytes, or loses because too much is sent over it.

import type { LocalTime } from '../../vendor/asciline/index.ts'

/** Parity begins above one share and ends below the other, after this long: it should not come and go with every burst. */
const HIGH = 0.035
const LOW = 0.015
const CALM_MS = 10_000
const WINDOW_MS = 1000
/**
 * A second of this share of losses, at a round trip this much above the best, is a queue that overflows. A mobile link that
 * jitters and loses some, and a server that is busy for a moment, look like half of it.
 */
const CONGESTED_SHARE = 0.08
const QUEUE_MS = 50
/** More bytes are no answer to that, nor for a while after. */
const RECOVERY_MS = 10_000
/** Fewer packets than this say nothing. */
const MIN_PACKETS = 20
const SMOOTHING = 0.15
/** Windows before anything is said. */
const MIN_WINDOWS = 3

/** Running totals of a path, and how much longer it takes now than at its best. */
export type PathTotals = { sent: number; lost: number; queueMs: number }

/** Pure: time is an argument. */
export class LossMeter {
  #since: LocalTime | undefined
  #before: PathTotals = { sent: 0, lost: 0, queueMs: 0 }
  #share = 0
  #windows = 0
  #lastHighAt = Number.NEGATIVE_INFINITY
  #high = false
  #congestedAt = Number.NEGATIVE_INFINITY
  #congestedWindows = 0

  /** Windows up to now in which the path lost what it could not carry. */
  get congestedWindows(): number {
    return this.#congestedWindows
  }

  /** True while about one packet in thirty or more is lost, and for ten seconds after. */
  get isHigh(): boolean {
    return this.#high
  }

  look(totals: PathTotals, now: LocalTime): void {
    this.#since ??= now
    const sent = totals.sent - this.#before.sent
    if (now - this.#since < WINDOW_MS || sent < MIN_PACKETS) return
    const share = (totals.lost - this.#before.lost) / sent
    this.#windows += 1
    this.#share += (share - this.#share) * Math.max(SMOOTHING, 1 / this.#windows)
    if (share > CONGESTED_SHARE && totals.queueMs > QUEUE_MS) {
      this.#congestedAt = now
      this.#congestedWindows += 1
    }
    this.#since = now
    this.#before = { ...totals }
    if (now - this.#congestedAt < RECOVERY_MS) {
      this.#high = false
      return
    }
    if (this.#windows < MIN_WINDOWS) return
    if (this.#share > (this.#high ? LOW : HIGH)) {
      this.#high = true
      this.#lastHighAt = now
    } else if (now - this.#lastHighAt > CALM_MS) this.#high = false
  }
}
