// Tells a path that has become longer from one with a queue on it: both answer later than they did, but a queue is gone when
// nothing is under way any more. So where it matters the path is let run empty, and what is sent next shows how long it takes
// (ProbeRTT of BBR, draft-ietf-ccwg-bbr). Otherwise a car that changes from one network to another counts as a slow viewer
// until the best round trip of the old one is forgotten.

import type { LocalTime } from '../../vendor/asciline/index.ts'
import type { Path } from './way.ts'

/** Answers later by this much are worth a gap of one round trip to find out why. */
const LATER_MS = 40
/** It costs that gap each time, and a queue comes back. */
const REST_MS = 10_000
/** What is under way takes a round trip to be acknowledged. What is not by then is lost, or stands in a very long queue. */
const PATIENCE_MS = 60
const MOST_PATIENCE_MS = 400

/** One viewer's. Pure: time is an argument. */
export class PathDrain {
  #since: LocalTime | undefined
  #restsUntil = Number.NEGATIVE_INFINITY

  /** The gate keeps a frame back: perhaps for no good reason. */
  shut({ roundTripMs = 0, bestRoundTripMs = 0 }: Path, now: LocalTime): void {
    if (this.#since === undefined && now >= this.#restsUntil && roundTripMs - bestRoundTripMs > LATER_MS)
      this.#since = now
  }

  /** True while nothing should be sent, for the path to run empty; asked whenever something was acknowledged. */
  isOn(path: Path, now: LocalTime): boolean {
    if (this.#since === undefined) return false
    const isEmpty = path.unackedBytes === 0
    const patienceMs = Math.min(MOST_PATIENCE_MS, (path.roundTripMs ?? 0) + PATIENCE_MS)
    if (!isEmpty && now - this.#since < patienceMs) return true
    if (isEmpty) path.renewBest()
    this.#since = undefined
    this.#restsUntil = now + REST_MS
    return false
  }
}
