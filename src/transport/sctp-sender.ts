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
// until it is acknowledged.

import type { LocalTime } from '../../vendor/asciline/index.ts'

/** Payload of the largest DATA chunk: werift's MTU of 1191 less the SCTP headers, rounded down to words. */
export const MAX_CHUNK_BYTES = 1160

const FLAG_LAST = 0x01
const FLAG_FIRST = 0x02
const FLAG_UNORDERED = 0x04
/** Asks the receiver to acknowledge at once (RFC 7053) instead of holding the SACK back for up to 200 ms. */
const FLAG_IMMEDIATE = 0x08

/** A packet is taken for lost when this many later ones were acknowledged first (RFC 9260). */
const REORDER_LIMIT = 3

/** Slack on top of the path's best round trip before unacknowledged bytes count as standing in a queue. */
const STANDING_SLACK_MS = 25

/** Gap blocks looked at per SACK; an honest receiver of what is in flight here never reports as many. */
const MAX_GAPS = 256

const RTT_WINDOW_MS = 10_000

/**
 * The window's floor grows with the path: this much for each millisecond of its best round trip, which is the budget of the
 * largest grid and half of it again. With ten packets a path of 200 ms carries 58 kB/s however idle it is, and one
 * reordered packet was enough to leave a viewer there, every frame late.
 */
const FLOOR_BYTES_PER_MS = 300

/**
 * Repeated timeouts stretch the timer to this. Long enough that a path of nearly a second gets to show its round trip,
 * short enough that a path which was cut is found again within a second.
 */
const MAX_BACKOFF_MS = 1000

/** One DATA chunk. `bytes` is never copied or written. */
export type OutgoingChunk = {
  tsn: number
  flags: number
  stream: number
  sequence: number
  protocol: number
  bytes: Uint8Array
  reliable: boolean
  sentAt: LocalTime
  sends: number
  misses: number
  acked: boolean
  abandoned: boolean
  retransmit: boolean
}

export type OutgoingMessage = {
  stream: number
  /** Payload protocol identifier: 51 text, 53 binary. */
  protocol: number
  bytes: Uint8Array
  /** Reliable messages are ordered and sent until acknowledged; others are unordered and sent once. */
  reliable: boolean
}

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
  /**
   * The congestion window never falls below this. Only sound because the gate drops frames before they are sent:
   * without it a floor fills the path's queue (15 % of the bytes arrived, measured in the prototype). More than the gate
   * lets stand, a frame and a round trip: lost packets fill the window until their loss is known, and a burst of them with
   * the SACKs behind it held everything back for 300 ms when the floor was ten packets.
   */
  minWindowBytes?: number
  /** Not below Chromium's delayed SACK of 200 ms, or every quiet moment looks like a loss. */
  minRtoMs?: number
  maxRtoMs?: number
}

/** a > b in 32-bit serial arithmetic. */
export const tsnAfter = (a: number, b: number): boolean => {
  const distance = (a - b) >>> 0
  return distance !== 0 && distance < 0x80000000
}

export class SctpSender {
  readonly #maxQueueBytes: number
  readonly #minWindowBytes: number
  readonly #minRtoMs: number
  readonly #maxRtoMs: number
  readonly #reliable: OutgoingChunk[] = []
  readonly #unreliable: OutgoingChunk[] = []
  readonly #sequences = new Map<number, number>()
  /** Sent and neither acknowledged cumulatively nor given up, in TSN order. */
  #sent: OutgoingChunk[] = []
  #nextTsn: number
  #cumulative: number
  /** Newest TSN the receiver is told to stop waiting for; equals #cumulative when there is none. */
  #forward: number
  #forwardDueAt = Number.POSITIVE_INFINITY
  #queuedBytes = 0
  #flightBytes = 0
  #windowBytes: number
  #slowStartBytes = Number.POSITIVE_INFINITY
  #recoveryEnd: number | undefined
  #peerWindowBytes: number
  #timerAt = Number.POSITIVE_INFINITY
  #rtoMs: number
  #smoothedMs: number | undefined
  #variationMs = 0
  #bestMs: number | undefined
  #bestAt = 0
  #lastAckAt: LocalTime | undefined
  readonly counters = { sent: 0, resent: 0, lost: 0, abandoned: 0, timeouts: 0, forwards: 0, refusedSacks: 0 }

  constructor(options: SctpSenderOptions) {
    this.#nextTsn = options.firstTsn >>> 0
    this.#cumulative = (options.firstTsn - 1) >>> 0
    this.#forward = this.#cumulative
    this.#maxQueueBytes = options.maxQueueBytes ?? 128 * 1024
    this.#minWindowBytes = options.minWindowBytes ?? 24 * MAX_CHUNK_BYTES
    this.#minRtoMs = options.minRtoMs ?? 300
    this.#maxRtoMs = options.maxRtoMs ?? 600
    this.#windowBytes = this.#minWindowBytes
    this.#peerWindowBytes = this.#minWindowBytes
    this.#rtoMs = this.#maxRtoMs
  }

  /** TSN the next chunk will carry. */
  get nextTsn(): number {
    return this.#nextTsn
  }

  /** Bytes waiting or under way: what a gate has to know. */
  get unackedBytes(): number {
    return this.#queuedBytes + this.#flightBytes
  }

  /** True while the receiver has not said that it has, or has given up, everything sent. */
  get awaitsAck(): boolean {
    return !this.#idle
  }

  get queuedBytes(): number {
    return this.#queuedBytes
  }

  /** Smoothed round trip in ms; undefined before the first acknowledgement. */
  get roundTripMs(): number | undefined {
    return this.#smoothedMs
  }

  /** When the newest SACK came in. */
  get lastAckAt(): LocalTime | undefined {
    return this.#lastAckAt
  }

  /** When `expire` wants to be called; infinity when nothing is under way. */
  get timerAt(): number {
    return Math.min(this.#timerAt, this.#forwardDueAt)
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
    let bytes = this.#queuedBytes
    const before = now - (this.#bestMs ?? 0) - STANDING_SLACK_MS
    for (const chunk of this.#sent) {
      if (chunk.sentAt > before) break
      if (!chunk.acked && !chunk.abandoned) bytes += chunk.bytes.length
    }
    return bytes
  }

  /** Queues a message; false when the backlog is full. Throws on an unreliable message above one packet (trap 6). */
  push(message: OutgoingMessage): boolean {
    const { bytes, reliable, stream } = message
    if (this.#queuedBytes + bytes.length > this.#maxQueueBytes) return false
    if (!reliable) {
      if (bytes.length > MAX_CHUNK_BYTES)
        throw new RangeError(`a message of ${bytes.length} bytes needs two packets`)
      this.#unreliable.push(this.#chunk(message, bytes, FLAG_FIRST | FLAG_LAST | FLAG_UNORDERED, 0))
    } else {
      const sequence = this.#sequences.get(stream) ?? 0
      this.#sequences.set(stream, (sequence + 1) & 0xffff)
      for (let from = 0; from < bytes.length; from += MAX_CHUNK_BYTES) {
        const part = bytes.subarray(from, from + MAX_CHUNK_BYTES)
        const first = from === 0 ? FLAG_FIRST : 0
        const last = from + part.length === bytes.length ? FLAG_LAST : 0
        this.#reliable.push(this.#chunk(message, part, first | last, sequence))
      }
    }
    this.#queuedBytes += bytes.length
    return true
  }

  #chunk(message: OutgoingMessage, bytes: Uint8Array, flags: number, sequence: number): OutgoingChunk {
    return {
      tsn: 0,
      flags,
      stream: message.stream,
      sequence,
      protocol: message.protocol,
      bytes,
      reliable: message.reliable,
      sentAt: 0 as LocalTime,
      sends: 0,
      misses: 0,
      acked: false,
      abandoned: false,
      retransmit: false,
    }
  }

  /** The next chunk that may leave now and fits into `room` payload bytes. */
  take(room: number, now: LocalTime): OutgoingChunk | undefined {
    const window = Math.min(this.#windowBytes, this.#peerWindowBytes)
    for (const chunk of this.#sent) {
      if (!chunk.retransmit) continue
      if (chunk.bytes.length > room || (this.#flightBytes > 0 && this.#flightBytes >= window))
        return undefined
      chunk.retransmit = false
      this.counters.resent += 1
      return this.#leave(chunk, now)
    }
    // Control first: its messages are few and small, and the fragments of one must keep consecutive TSNs.
    const queue = this.#reliable.length > 0 ? this.#reliable : this.#unreliable
    const chunk = queue[0]
    if (chunk === undefined || chunk.bytes.length > room) return undefined
    if (this.#flightBytes > 0 && this.#flightBytes + chunk.bytes.length > window) return undefined
    queue.shift()
    this.#queuedBytes -= chunk.bytes.length
    chunk.tsn = this.#nextTsn
    this.#nextTsn = (this.#nextTsn + 1) >>> 0
    this.#sent.push(chunk)
    return this.#leave(chunk, now)
  }

  #leave(chunk: OutgoingChunk, now: LocalTime): OutgoingChunk {
    chunk.sentAt = now
    chunk.sends += 1
    chunk.misses = 0
    this.counters.sent += 1
    this.#flightBytes += chunk.bytes.length
    const burstEnds = this.#queuedBytes === 0 || this.#flightBytes + MAX_CHUNK_BYTES > this.#windowBytes
    chunk.flags = burstEnds ? chunk.flags | FLAG_IMMEDIATE : chunk.flags & ~FLAG_IMMEDIATE
    if (this.#timerAt === Number.POSITIVE_INFINITY) this.#timerAt = now + this.#rtoMs
    return chunk
  }

  /** TSN of a FORWARD-TSN that is due; repeated until the receiver's cumulative TSN has reached it (trap 6). */
  takeForward(now: LocalTime): number | undefined {
    if (now < this.#forwardDueAt) return undefined
    this.#forwardDueAt = Number.POSITIVE_INFINITY
    if (!tsnAfter(this.#forward, this.#cumulative)) return undefined
    this.counters.forwards += 1
    if (this.#timerAt === Number.POSITIVE_INFINITY) this.#timerAt = now + this.#rtoMs
    return this.#forward
  }

  /** Takes in a SACK. False when it speaks of what was never sent or is older than the last one. */
  ack(sack: Sack, now: LocalTime): boolean {
    const { cumulativeTsn } = sack
    if (tsnAfter(this.#cumulative, cumulativeTsn)) return false
    if (tsnAfter((cumulativeTsn + 1) >>> 0, this.#nextTsn)) {
      this.counters.refusedSacks += 1
      return false
    }
    const advanced = cumulativeTsn !== this.#cumulative
    const windowWasFull = this.#flightBytes + MAX_CHUNK_BYTES > this.#windowBytes
    this.#cumulative = cumulativeTsn
    this.#lastAckAt = now
    this.#peerWindowBytes = sack.advertisedRwnd
    let ackedBytes = 0
    let newestSentAt: LocalTime | undefined
    let passed = 0
    for (const chunk of this.#sent) {
      if (tsnAfter(chunk.tsn, cumulativeTsn)) break
      passed += 1
      ackedBytes += this.#acknowledge(chunk)
      // Karn: a chunk sent twice cannot tell which copy was acknowledged.
      if (chunk.sends === 1 && !chunk.abandoned) newestSentAt = chunk.sentAt
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
      if (chunk.sends === 1 && !chunk.abandoned) newestSentAt = chunk.sentAt
    }
    if (newestSentAt !== undefined) this.#measure(now - newestSentAt, now)

    let lost = false
    if (highestNew !== undefined) {
      for (const chunk of this.#sent) {
        if (!tsnAfter(highestNew, chunk.tsn)) break
        if (chunk.acked || chunk.abandoned || chunk.retransmit) continue
        chunk.misses += 1
        if (chunk.misses < REORDER_LIMIT) continue
        this.#lose(chunk)
        lost = true
      }
    }
    this.#adjustWindow(ackedBytes, windowWasFull, lost)
    this.#advance(now)
    if (this.#idle) this.#timerAt = Number.POSITIVE_INFINITY
    else if (advanced || ackedBytes > 0) this.#timerAt = now + this.#rtoMs
    return true
  }

  /** The retransmission timer; call it when `timerAt` has come. */
  expire(now: LocalTime): void {
    if (now < this.#timerAt) return
    this.#timerAt = Number.POSITIVE_INFINITY
    if (this.#idle) return
    this.counters.timeouts += 1
    for (const chunk of this.#sent) {
      if (!chunk.acked && !chunk.abandoned && !chunk.retransmit) this.#lose(chunk)
    }
    this.#flightBytes = 0
    this.#slowStartBytes = Math.max(this.#windowBytes / 2, this.#floorBytes)
    this.#windowBytes = this.#floorBytes
    this.#recoveryEnd = undefined
    this.#rtoMs = Math.min(this.#rtoMs * 2, Math.max(MAX_BACKOFF_MS, this.#rtoMs))
    this.#advance(now)
    this.#forwardDueAt = tsnAfter(this.#forward, this.#cumulative) ? now : Number.POSITIVE_INFINITY
    if (!this.#idle) this.#timerAt = now + this.#rtoMs
  }

  get #floorBytes(): number {
    return Math.max(this.#minWindowBytes, FLOOR_BYTES_PER_MS * (this.#bestMs ?? 0))
  }

  get #idle(): boolean {
    return this.#sent.length === 0 && !tsnAfter(this.#forward, this.#cumulative)
  }

  #acknowledge(chunk: OutgoingChunk): number {
    if (chunk.acked) return 0
    chunk.acked = true
    // Given up or queued again, it has left the flight already.
    if (chunk.abandoned || chunk.retransmit) {
      chunk.retransmit = false
      return 0
    }
    this.#flightBytes = Math.max(0, this.#flightBytes - chunk.bytes.length)
    return chunk.bytes.length
  }

  #lose(chunk: OutgoingChunk): void {
    this.counters.lost += 1
    this.#flightBytes = Math.max(0, this.#flightBytes - chunk.bytes.length)
    if (chunk.reliable) chunk.retransmit = true
    else {
      chunk.abandoned = true
      this.counters.abandoned += 1
    }
  }

  /** Moves the forward point over everything at the head that is acknowledged or given up. */
  #advance(now: LocalTime): void {
    if (tsnAfter(this.#cumulative, this.#forward)) this.#forward = this.#cumulative
    let settled = 0
    let given = 0
    for (const chunk of this.#sent) {
      if (!chunk.acked && !chunk.abandoned) break
      settled += 1
      if (!chunk.acked) given = settled
    }
    if (given > 0) {
      this.#forward = this.#sent[given - 1]!.tsn
      this.#sent.splice(0, given)
      this.#forwardDueAt = now
    } else if (!tsnAfter(this.#forward, this.#cumulative)) {
      this.#forwardDueAt = Number.POSITIVE_INFINITY
    } else if (this.#forwardDueAt === Number.POSITIVE_INFINITY) {
      // Still not acknowledged: the FORWARD-TSN itself may be lost.
      this.#forwardDueAt = now + Math.max(20, this.#smoothedMs ?? 100)
    }
  }

  #adjustWindow(ackedBytes: number, wasFull: boolean, lost: boolean): void {
    const inRecovery = this.#recoveryEnd !== undefined && tsnAfter(this.#recoveryEnd, this.#cumulative)
    if (!inRecovery) this.#recoveryEnd = undefined
    if (lost && !inRecovery) {
      this.#slowStartBytes = Math.max(this.#windowBytes / 2, this.#floorBytes)
      this.#windowBytes = this.#slowStartBytes
      this.#recoveryEnd = (this.#nextTsn - 1) >>> 0
    } else if (!inRecovery && wasFull && ackedBytes > 0) {
      this.#windowBytes +=
        this.#windowBytes < this.#slowStartBytes
          ? ackedBytes
          : Math.max(1, (MAX_CHUNK_BYTES * ackedBytes) / this.#windowBytes)
    }
    this.#windowBytes = Math.max(this.#windowBytes, this.#floorBytes)
  }

  /** RFC 6298 with bounds of our own, and the best round trip of the last seconds. */
  #measure(sampleMs: number, now: LocalTime): void {
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
    const most = Math.max(this.#maxRtoMs, this.#smoothedMs * 2)
    this.#rtoMs = Math.min(most, Math.max(this.#minRtoMs, this.#smoothedMs + 4 * this.#variationMs))
    if (this.#bestMs === undefined || sample <= this.#bestMs || now - this.#bestAt > RTT_WINDOW_MS) {
      this.#bestMs = sample
      this.#bestAt = now
    }
  }
}
