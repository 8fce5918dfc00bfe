// How many bytes may be under way (RFC 9260, with a floor). The gate holds frames back long before; this is what is left for
// a path that loses much.

import { MAX_CHUNK_BYTES } from './outgoing-chunk.ts'
import { tsnAfter } from './tsn.ts'

/**
 * The floor grows with the path: this much for each millisecond of its best round trip, which is the budget of the largest
 * grid and half of it again. With ten packets a path of 200 ms carries 58 kB/s however idle it is, and one reordered packet
 * was enough to leave a viewer there, every frame late.
 */
const FLOOR_BYTES_PER_MS = 300

export type CongestionWindowOptions = {
  /**
   * The window never falls below this. Only sound because the gate drops frames before they are sent: without it a floor
   * fills the path's queue (15 % of the bytes arrived, measured in the prototype). More than the gate lets stand, a frame
   * and a round trip: lost packets fill the window until their loss is known, and a burst of them with the SACKs behind it
   * held everything back for 300 ms when the floor was ten packets.
   */
  minBytes: number
}

/** What an acknowledgement has brought. */
export type Acknowledged = {
  bytes: number
  /** The window was full when it came. */
  wasFull: boolean
  /** It says that something is lost. */
  lost: boolean
  cumulativeTsn: number
  /** The newest TSN that was sent. */
  newestTsn: number
  bestRoundTripMs: number
}

/** Pure. */
export class CongestionWindow {
  readonly #minBytes: number
  #bytes: number
  #slowStartBytes = Number.POSITIVE_INFINITY
  #recoveryEnd: number | undefined

  constructor({ minBytes }: CongestionWindowOptions) {
    this.#minBytes = minBytes
    this.#bytes = minBytes
  }

  get bytes(): number {
    return this.#bytes
  }

  acknowledged({ bytes, wasFull, lost, cumulativeTsn, newestTsn, bestRoundTripMs }: Acknowledged): void {
    const floor = this.#floor(bestRoundTripMs)
    const inRecovery = this.#recoveryEnd !== undefined && tsnAfter(this.#recoveryEnd, cumulativeTsn)
    if (!inRecovery) this.#recoveryEnd = undefined
    if (lost && !inRecovery) {
      this.#slowStartBytes = this.#bytes / 2
      this.#bytes = this.#slowStartBytes
      this.#recoveryEnd = newestTsn
    } else if (!inRecovery && wasFull && bytes > 0) {
      this.#bytes +=
        this.#bytes < this.#slowStartBytes ? bytes : Math.max(1, (MAX_CHUNK_BYTES * bytes) / this.#bytes)
    }
    this.#bytes = Math.max(this.#bytes, floor)
    this.#slowStartBytes = Math.max(this.#slowStartBytes, floor)
  }

  /** Nothing was acknowledged for too long. */
  timedOut(bestRoundTripMs: number): void {
    const floor = this.#floor(bestRoundTripMs)
    this.#slowStartBytes = Math.max(this.#bytes / 2, floor)
    this.#bytes = floor
    this.#recoveryEnd = undefined
  }

  #floor(bestRoundTripMs: number): number {
    return Math.max(this.#minBytes, FLOOR_BYTES_PER_MS * bestRoundTripMs)
  }
}
