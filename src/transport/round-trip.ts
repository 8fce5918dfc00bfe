// How long a path takes there and back: smoothed, at its best, and how long to wait for an acknowledgement before it counts
// as lost (RFC 6298 with bounds of our own).

import type { LocalTime } from '../../vendor/asciline/index.ts'

/** The best round trip is that of so long: a path changes. */
const BEST_WINDOW_MS = 10_000

/**
 * Repeated timeouts stretch the timer to this. Long enough that a path of nearly a second gets to show its round trip,
 * short enough that a path which was cut is found again within a second.
 */
const MAX_BACKOFF_MS = 1000

/** A message that must arrive is asked about again after at least so long, and so often before only the timer is left. */
const MIN_PROBE_MS = 50
const MAX_PROBES = 6
const PROBE_GROWTH = 1.5

export type RoundTripOptions = { minTimeoutMs: number; maxTimeoutMs: number }

/** Pure: time is an argument. */
export class RoundTrip {
  readonly #options: RoundTripOptions
  #timeoutMs: number
  #smoothedMs: number | undefined
  #variationMs = 0
  #bestMs: number | undefined
  #bestAt = Number.NEGATIVE_INFINITY

  constructor(options: RoundTripOptions) {
    this.#options = options
    this.#timeoutMs = options.maxTimeoutMs
  }

  /** Undefined before the first sample. */
  get smoothedMs(): number | undefined {
    return this.#smoothedMs
  }

  /** The quickest of the last ten seconds, undefined before the first sample. */
  get bestMs(): number | undefined {
    return this.#bestMs
  }

  /** What to set the retransmission timer to. */
  get timeoutMs(): number {
    return this.#timeoutMs
  }

  /**
   * How long after its latest sending something that must arrive is sent once more, although nothing says that it is lost (a tail
   * loss probe, RFC 8985): two round trips, longer each time. Infinite before the first sample and after some probes.
   */
  probeMs(sends: number): number {
    if (this.#smoothedMs === undefined || sends > MAX_PROBES) return Number.POSITIVE_INFINITY
    const once = Math.max(MIN_PROBE_MS, 2 * this.#smoothedMs + 4 * this.#variationMs)
    return once * PROBE_GROWTH ** (sends - 1)
  }

  measure(sampleMs: number, now: LocalTime): void {
    const { minTimeoutMs, maxTimeoutMs } = this.#options
    // A coarse clock can make two ends of a loopback round trip equal; a sample of 0 is as good as any.
    const sample = Math.max(0, sampleMs)
    if (this.#smoothedMs === undefined) {
      this.#smoothedMs = sample
      this.#variationMs = sample / 2
    } else {
      this.#variationMs += (Math.abs(this.#smoothedMs - sample) - this.#variationMs) / 4
      this.#smoothedMs += (sample - this.#smoothedMs) / 8
    }
    // On a path that is itself slow the upper bound must not lie below the round trip.
    const most = Math.max(maxTimeoutMs, this.#smoothedMs * 2)
    this.#timeoutMs = Math.min(most, Math.max(minTimeoutMs, this.#smoothedMs + 4 * this.#variationMs))
    if (this.#bestMs === undefined || sample <= this.#bestMs || now - this.#bestAt > BEST_WINDOW_MS) {
      this.#bestMs = sample
      this.#bestAt = now
    }
  }

  /** The next sample is the best one, whatever it is. */
  renewBest(): void {
    this.#bestAt = Number.NEGATIVE_INFINITY
  }

  /** The timer has run out: the next one is longer. */
  timedOut(): void {
    this.#timeoutMs = Math.min(this.#timeoutMs * 2, Math.max(MAX_BACKOFF_MS, this.#timeoutMs))
  }
}
