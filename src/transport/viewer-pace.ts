// Decides how much one viewer is sent when its link is too narrow for all of it: everything, a coarser encoding that all slow
// viewers share, or every second frame of that. Down after two bad seconds, up one at a time and ever more cautiously.

import type { Pace } from '../../signaling/messages.ts'
import type { LocalTime } from '../../vendor/asciline/index.ts'

export type { Pace }

const PACES: readonly Pace[] = ['full', 'coarse', 'half']
const WINDOW_MS = 1000
/** Share of frames the gate kept back: above one it is a bad second, below the other a good one. */
const BAD = 0.2
const GOOD = 0.04
const BAD_WINDOWS = 2
/** A step down begins with a whole picture, which the link has to carry first: so many bad seconds are its own fault. */
const SETTLING_WINDOWS = 2
/** Good seconds before the next attempt to go up; doubled by each that fails, back to the first when one has held. */
const FIRST_PATIENCE_MS = 8000
const MOST_PATIENCE_MS = 128_000
/** A bad second this soon after going up says that it was too early. */
const TRIAL_MS = 6000

/** Running totals of a viewer's gate, in frames, and of the seconds in which its path lost what it could not carry. */
export type PaceTotals = { offered: number; dropped: number; congested: number }

/** Pure: time is an argument; look as often as you like. */
export class ViewerPace {
  #level = 0
  #windowSince: LocalTime | undefined
  #before: PaceTotals = { offered: 0, dropped: 0, congested: 0 }
  #badWindows = 0
  #goodSince: LocalTime | undefined
  #upAt: LocalTime | undefined
  #patienceMs = FIRST_PATIENCE_MS

  get pace(): Pace {
    return PACES[this.#level]!
  }

  look(totals: PaceTotals, now: LocalTime): Pace {
    this.#windowSince ??= now
    if (now - this.#windowSince < WINDOW_MS) return this.pace
    const offered = totals.offered - this.#before.offered
    const overflowed = totals.congested > this.#before.congested
    const share = overflowed || offered === 0 ? 1 : (totals.dropped - this.#before.dropped) / offered
    this.#windowSince = now
    this.#before = { ...totals }
    // A pause says nothing about the link.
    if (offered > 0) this.#judge(share, now)
    return this.pace
  }

  /** What happened up to now says nothing about the width of the link: it was dead. */
  forget(totals: PaceTotals, now: LocalTime): void {
    this.#windowSince = now
    this.#before = { ...totals }
    this.#badWindows = 0
  }

  #judge(share: number, now: LocalTime): void {
    const onTrial = this.#upAt !== undefined && now - this.#upAt <= TRIAL_MS
    if (this.#upAt !== undefined && !onTrial) {
      this.#upAt = undefined
      this.#patienceMs = FIRST_PATIENCE_MS
    }
    this.#badWindows = share > BAD || this.#badWindows < 0 ? this.#badWindows + 1 : 0
    if (share > GOOD) this.#goodSince = undefined
    else this.#goodSince ??= now
    if (this.#badWindows >= (onTrial ? 1 : BAD_WINDOWS)) {
      if (onTrial) this.#patienceMs = Math.min(MOST_PATIENCE_MS, this.#patienceMs * 2)
      this.#go(1)
    } else if (this.#goodSince !== undefined && now - this.#goodSince >= this.#patienceMs) {
      if (this.#level > 0) this.#upAt = now
      this.#go(-1)
    }
  }

  #go(by: 1 | -1): void {
    this.#level = Math.min(PACES.length - 1, Math.max(0, this.#level + by))
    this.#badWindows = by === 1 ? -SETTLING_WINDOWS : 0
    this.#goodSince = undefined
    if (by === 1) this.#upAt = undefined
  }
}
