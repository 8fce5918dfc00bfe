// The frames of the last moments, as they were sent: one ring for all viewers, for those who ask for a slice again.

import type { LocalTime } from '../../vendor/asciline/index.ts'
import type { EncodedFrame } from '../encode/frame-bus.ts'

/** Behind its time a slice still repairs for 300 ms, and the question for it is on its way for as long at most. */
const KEEP_MS = 600
const MAX_FRAMES = 256

/** Holds no copies: the slices are the bytes that were sent. */
export class RecentFrames {
  readonly #keepMs: number
  #frames: EncodedFrame[] = []

  constructor({ playoutDelayMs }: { playoutDelayMs: number }) {
    this.#keepMs = playoutDelayMs + KEEP_MS
  }

  push(frame: EncodedFrame, now: LocalTime): void {
    // A still picture is repeated under the number of its last frame; those are not the slices of that frame.
    if (this.get(frame.epoch, frame.index) !== undefined) return
    this.#frames.push(frame)
    let old = Math.max(0, this.#frames.length - MAX_FRAMES)
    while (old < this.#frames.length && this.#frames[old]!.dueAt < now - this.#keepMs) old += 1
    if (old > 0) this.#frames.splice(0, old)
  }

  get(epoch: number, index: number): EncodedFrame | undefined {
    return this.#frames.findLast((frame) => frame.index === index && frame.epoch === epoch)
  }
}
