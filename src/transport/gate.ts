// Decides which frames leave for one viewer, and when: drop-late happens here, before anything is sent. A frame that
// waits inside SCTP cannot be taken back, so at most one frame waits, and it waits here.

import type { LocalTime } from '../../vendor/asciline/index.ts'
import type { EncodedFrame } from '../encode/frame-bus.ts'

/**
 * So long beyond a round trip neither sent nor acknowledged anything: what stands is then not a queue, whose draining would be
 * acknowledged all the time, but lost acknowledgements, and nobody sends another before the retransmission timer. One frame
 * leaves and brings the next acknowledgement.
 */
const QUIET_MS = 20
/** So many such frames in a row, each after twice the patience: after that it is an outage, and what leaves is lost. */
const MAX_PROBES = 3

export type GateOptions = {
  /** A new frame leaves while less than this of the earlier ones stands unacknowledged. */
  thresholdBytes?: number
  /** How long after its due time a frame can still be shown. */
  playoutDelayMs: number
}

/** What the gate kept back, by reason; frames, not slices. */
export type GateDrops = {
  /** A newer frame took its place. */
  replaced: number
  /** Its presentation time had passed. */
  late: number
}

/** Pure: the caller brings the clock and the number of bytes that stand unacknowledged. */
export class Gate {
  readonly #thresholdBytes: number
  readonly #playoutDelayMs: number
  #held: EncodedFrame | undefined
  #probes = 0
  readonly dropped: GateDrops = { replaced: 0, late: 0 }
  admitted = 0

  constructor(options: GateOptions) {
    this.#thresholdBytes = options.thresholdBytes ?? 8192
    this.#playoutDelayMs = options.playoutDelayMs
  }

  /** True while a frame waits for acknowledgements. */
  get holding(): boolean {
    return this.#held !== undefined
  }

  /** Offers a frame; one that is still held gives way to it. */
  push(frame: EncodedFrame): void {
    if (this.#held !== undefined) this.dropped.replaced += 1
    this.#held = frame
  }

  /**
   * The held frame if it may leave now. Call it after `push` and again whenever bytes are acknowledged. `quietMs`: how much longer
   * than a round trip nothing was sent or acknowledged; negative when it was not.
   */
  take(standingBytes: number, now: LocalTime, quietMs = Number.NEGATIVE_INFINITY): EncodedFrame | undefined {
    const frame = this.#held
    if (frame === undefined) return undefined
    if (now > frame.dueAt + this.#playoutDelayMs) {
      this.#held = undefined
      this.dropped.late += 1
      return undefined
    }
    if (standingBytes < this.#thresholdBytes) this.#probes = 0
    else {
      if (this.#probes >= MAX_PROBES || quietMs < QUIET_MS * 2 ** this.#probes) return undefined
      this.#probes += 1
    }
    this.#held = undefined
    this.admitted += 1
    return frame
  }

  /** Forgets what is held: a new epoch has begun. */
  clear(): void {
    this.#held = undefined
  }
}
