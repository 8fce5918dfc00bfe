// Answers a viewer's questions for missing slices: the same bytes once more, and only while they can still be shown.

import type { Gap } from '../../signaling/messages.ts'
import type { LocalTime } from '../../vendor/asciline/index.ts'
import type { EncodedFrame } from '../encode/frame-bus.ts'

/** A question that comes twice within this is one question that the network doubled. */
const SAME_QUESTION_MS = 4
/** Bytes per second a viewer may cause, and at once: 60 kB/s is half the picture of the largest usual grid again. */
const BYTES_PER_SECOND = 60_000
const BURST_BYTES = 12_000
/** So long after a frame's time its slices still repair the frames after it. */
const LATE_MS = 300
/** A viewer that has time for it asks a second time this much later; copies spread in time survive what hits one of them. */
const SPREAD_MS = 10
/** Two seconds of playout delay and more, at 60 frames a second. */
const SLOTS = 256

export type ResendCounters = {
  /** Slices sent again, each copy counted. */
  slices: number
  /** Questions left without an answer because it would come too late. */
  late: number
  /** Questions for frames that never left for this viewer. */
  unsent: number
  /** Slices not sent again because the viewer has asked for too much. */
  over: number
}

/** One viewer's; pure, time is an argument. */
export class Resend {
  readonly #playoutDelayMs: number
  readonly #frames = new Float64Array(SLOTS).fill(-1)
  readonly #resentAt = new Float64Array(SLOTS)
  /** What was sent of each: the slices everybody gets or the coarse ones. */
  readonly #slices: (readonly Uint8Array[])[] = Array.from({ length: SLOTS }, () => [])
  #budget = BURST_BYTES
  #budgetAt: number | undefined
  readonly counters: ResendCounters = { slices: 0, late: 0, unsent: 0, over: 0 }

  constructor(options: { playoutDelayMs: number }) {
    this.#playoutDelayMs = options.playoutDelayMs
  }

  /** The frame has left for this viewer: it may ask for it. */
  sent(frame: EncodedFrame, slices: readonly Uint8Array[]): void {
    this.#slices[frame.index % SLOTS] = slices
    this.#frames[frame.index % SLOTS] = frame.index
    this.#resentAt[frame.index % SLOTS] = Number.NEGATIVE_INFINITY
  }

  /**
   * The slices to send now; none when they would come too late even to repair the frames after theirs. Twice each when
   * another question could not be answered in time any more: it is the last chance, and a copy costs less than a wrong frame.
   * `isClear`: nothing waits and little is under way unanswered. Only then what merely repairs is sent, and frames that were kept back: on
   * a path that loses bursts, acknowledgements and all, they would stand before new ones, and where a queue kept them back they would
   * be that queue again.
   */
  answer(
    gap: Gap,
    frame: EncodedFrame,
    roundTripMs: number,
    now: LocalTime,
    isClear = true,
  ): readonly Uint8Array[] {
    const slot = frame.index % SLOTS
    if (this.#frames[slot] !== frame.index) {
      if (!isClear) {
        this.counters.unsent += 1
        return []
      }
      this.sent(frame, frame.slices)
    }
    if (now - this.#resentAt[slot]! < SAME_QUESTION_MS) return []
    const deadline = frame.dueAt + this.#playoutDelayMs
    const arrivesAt = now + roundTripMs / 2
    if (arrivesAt >= deadline + LATE_MS || (arrivesAt >= deadline && !isClear)) {
      this.counters.late += 1
      return []
    }
    this.#resentAt[slot] = now
    const missing = this.#slices[slot]!.filter(
      (_, slice) => gap.slices.includes(slice) || (gap.from !== undefined && slice >= gap.from),
    )
    const copies = arrivesAt < deadline && arrivesAt + SPREAD_MS >= deadline ? 2 : 1
    const out: Uint8Array[] = []
    for (let copy = 0; copy < copies; copy += 1) {
      for (const slice of missing) {
        if (this.#pay(slice.length, now)) out.push(slice)
        else this.counters.over += 1
      }
    }
    this.counters.slices += out.length
    return out
  }

  #pay(bytes: number, now: LocalTime): boolean {
    const since = now - (this.#budgetAt ?? now)
    this.#budgetAt = now
    this.#budget = Math.min(BURST_BYTES, this.#budget + (since * BYTES_PER_SECOND) / 1000)
    if (this.#budget < bytes) return false
    this.#budget -= bytes
    return true
  }
}
