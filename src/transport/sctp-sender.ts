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
// Here an unreliable message leaves once, alone in its packet (outgoing-queue.ts), and is forgotten when it is lost
// (flight.ts), which the other end is told until it has heard (forward-point.ts). A reliable one is sent until it is
// acknowledged, and does not wait for the timer (tail-probe.ts). The bounds of timer and window (trap 8) are those of
// round-trip.ts and congestion-window.ts.

import type { LocalTime } from '../../vendor/asciline/index.ts'
import { AckRequest } from './ack-request.ts'
import { CongestionWindow } from './congestion-window.ts'
import { Flight, type Sack } from './flight.ts'
import { ForwardPoint } from './forward-point.ts'
import {
  FLAG_IMMEDIATE,
  MAX_CHUNK_BYTES,
  type OutgoingChunk,
  type OutgoingMessage,
} from './outgoing-chunk.ts'
import { OutgoingQueue } from './outgoing-queue.ts'
import { RoundTrip } from './round-trip.ts'
import { TailProbe } from './tail-probe.ts'
import { tsnAfter } from './tsn.ts'

/**
 * Before the first acknowledgement a path may be as long as this. Else the picture that a viewer joins with, some ten packets at once,
 * counts as a queue, and the frames of a whole round trip behind it are left out: wrong blocks for a second.
 */
const UNKNOWN_PATH_MS = 200

/** Slack on top of the path's best round trip before unacknowledged bytes count as standing in a queue. */
const STANDING_SLACK_MS = 25

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
  readonly #queue: OutgoingQueue
  readonly #flight = new Flight({ counters: this.counters })
  readonly #forward: ForwardPoint
  readonly #window: CongestionWindow
  readonly #roundTrip: RoundTrip
  readonly #probe: TailProbe
  readonly #ackRequest: AckRequest
  #nextTsn: number
  #peerWindowBytes: number
  #timerAt = Number.POSITIVE_INFINITY
  #lastAckAt: LocalTime | undefined

  constructor(options: SctpSenderOptions) {
    this.#nextTsn = options.firstTsn >>> 0
    this.#queue = new OutgoingQueue({ maxBytes: options.maxQueueBytes ?? 128 * 1024 })
    this.#forward = new ForwardPoint((options.firstTsn - 1) >>> 0)
    this.#window = new CongestionWindow({ minBytes: options.minWindowBytes ?? 24 * MAX_CHUNK_BYTES })
    this.#roundTrip = new RoundTrip({
      minTimeoutMs: options.minRtoMs ?? 300,
      maxTimeoutMs: options.maxRtoMs ?? 600,
    })
    const flight = this.#flight
    const forward = this.#forward
    const roundTrip = this.#roundTrip
    this.#probe = new TailProbe({ flight, roundTrip })
    this.#ackRequest = new AckRequest({ flight, forward, roundTrip })
    this.#peerWindowBytes = this.#window.bytes
  }

  /** TSN the next chunk will carry. */
  get nextTsn(): number {
    return this.#nextTsn
  }

  /** Bytes waiting or under way: what a gate has to know. */
  get unackedBytes(): number {
    return this.#queue.bytes + this.#flight.bytes
  }

  /** True while the receiver has not said that it has, or has given up, everything sent. */
  get awaitsAck(): boolean {
    return !this.#flight.isEmpty || this.#forward.isAhead
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
    return Math.min(this.#timerAt, this.#forward.dueAt, this.#probe.at)
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
    const before = now - (this.#roundTrip.bestMs ?? UNKNOWN_PATH_MS) - STANDING_SLACK_MS
    return this.#queue.bytes + this.#flight.bytesOlderThan(before)
  }

  /** Queues a message; false when the backlog is full. Throws on an unreliable message above one packet. */
  push(message: OutgoingMessage): boolean {
    return this.#queue.push(message)
  }

  /** The next chunk that may leave now and fits into `room` payload bytes. */
  take(room: number, now: LocalTime): OutgoingChunk | undefined {
    const window = Math.min(this.#window.bytes, this.#peerWindowBytes)
    const inFlight = this.#flight.bytes
    const lost = this.#flight.toResend
    if (lost !== undefined) {
      if (lost.bytes.length > room || (inFlight > 0 && inFlight >= window)) return undefined
      this.counters.resent += 1
      return this.#leave(lost, now)
    }
    const chunk = this.#queue.head
    if (chunk === undefined || chunk.bytes.length > room) return undefined
    if (inFlight > 0 && inFlight + chunk.bytes.length > window) return undefined
    this.#queue.shift()
    chunk.tsn = this.#nextTsn
    this.#nextTsn = (this.#nextTsn + 1) >>> 0
    return this.#leave(chunk, now)
  }

  /** TSN of a FORWARD-TSN that is due; repeated until the receiver's cumulative TSN has reached it (trap 6). */
  takeForward(now: LocalTime): number | undefined {
    const tsn = this.#forward.take(now)
    if (tsn === undefined) return undefined
    this.counters.forwards += 1
    this.#startTimer(now)
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
    const windowWasFull = this.#isWindowFull
    this.#lastAckAt = now
    this.#peerWindowBytes = sack.advertisedRwnd
    this.#forward.acknowledged(cumulativeTsn)
    const { bytes, timedFrom, lost } = this.#flight.acknowledge(sack, now)
    if (timedFrom !== Number.NEGATIVE_INFINITY) this.#roundTrip.measure(now - timedFrom, now)
    this.#window.acknowledged({
      bytes,
      wasFull: windowWasFull,
      lost,
      cumulativeTsn,
      newestTsn: (this.#nextTsn - 1) >>> 0,
      bestRoundTripMs: this.#roundTrip.bestMs ?? 0,
    })
    this.#giveUp(now)
    this.#probe.look()
    if (!this.awaitsAck) this.#timerAt = Number.POSITIVE_INFINITY
    else if (advanced || bytes > 0) this.#timerAt = now + this.#roundTrip.timeoutMs
    return true
  }

  /** The retransmission timer and the probes; call it when `timerAt` has come. */
  expire(now: LocalTime): void {
    this.counters.probes += this.#probe.expire(now)
    if (now < this.#timerAt) return
    this.#timerAt = Number.POSITIVE_INFINITY
    if (!this.awaitsAck) return
    this.counters.timeouts += 1
    this.#flight.loseAll(now)
    this.#window.timedOut(this.#roundTrip.bestMs ?? 0)
    this.#roundTrip.timedOut()
    this.#giveUp(now)
    this.#forward.timedOut(now)
    if (this.awaitsAck) this.#startTimer(now)
  }

  #leave(chunk: OutgoingChunk, now: LocalTime): OutgoingChunk {
    this.#flight.add(chunk, now)
    this.counters.sent += 1
    const burstEnds = this.#queue.bytes === 0 || this.#isWindowFull
    const asks = burstEnds && this.#ackRequest.ends(chunk, now)
    chunk.flags = asks ? chunk.flags | FLAG_IMMEDIATE : chunk.flags & ~FLAG_IMMEDIATE
    this.#startTimer(now)
    this.#probe.sent(chunk)
    return chunk
  }

  get #isWindowFull(): boolean {
    return this.#flight.bytes + MAX_CHUNK_BYTES > this.#window.bytes
  }

  #startTimer(now: LocalTime): void {
    if (this.#timerAt === Number.POSITIVE_INFINITY) this.#timerAt = now + this.#roundTrip.timeoutMs
  }

  /** What stands at the head of the flight and will not be sent again, the receiver need not wait for. */
  #giveUp(now: LocalTime): void {
    const tsn = this.#flight.giveUp()
    if (tsn === undefined) this.#forward.repeat(this.#roundTrip.smoothedMs, now)
    else this.#forward.giveUp(tsn, now)
  }
}
