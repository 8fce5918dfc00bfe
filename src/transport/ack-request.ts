// Whether the end of a burst asks for its acknowledgement at once (RFC 7053), or shares that of the next one.

import type { LocalTime } from '../../vendor/asciline/index.ts'
import type { Flight } from './flight.ts'
import type { ForwardPoint } from './forward-point.ts'
import { MAX_CHUNK_BYTES, type OutgoingChunk } from './outgoing-chunk.ts'
import type { RoundTrip } from './round-trip.ts'

/**
 * Where a path is this short and this little is under way, every other burst asks for its acknowledgement and the one between is
 * acknowledged with it: a third fewer datagrams where a frame is one packet. Only while bursts follow each other this closely,
 * so that a receiver's delayed acknowledgement (200 ms) is never waited for, and never longer than the timer; and not on a path that
 * has lost something lately, where each acknowledgement may be the one that is lost.
 */
const SHARED = { roundTripMs: 60, flightBytes: 2 * MAX_CHUNK_BYTES, sinceMs: 100, calmMs: 5000 }

export type AckRequestOptions = { flight: Flight; forward: ForwardPoint; roundTrip: RoundTrip }

export class AckRequest {
  readonly #flight: Flight
  readonly #forward: ForwardPoint
  readonly #roundTrip: RoundTrip
  /** When the last burst ended, if it asked. */
  #askedAt = Number.NEGATIVE_INFINITY

  constructor({ flight, forward, roundTrip }: AckRequestOptions) {
    this.#flight = flight
    this.#forward = forward
    this.#roundTrip = roundTrip
  }

  /** A burst ends with this chunk: true when it asks. */
  ends(chunk: OutgoingChunk, now: LocalTime): boolean {
    const asks = !this.#mayShare(chunk, now)
    this.#askedAt = asks ? now : Number.NEGATIVE_INFINITY
    return asks
  }

  #mayShare({ reliable }: OutgoingChunk, now: LocalTime): boolean {
    const { smoothedMs } = this.#roundTrip
    return (
      !reliable &&
      smoothedMs !== undefined &&
      smoothedMs <= SHARED.roundTripMs &&
      this.#flight.bytes <= SHARED.flightBytes &&
      now - this.#askedAt <= SHARED.sinceMs &&
      now - this.#flight.lostAt > SHARED.calmMs &&
      !this.#forward.isAhead
    )
  }
}
