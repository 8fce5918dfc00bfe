// The sending half of one SCTP association: what is queued, what is under way, what is lost, and what may leave now.
// Pure: no socket, no timer, no clock of its own. sctp-outgoing.ts ties it to werift in place of werift's own half.
//
// Traps 4 to 8 and 13 of DESIGN section 5 all live in that half of werift 0.25.2:
//   4  `maxRetransmits: 0` is tested with `!!`, so it means "for ever";
//   5  `maxPacketLifeTime` is set in ms and compared in s, so it never ends;
//   6  an abandoned message keeps its flight bytes, the queue's head is abandoned instead of the lost one,
//      and FORWARD-TSN is sent once, so one lost packet stops the association for good;
//   7  `send()` waits until the whole queue has drained, and every SACK wakes every waiter;
//   8  RTO starts at 3 s and never falls below 1 s, T3 sends acknowledged chunks again, the window falls to one packet;
//  13  what is queued and what is in flight are never both told.
// Here an unreliable message leaves once, alone in its packet, and is forgotten when it is lost; a reliable one is sent
// until it is acknowledged, and does not wait for the timer: few and small as they are, and in order, one lost report holds
// up all that follow it. Three later packets, or 300 ms in which nothing was acknowledged, are a second of a viewer's life
// where three messages a second are sent.

import type { LocalTime } from '../../vendor/asciline/index.ts'
import { CongestionWindow } from './congestion-window.ts'
import { ForwardPoint } from './forward-point.ts'
import {
  FLAG_IMMEDIATE,
  MAX_CHUNK_BYTES,
  type OutgoingChunk,
  type OutgoingMessage,
} from './outgoing-chunk.ts'
import { OutgoingQueue } from './outgoing-queue.ts'
import { RoundTrip } from './round-trip.ts'
import { tsnAfter } from './tsn.ts'

/** A packet is taken for lost when this many later ones were acknowledged first (RFC 9260). */
const REORDER_LIMIT = 3

/** Slack on top of the path's best round trip before unacknowledged bytes count as standing in a queue. */
const STANDING_SLACK_MS = 25

/**
 * Where a path is this short and this little is under way, every other burst asks for its acknowledgement and the one between is
 * acknowledged with it: a third fewer datagrams where a frame is one packet. Only while bursts follow each other this closely,
 * so that a receiver's delayed acknowledgement (200 ms) is never waited for, and never longer than the timer; and not on a path that
 * has lost something lately, where each acknowledgement may be the one that is lost.
 */
const SHARED_ACK = { roundTripMs: 60, flightBytes: 2 * MAX_CHUNK_BYTES, sinceMs: 100, calmMs: 5000 }

/** Gap blocks looked at per SACK; an honest receiver of what is in flight here never reports as many. */
const MAX_GAPS = 256

export type Sack = {
  cumulativeTsn: number
  advertisedRwnd: number
  /** Offsets from the cumulative TSN, both ends included, ascending. */
  gaps: readonly (readonly [number, number])[]
}

export type SctpSenderOptions = {
  firstTsn: number
  /** Bytes that may wait unsent; more means the viewer is gone or the gate is not used. */
  maxQueueBytes?: number
  /** See congestion-window.ts. */
  minWindowBytes?: number
  /** Not below Chromium's delayed SACK of 200 ms, or every quiet moment looks like a loss. */
  minRtoMs?: number
  maxRtoMs?: number
}

export class SctpSender {
  readonly #queue: OutgoingQueue
  /** Sent and neither acknowledged cumulatively nor given up, in TSN order. */
  #sent: OutgoingChunk[] = []
  #nextTsn: number
  readonly #forward: ForwardPoint
  #flightBytes = 0
  readonly #window: CongestionWindow
  #peerWindowBytes: number
  #timerAt = Number.POSITIVE_INFINITY
  /** When the next reliable chunk is to be sent once more. */
  #probeAt = Number.POSITIVE_INFINITY
  /** Reliable chunks sent and not acknowledged. */
  #reliableSent = 0
  readonly #roundTrip: RoundTrip
  #lastAckAt: LocalTime | undefined
  #lostAt = Number.NEGATIVE_INFINITY
  /** When the last burst ended, if it asked for an acknowledgement. */
  #askedAt = Number.NEGATIVE_INFINITY
  readonly counters = {
    sent: 0,
    resent: 0,
    lost: 0,
    abandoned: 0,
    timeouts: 0,
    probes: 0,
    forwards: 0,
    refusedSacks: 0,
  }

  constructor(options: SctpSenderOptions) {
    this.#nextTsn = options.firstTsn >>> 0
    this.#forward = new ForwardPoint((options.firstTsn - 1) >>> 0)
    this.#queue = new OutgoingQueue({ maxBytes: options.maxQueueBytes ?? 128 * 1024 })
    this.#window = new CongestionWindow({ minBytes: options.minWindowBytes ?? 24 * MAX_CHUNK_BYTES })
    this.#roundTrip = new RoundTrip({
      minTimeoutMs: options.minRtoMs ?? 300,
      maxTimeoutMs: options.maxRtoMs ?? 600,
    })
    this.#peerWindowBytes = this.#window.bytes
  }

  /** TSN the next chunk will carry. */
  get nextTsn(): number {
    return this.#nextTsn
  }

  /** Bytes waiting or under way: what a gate has to know. */
  get unackedBytes(): number {
    return this.#queue.bytes + this.#flightBytes
  }

  /** True while the receiver has not said that it has, or has given up, everything sent. */
  get awaitsAck(): boolean {
    return !this.#idle
  }

  get queuedBytes(): number {
    return this.#queue.bytes
  }

  /** Smoothed round trip in ms; undefined before the first acknowledgement. */
  get roundTripMs(): number | undefined {
    return this.#roundTrip.smoothedMs
  }

  /** The quickest of the last ten seconds. */
  get bestRoundTripMs(): number | undefined {
    return this.#roundTrip.bestMs
  }

  renewBest(): void {
    this.#roundTrip.renewBest()
  }

  /** When the newest SACK came in. */
  get lastAckAt(): LocalTime | undefined {
    return this.#lastAckAt
  }

  /** When `expire` wants to be called; infinity when nothing is under way. */
  get timerAt(): number {
    return Math.min(this.#timerAt, this.#forward.dueAt, this.#probeAt)
  }

  /** Window the receiver granted at the handshake. */
  set peerWindowBytes(bytes: number) {
    this.#peerWindowBytes = bytes
  }

  /**
   * Bytes that stand in a queue: unsent ones, and those under way for longer than the path's best round trip.
   * On an idle path of 200 ms this is 0 with 20 kB in flight, so a long path is not taken for a narrow one.
   */
  standingBytes(now: LocalTime): number {
    let bytes = this.#queue.bytes
    const before = now - (this.#roundTrip.bestMs ?? 0) - STANDING_SLACK_MS
    for (const chunk of this.#sent) {
      if (chunk.sentAt > before) break
      if (!chunk.acked && !chunk.abandoned) bytes += chunk.bytes.length
    }
    return bytes
  }

  /** Queues a message; false when the backlog is full. Throws on an unreliable message above one packet. */
  push(message: OutgoingMessage): boolean {
    return this.#queue.push(message)
  }

  /** The next chunk that may leave now and fits into `room` payload bytes. */
  take(room: number, now: LocalTime): OutgoingChunk | undefined {
    const window = Math.min(this.#window.bytes, this.#peerWindowBytes)
    for (const chunk of this.#sent) {
      if (!chunk.retransmit) continue
      if (chunk.bytes.length > room || (this.#flightBytes > 0 && this.#flightBytes >= window))
        return undefined
      chunk.retransmit = false
      this.counters.resent += 1
      return this.#leave(chunk, now)
    }
    const chunk = this.#queue.head
    if (chunk === undefined || chunk.bytes.length > room) return undefined
    if (this.#flightBytes > 0 && this.#flightBytes + chunk.bytes.length > window) return undefined
    this.#queue.shift()
    chunk.tsn = this.#nextTsn
    this.#nextTsn = (this.#nextTsn + 1) >>> 0
    this.#sent.push(chunk)
    if (chunk.reliable) this.#reliableSent += 1
    return this.#leave(chunk, now)
  }

  #leave(chunk: OutgoingChunk, now: LocalTime): OutgoingChunk {
    chunk.sentAt = now
    chunk.sends += 1
    chunk.misses = 0
    this.counters.sent += 1
    this.#flightBytes += chunk.bytes.length
    const burstEnds = this.#queue.bytes === 0 || this.#flightBytes + MAX_CHUNK_BYTES > this.#window.bytes
    const asks = burstEnds && !this.#mayShareAck(chunk, now)
    chunk.flags = asks ? chunk.flags | FLAG_IMMEDIATE : chunk.flags & ~FLAG_IMMEDIATE
    if (burstEnds) this.#askedAt = asks ? now : Number.NEGATIVE_INFINITY
    if (this.#timerAt === Number.POSITIVE_INFINITY) this.#timerAt = now + this.#roundTrip.timeoutMs
    if (chunk.reliable) this.#probeAt = Math.min(this.#probeAt, this.#probeTime(chunk))
    return chunk
  }

  #mayShareAck({ reliable }: OutgoingChunk, now: LocalTime): boolean {
    const { smoothedMs } = this.#roundTrip
    return (
      !reliable &&
      smoothedMs !== undefined &&
      smoothedMs <= SHARED_ACK.roundTripMs &&
      this.#flightBytes <= SHARED_ACK.flightBytes &&
      now - this.#askedAt <= SHARED_ACK.sinceMs &&
      now - this.#lostAt > SHARED_ACK.calmMs &&
      !this.#forward.isAhead
    )
  }

  /** TSN of a FORWARD-TSN that is due; repeated until the receiver's cumulative TSN has reached it (trap 6). */
  takeForward(now: LocalTime): number | undefined {
    const tsn = this.#forward.take(now)
    if (tsn === undefined) return undefined
    this.counters.forwards += 1
    if (this.#timerAt === Number.POSITIVE_INFINITY) this.#timerAt = now + this.#roundTrip.timeoutMs
    return tsn
  }

  /** Takes in a SACK. False when it speaks of what was never sent or is older than the last one. */
  ack(sack: Sack, now: LocalTime): boolean {
    const { cumulativeTsn } = sack
    if (tsnAfter(this.#forward.cumulative, cumulativeTsn)) return false
    if (tsnAfter((cumulativeTsn + 1) >>> 0, this.#nextTsn)) {
      this.counters.refusedSacks += 1
      return false
    }
    const advanced = cumulativeTsn !== this.#forward.cumulative
    const windowWasFull = this.#flightBytes + MAX_CHUNK_BYTES > this.#window.bytes
    this.#forward.acknowledged(cumulativeTsn)
    this.#lastAckAt = now
    this.#peerWindowBytes = sack.advertisedRwnd
    let ackedBytes = 0
    let newestSentAt: LocalTime | undefined
    let passed = 0
    for (const chunk of this.#sent) {
      if (tsnAfter(chunk.tsn, cumulativeTsn)) break
      passed += 1
      ackedBytes += this.#acknowledge(chunk)
      if (tellsRoundTrip(chunk)) newestSentAt = chunk.sentAt
    }
    if (passed > 0) this.#sent.splice(0, passed)

    let highestNew: number | undefined
    let block = 0
    for (const chunk of this.#sent) {
      const offset = (chunk.tsn - cumulativeTsn) >>> 0
      while (block < MAX_GAPS && block < sack.gaps.length && sack.gaps[block]![1] < offset) block += 1
      const gap = block < MAX_GAPS ? sack.gaps[block] : undefined
      if (gap === undefined) break
      if (offset < gap[0] || chunk.acked) continue
      ackedBytes += this.#acknowledge(chunk)
      highestNew = chunk.tsn
      if (tellsRoundTrip(chunk)) newestSentAt = chunk.sentAt
    }
    if (newestSentAt !== undefined) this.#roundTrip.measure(now - newestSentAt, now)

    let lost = false
    if (highestNew !== undefined) {
      for (const chunk of this.#sent) {
        if (!tsnAfter(highestNew, chunk.tsn)) break
        if (chunk.acked || chunk.abandoned || chunk.retransmit) continue
        chunk.misses += 1
        if (chunk.misses < REORDER_LIMIT) continue
        this.#lose(chunk, now)
        lost = true
      }
    }
    this.#window.acknowledged({
      bytes: ackedBytes,
      wasFull: windowWasFull,
      lost,
      cumulativeTsn,
      newestTsn: (this.#nextTsn - 1) >>> 0,
      bestRoundTripMs: this.#roundTrip.bestMs ?? 0,
    })
    this.#advance(now)
    this.#probeAt = this.#nextProbe()
    if (this.#idle) this.#timerAt = Number.POSITIVE_INFINITY
    else if (advanced || ackedBytes > 0) this.#timerAt = now + this.#roundTrip.timeoutMs
    return true
  }

  /** The retransmission timer; call it when `timerAt` has come. */
  expire(now: LocalTime): void {
    if (now >= this.#probeAt) this.#probe(now)
    if (now < this.#timerAt) return
    this.#timerAt = Number.POSITIVE_INFINITY
    if (this.#idle) return
    this.counters.timeouts += 1
    for (const chunk of this.#sent) {
      if (!chunk.acked && !chunk.abandoned && !chunk.retransmit) this.#lose(chunk, now)
    }
    this.#flightBytes = 0
    this.#window.timedOut(this.#roundTrip.bestMs ?? 0)
    this.#roundTrip.timedOut()
    this.#advance(now)
    this.#forward.timedOut(now)
    if (!this.#idle) this.#timerAt = now + this.#roundTrip.timeoutMs
  }

  /** Queues reliable chunks again that have waited long enough; whether they are lost nobody knows, so nothing else changes. */
  #probe(now: LocalTime): void {
    for (const chunk of this.#sent) {
      if (!chunk.reliable || chunk.acked || chunk.retransmit || this.#probeTime(chunk) > now) continue
      chunk.retransmit = true
      this.#flightBytes = Math.max(0, this.#flightBytes - chunk.bytes.length)
      this.counters.probes += 1
    }
    this.#probeAt = this.#nextProbe()
  }

  #nextProbe(): number {
    let at = Number.POSITIVE_INFINITY
    if (this.#reliableSent === 0) return at
    for (const chunk of this.#sent) {
      if (chunk.reliable && !chunk.acked && !chunk.retransmit) at = Math.min(at, this.#probeTime(chunk))
    }
    return at
  }

  #probeTime(chunk: OutgoingChunk): number {
    return chunk.sentAt + this.#roundTrip.probeMs(chunk.sends)
  }

  get #idle(): boolean {
    return this.#sent.length === 0 && !this.#forward.isAhead
  }

  #acknowledge(chunk: OutgoingChunk): number {
    if (chunk.acked) return 0
    chunk.acked = true
    if (chunk.reliable) this.#reliableSent -= 1
    // Given up or queued again, it has left the flight already.
    if (chunk.abandoned || chunk.retransmit) {
      chunk.retransmit = false
      return 0
    }
    this.#flightBytes = Math.max(0, this.#flightBytes - chunk.bytes.length)
    return chunk.bytes.length
  }

  #lose(chunk: OutgoingChunk, now: LocalTime): void {
    this.counters.lost += 1
    this.#lostAt = now
    this.#flightBytes = Math.max(0, this.#flightBytes - chunk.bytes.length)
    if (chunk.reliable) chunk.retransmit = true
    else {
      chunk.abandoned = true
      this.counters.abandoned += 1
    }
  }

  /** Moves the forward point over everything at the head that is acknowledged or given up. */
  #advance(now: LocalTime): void {
    let settled = 0
    let given = 0
    for (const chunk of this.#sent) {
      if (!chunk.acked && !chunk.abandoned) break
      settled += 1
      if (!chunk.acked) given = settled
    }
    if (given > 0) {
      this.#forward.giveUp(this.#sent[given - 1]!.tsn, now)
      this.#sent.splice(0, given)
    } else this.#forward.repeat(this.#roundTrip.smoothedMs, now)
  }
}

/**
 * Karn: a chunk sent twice cannot tell which copy was acknowledged. And one that did not ask may have been acknowledged late.
 */
function tellsRoundTrip({ sends, abandoned, flags }: OutgoingChunk): boolean {
  return sends === 1 && !abandoned && (flags & FLAG_IMMEDIATE) !== 0
}
