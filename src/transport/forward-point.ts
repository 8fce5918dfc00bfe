// How far the other end has acknowledged everything, and how far it is told to stop waiting (FORWARD-TSN, RFC 3758). Told
// again and again until it is there (trap 6: werift says it once, so one lost packet stops the association for good).

import type { LocalTime } from '../../vendor/asciline/index.ts'
import { tsnAfter } from './tsn.ts'

/** A FORWARD-TSN is repeated after a round trip, but never sooner than this. */
const MIN_REPEAT_MS = 20

/** The round trip while none has been measured. */
const UNKNOWN_ROUND_TRIP_MS = 100

/** Pure. */
export class ForwardPoint {
  #cumulative: number
  /** Never before #cumulative, and equal to it when there is nothing to tell. */
  #tsn: number
  #dueAt = Number.POSITIVE_INFINITY

  /** `cumulative` is the TSN before the first. */
  constructor(cumulative: number) {
    this.#cumulative = cumulative
    this.#tsn = cumulative
  }

  /** Everything up to this TSN is acknowledged. */
  get cumulative(): number {
    return this.#cumulative
  }

  /** True while the other end waits for something that has been given up. */
  get isAhead(): boolean {
    return tsnAfter(this.#tsn, this.#cumulative)
  }

  /** When `take` has something; infinity when it has nothing. */
  get dueAt(): number {
    return this.#dueAt
  }

  /** The TSN to tell the other end, if it is to be told now. */
  take(now: LocalTime): number | undefined {
    if (now < this.#dueAt) return undefined
    this.#dueAt = Number.POSITIVE_INFINITY
    return this.isAhead ? this.#tsn : undefined
  }

  acknowledged(cumulativeTsn: number): void {
    this.#cumulative = cumulativeTsn
    if (tsnAfter(cumulativeTsn, this.#tsn)) this.#tsn = cumulativeTsn
  }

  /** Everything up to this TSN is acknowledged or given up. */
  giveUp(tsn: number, now: LocalTime): void {
    this.#tsn = tsn
    this.#dueAt = now
  }

  /** Nothing more was given up: still not heard, the FORWARD-TSN itself may be lost. */
  repeat(roundTripMs: number | undefined, now: LocalTime): void {
    if (!this.isAhead) this.#dueAt = Number.POSITIVE_INFINITY
    else if (this.#dueAt === Number.POSITIVE_INFINITY)
      this.#dueAt = now + Math.max(MIN_REPEAT_MS, roundTripMs ?? UNKNOWN_ROUND_TRIP_MS)
  }

  /** Nothing was acknowledged for too long. */
  timedOut(now: LocalTime): void {
    this.#dueAt = this.isAhead ? now : Number.POSITIVE_INFINITY
  }
}
