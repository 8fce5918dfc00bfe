// Notices which slices should have come by now and asks for them while a second copy can still arrive in time.
//
// The clock tells sooner than the next frame would: a frame is due one usual delay after the server sent it. What is asked for
// is worthless a moment later, so the question goes over the unordered channel, where no lost question holds up the next one.

import type { Gap } from '../../signaling/messages.ts'
import type { LocalTime } from '../../vendor/asciline/index.ts'
import type { FrameRecord } from './slice-store.ts'

/** Questions per frame: on a short path there is time for a second one. */
const MAX_TRIES = 3
/** Frames asked for in one message, and single slices of one frame: beyond that it is an outage and not a loss. */
export const MAX_GAPS = 8
export const MAX_GAP_SLICES = 32
/** Patience beyond the usual delay. */
const MIN_SLACK_MS = 4
const MAX_SLACK_MS = 40
const SLOTS = 64

/** How a frame stands in time, all local: when it left the server, and when it is shown. */
export type FrameTimes = { leftAt: number; shownAt: number }

/** Pure: time is an argument. */
export class GapWatch {
  readonly #frames = new Float64Array(SLOTS).fill(-1)
  readonly #tries = new Uint8Array(SLOTS)
  readonly #againAt = new Float64Array(SLOTS)
  #delayMs: number | undefined
  #variationMs = 0

  /** A frame is complete, `delayMs` after it left the server. Those that needed a question say nothing about the path. */
  arrived(frame: number, delayMs: number): void {
    if (this.#frames[frame % SLOTS] === frame) return
    if (this.#delayMs === undefined) {
      this.#delayMs = delayMs
      this.#variationMs = 5
      return
    }
    this.#variationMs += (Math.abs(delayMs - this.#delayMs) - this.#variationMs) / 16
    this.#delayMs += (delayMs - this.#delayMs) / 16
  }

  /** True when the frame should have come by now, has not been asked for too often, and can still come in time. */
  due(frame: number, { leftAt, shownAt }: FrameTimes, roundTripMs: number, now: LocalTime): boolean {
    if (this.#delayMs === undefined || now + roundTripMs >= shownAt) return false
    const slot = frame % SLOTS
    if (this.#frames[slot] !== frame) return now >= leftAt + this.#delayMs + this.#slackMs
    return this.#tries[slot] < MAX_TRIES && now >= this.#againAt[slot]
  }

  /** Notes the question. True when there will be no time for another: then it is worth saying twice. */
  asked(frame: number, { shownAt }: FrameTimes, roundTripMs: number, now: LocalTime): boolean {
    const slot = frame % SLOTS
    if (this.#frames[slot] !== frame) this.#tries[slot] = 0
    this.#frames[slot] = frame
    this.#tries[slot] += 1
    const againAt = now + roundTripMs + this.#slackMs + MIN_SLACK_MS
    this.#againAt[slot] = againAt
    return againAt + roundTripMs >= shownAt
  }

  /** Another epoch or another path. */
  reset(): void {
    this.#frames.fill(-1)
    this.#delayMs = undefined
  }

  get #slackMs(): number {
    return Math.min(MAX_SLACK_MS, Math.max(MIN_SLACK_MS, 4 * this.#variationMs))
  }
}

/** What a frame lacks: single slices, and everything from `from` on when its end has not been seen. */
export function gapOf(record: FrameRecord): Gap {
  const slices: number[] = []
  const end = record.lastSlice >= 0 ? record.lastSlice : record.highestSlice
  for (let slice = 0; slice <= end && slices.length < MAX_GAP_SLICES; slice++)
    if (!record.has(slice)) slices.push(slice)
  if (record.lastSlice >= 0) return { frame: record.frame, slices }
  return { frame: record.frame, slices, from: record.highestSlice + 1 }
}
