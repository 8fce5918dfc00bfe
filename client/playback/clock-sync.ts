// Learns the server's clock from pings: of the recent answers the quickest one tells the offset best, because
// whatever made the others slow was in one direction and nobody knows in which.

import type { LocalTime } from '../../vendor/asciline/index.ts'

/** Answers remembered. At the settled pace that is 24 s, in which a bad crystal (50 ppm) drifts 1.2 ms. */
const WINDOW = 16
/** Answers wanted at the fast pace before settling: the first ones set the presentation clock. */
const FAST_ANSWERS = 6
const FAST_INTERVAL_MS = 60
const SETTLED_INTERVAL_MS = 1500
/** Questions remembered; a pong that matches none of them is somebody's invention. */
const OUTSTANDING = 16

/** Offset between this machine's clock and the server's, filtered by minimum round trip. Never throws. */
export class ClockSync {
  readonly #rtts = new Float64Array(WINDOW)
  readonly #offsets = new Float64Array(WINDOW)
  readonly #sent = new Float64Array(OUTSTANDING).fill(Number.NaN)
  #answers = 0
  #asked = 0
  #lastAskedAt = Number.NEGATIVE_INFINITY
  #best = 0

  /** Server clock minus local clock in milliseconds; undefined before the first answer. */
  get offsetMs(): number | undefined {
    return this.#answers === 0 ? undefined : this.#offsets[this.#best]
  }

  /** Round trip of the answer the offset is taken from, in milliseconds. */
  get rttMs(): number | undefined {
    return this.#answers === 0 ? undefined : this.#rtts[this.#best]
  }

  /** True when a ping should leave now; the caller sends `now` in it. */
  pingDue(now: LocalTime): boolean {
    const interval = this.#answers < FAST_ANSWERS ? FAST_INTERVAL_MS : SETTLED_INTERVAL_MS
    // A clock that stepped back (a page restored from sleep) must not silence the pings.
    if (now >= this.#lastAskedAt && now - this.#lastAskedAt < interval) return false
    this.#lastAskedAt = now
    this.#sent[this.#asked % OUTSTANDING] = now
    this.#asked += 1
    return true
  }

  /** Takes an answer: the ping's own `sent` and the server's time `at`. False when it answers nothing we asked. */
  push(sent: number, at: number, now: LocalTime): boolean {
    const asked = this.#sent.indexOf(sent)
    const rtt = now - sent
    if (asked < 0 || !Number.isFinite(at) || !(rtt >= 0)) return false
    this.#sent[asked] = Number.NaN
    const slot = this.#answers % WINDOW
    this.#rtts[slot] = rtt
    this.#offsets[slot] = at - (sent + now) / 2
    this.#answers += 1
    const known = Math.min(this.#answers, WINDOW)
    let best = slot
    for (let i = 0; i < known; i++) if (this.#rtts[i] < this.#rtts[best]) best = i
    this.#best = best
    return true
  }

  /** Forgets everything: the next answers may come from another server. */
  reset(): void {
    this.#sent.fill(Number.NaN)
    this.#answers = 0
    this.#asked = 0
    this.#lastAskedAt = Number.NEGATIVE_INFINITY
    this.#best = 0
  }
}
