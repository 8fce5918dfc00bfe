// Says what parity is worth its bytes on a path: none, for frames that a single loss takes whole, for every frame; and whether a path
// loses because too much is sent over it.

import type { LocalTime } from '../../vendor/asciline/index.ts'

/** A level begins above one share and ends below the other, after this long: parity should not come and go with every burst. */
const HIGH = { above: 0.035, until: 0.015 }
const SOME = { above: 0.008, until: 0.003 }
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

/** `some` from about one packet in a hundred, `high` from one in thirty. */
export type LossLevel = 'none' | 'some' | 'high'

/** True from one share on until another has not been passed for a while. */
class Latch {
  readonly #limits: { above: number; until: number }
  #passedAt = Number.NEGATIVE_INFINITY
  on = false

  constructor(limits: { above: number; until: number }) {
    this.#limits = limits
  }

  look(share: number, now: LocalTime): void {
    if (share > (this.on ? this.#limits.until : this.#limits.above)) {
      this.on = true
      this.#passedAt = now
    } else if (now - this.#passedAt > CALM_MS) this.on = false
  }
}

/** Pure: time is an argument. */
export class LossMeter {
  #since: LocalTime | undefined
  #before: PathTotals = { sent: 0, lost: 0, queueMs: 0 }
  #share = 0
  #windows = 0
  readonly #high = new Latch(HIGH)
  readonly #some = new Latch(SOME)
  #congestedAt = Number.NEGATIVE_INFINITY
  #congestedWindows = 0

  /** Windows up to now in which the path lost what it could not carry. */
  get congestedWindows(): number {
    return this.#congestedWindows
  }

  /** What is lost at present, and was ten seconds ago. `none` while the path loses what it cannot carry. */
  get level(): LossLevel {
    if (this.#high.on) return 'high'
    return this.#some.on ? 'some' : 'none'
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
      this.#high.on = false
      this.#some.on = false
      return
    }
    if (this.#windows < MIN_WINDOWS) return
    this.#high.look(this.#share, now)
    this.#some.look(this.#share, now)
  }
}
