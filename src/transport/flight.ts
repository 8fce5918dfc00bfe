// The chunks under way: sent, and neither acknowledged with all before them nor given up. Reads out of a SACK which of them have
// arrived and which are lost. A lost one that must arrive is to be sent again, any other one is abandoned where it stands.

import type { LocalTime } from '../../vendor/asciline/index.ts'
import { FLAG_IMMEDIATE, type OutgoingChunk } from './outgoing-chunk.ts'
import { tsnAfter } from './tsn.ts'

/** A packet is taken for lost when this many later ones were acknowledged first (RFC 9260). */
const REORDER_LIMIT = 3

/** Gap blocks looked at per SACK; an honest receiver of what is in flight here never reports as many. */
const MAX_GAPS = 256

export type Sack = {
  cumulativeTsn: number
  advertisedRwnd: number
  /** Offsets from the cumulative TSN, both ends included, ascending. */
  gaps: readonly (readonly [number, number])[]
}

/** What a SACK has said of the flight. */
export type Arrived = {
  /** Of chunks that were in flight until now. */
  bytes: number
  /** When the newest chunk left whose acknowledgement tells the round trip; minus infinity when none does. */
  timedFrom: number
  /** Something is lost. */
  lost: boolean
}

/** Chunks, and those of them that were abandoned. */
export type FlightLosses = { lost: number; abandoned: number }

export type FlightOptions = {
  /** Added to; the other books of the sender may stand in it, too. */
  counters: FlightLosses
}

/** Runs several times for every packet, over some tens of chunks at most; allocates nothing but the list. */
export class Flight {
  readonly #counters: FlightLosses
  /** In TSN order. */
  readonly #chunks: OutgoingChunk[] = []
  #bytes = 0
  #lostAt = Number.NEGATIVE_INFINITY
  readonly #arrived: Arrived = { bytes: 0, timedFrom: Number.NEGATIVE_INFINITY, lost: false }

  constructor({ counters }: FlightOptions) {
    this.#counters = counters
  }

  /** Of those neither acknowledged, nor abandoned, nor waiting to be sent again. */
  get bytes(): number {
    return this.#bytes
  }

  get isEmpty(): boolean {
    return this.#chunks.length === 0
  }

  /** When something was last found to be lost; minus infinity before that. */
  get lostAt(): number {
    return this.#lostAt
  }

  /** The oldest chunk that is to be sent again. */
  get toResend(): OutgoingChunk | undefined {
    for (const chunk of this.#chunks) if (chunk.retransmit) return chunk
    return undefined
  }

  /** Bytes that left at that time or before and have not been heard of. */
  bytesOlderThan(at: number): number {
    let bytes = 0
    for (const chunk of this.#chunks) {
      if (chunk.sentAt > at) break
      if (!chunk.acked && !chunk.abandoned) bytes += chunk.bytes.length
    }
    return bytes
  }

  /** A chunk leaves: one with the next TSN, or one that is sent again. */
  add(chunk: OutgoingChunk, now: LocalTime): void {
    if (chunk.sends === 0) this.#chunks.push(chunk)
    chunk.retransmit = false
    chunk.sentAt = now
    chunk.sends += 1
    chunk.misses = 0
    this.#bytes += chunk.bytes.length
  }

  /** Takes in a SACK. The answer is one object, written anew each time. */
  acknowledge(sack: Sack, now: LocalTime): Arrived {
    const arrived = this.#arrived
    arrived.bytes = 0
    arrived.timedFrom = Number.NEGATIVE_INFINITY
    this.#arriveUpTo(sack.cumulativeTsn)
    const missing = this.#arriveInGaps(sack)
    arrived.lost = this.#missBefore(missing, now)
    return arrived
  }

  /** Everything not heard of is lost: nothing was acknowledged for too long. */
  loseAll(now: LocalTime): void {
    for (const chunk of this.#chunks) {
      if (!chunk.acked && !chunk.abandoned && !chunk.retransmit) this.#lose(chunk, now)
    }
    this.#bytes = 0
  }

  /** The chunk is to be sent again. */
  resend(chunk: OutgoingChunk): void {
    chunk.retransmit = true
    this.#land(chunk)
  }

  /** Lets go of all up to the last abandoned chunk that only acknowledged and abandoned ones stand before; its TSN, if there is one. */
  giveUp(): number | undefined {
    let settled = 0
    let given = 0
    for (const chunk of this.#chunks) {
      if (!chunk.acked && !chunk.abandoned) break
      settled += 1
      if (!chunk.acked) given = settled
    }
    if (given === 0) return undefined
    const { tsn } = this.#chunks[given - 1]!
    this.#chunks.splice(0, given)
    return tsn
  }

  #arriveUpTo(cumulativeTsn: number): void {
    let passed = 0
    for (const chunk of this.#chunks) {
      if (tsnAfter(chunk.tsn, cumulativeTsn)) break
      passed += 1
      this.#arrive(chunk)
    }
    if (passed > 0) this.#chunks.splice(0, passed)
  }

  /** How many chunks stand before the highest one that is acknowledged for the first time. */
  #arriveInGaps({ cumulativeTsn, gaps }: Sack): number {
    const blocks = Math.min(MAX_GAPS, gaps.length)
    let block = 0
    let before = 0
    for (let n = 0; n < this.#chunks.length; n += 1) {
      const chunk = this.#chunks[n]!
      const offset = (chunk.tsn - cumulativeTsn) >>> 0
      while (block < blocks && gaps[block]![1] < offset) block += 1
      if (block === blocks) break
      if (offset < gaps[block]![0] || chunk.acked) continue
      this.#arrive(chunk)
      before = n
    }
    return before
  }

  #missBefore(count: number, now: LocalTime): boolean {
    let lost = false
    for (let n = 0; n < count; n += 1) {
      const chunk = this.#chunks[n]!
      if (chunk.acked || chunk.abandoned || chunk.retransmit) continue
      chunk.misses += 1
      if (chunk.misses < REORDER_LIMIT) continue
      this.#lose(chunk, now)
      lost = true
    }
    return lost
  }

  #arrive(chunk: OutgoingChunk): void {
    // One that a gap block had named was timed then; what it waited for since says nothing.
    if (chunk.acked) return
    if (tellsRoundTrip(chunk)) this.#arrived.timedFrom = chunk.sentAt
    chunk.acked = true
    // Given up or queued again, it has left the flight already.
    if (chunk.abandoned || chunk.retransmit) {
      chunk.retransmit = false
      return
    }
    this.#arrived.bytes += chunk.bytes.length
    this.#land(chunk)
  }

  #lose(chunk: OutgoingChunk, now: LocalTime): void {
    this.#counters.lost += 1
    this.#lostAt = now
    if (chunk.reliable) this.resend(chunk)
    else {
      chunk.abandoned = true
      this.#counters.abandoned += 1
      // Trap 6: werift never takes these out of its flight, which fills up for good.
      this.#land(chunk)
    }
  }

  #land(chunk: OutgoingChunk): void {
    this.#bytes = Math.max(0, this.#bytes - chunk.bytes.length)
  }
}

/**
 * Karn: a chunk sent twice cannot tell which copy was acknowledged. And one that did not ask may have been acknowledged late.
 */
function tellsRoundTrip({ sends, abandoned, flags }: OutgoingChunk): boolean {
  return sends === 1 && !abandoned && (flags & FLAG_IMMEDIATE) !== 0
}
