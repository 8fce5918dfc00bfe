// Notices which slices should have come by now and asks for them while a second copy can still arrive in time.
//
// The clock tells sooner than the next frame would: a frame is due one usual delay after the server sent it. What is asked for
// is worthless a moment later, so the question goes over the unordered channel, where no lost question holds up the next one.

import type { Gap } from '../../signaling/messages.ts'
import type { LocalTime } from '../../vendor/asciline/index.ts'
import type { FrameTimes } from './programme-clock.ts'
import type { FrameRecord } from './slice-store.ts'

/** Questions per frame: on a short path there is time for several, and a burst takes more than one. */
const MAX_TRIES = 10
/** What hits one packet often hits the next as well: two copies of anything leave this far apart. */
const SPREAD_MS = 10
/** Frames asked for in one message, and single slices of one frame: beyond that it is an outage and not a loss. */
export const MAX_GAPS = 8
export const MAX_GAP_SLICES = 32
/** Patience beyond the usual delay. */
const MIN_SLACK_MS = 4
/** A question too many costs a slice, one too late a wrong frame: of jittery frames one in twenty is asked for in vain. */
const SLACK_VARIATIONS = 2.5
const MAX_SLACK_MS = 25
/**
 * So long after a frame's time its slices are still worth asking for: they repair the frames after it. What is not asked for stays wrong
 * until the rolling refresh, a second of wrong frames for one slice.
 */
const LATE_MS = 300
/** Two seconds of playout delay and more, at 60 frames a second. */
const SLOTS = 256

/** Pure: time is an argument. */
export class GapWatch {
  readonly #frames = new Float64Array(SLOTS).fill(-1)
  readonly #tries = new Uint8Array(SLOTS)
  readonly #againAt = new Float64Array(SLOTS)
  /** Before that no answer to the first question can have come. */
  readonly #answerAt = new Float64Array(SLOTS)
  #delayMs: number | undefined
  #variationMs = 0

  /** Patience with a frame beyond the usual delay, in milliseconds. */
  get slackMs(): number {
    return Math.min(MAX_SLACK_MS, Math.max(MIN_SLACK_MS, SLACK_VARIATIONS * this.#variationMs))
  }

  /**
   * A frame is complete, `delayMs` after it left the server. Those that needed the answer to a question say nothing about the
   * path; those that came before there could be one do, or a path that has become longer would be asked about for ever. True for
   * one that needed it.
   */
  arrived(frame: number, delayMs: number, now: LocalTime): boolean {
    const slot = frame % SLOTS
    if (this.#frames[slot] === frame && now >= this.#answerAt[slot]) return true
    if (this.#delayMs === undefined) {
      this.#delayMs = delayMs
      this.#variationMs = 5
      return false
    }
    this.#variationMs += (Math.abs(delayMs - this.#delayMs) - this.#variationMs) / 16
    this.#delayMs += (delayMs - this.#delayMs) / 16
    return false
  }

  /**
   * True when the frame should have come by now, has not been asked for too often, and is still of use when it comes. What was
   * overtaken by slices behind it gets little patience.
   */
  due(frame: number, times: FrameTimes, roundTripMs: number, now: LocalTime, isOvertaken = false): boolean {
    const { leftAt, shownAt } = times
    if (this.#delayMs === undefined || now + roundTripMs >= shownAt + LATE_MS) return false
    const slot = frame % SLOTS
    const slackMs = isOvertaken ? MIN_SLACK_MS : this.slackMs
    if (this.#frames[slot] !== frame) return now >= leftAt + this.#delayMs + slackMs
    return this.#tries[slot] < MAX_TRIES && now >= this.#againAt[slot]
  }

  /** Notes the question. When there would be no time to wait for its answer first, the next one follows in a moment. */
  asked(frame: number, { shownAt }: FrameTimes, roundTripMs: number, now: LocalTime): void {
    const slot = frame % SLOTS
    if (this.#frames[slot] !== frame) {
      this.#tries[slot] = 0
      this.#answerAt[slot] = now + roundTripMs
    }
    this.#frames[slot] = frame
    this.#tries[slot] += 1
    const answeredAt = now + roundTripMs + this.slackMs + MIN_SLACK_MS
    const lastChance = answeredAt + roundTripMs >= shownAt && now + SPREAD_MS + roundTripMs < shownAt
    // Every second one, so that a copy of each is under way and no more.
    this.#againAt[slot] = lastChance && this.#tries[slot] % 2 === 1 ? now + SPREAD_MS : answeredAt
  }

  /** Another epoch or another path. */
  reset(): void {
    this.#frames.fill(-1)
    this.#delayMs = undefined
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
