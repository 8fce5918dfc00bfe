// Decides which macroblocks a frame sends: those that changed, those worth repeating, and the oldest for the refresh.
//
// A change is measured against the source AS LAST SENT, not against the previous frame, so slow drifts add up until
// they count. Repeats at 1 and 3 frames after the last change are what makes loss bearable without feedback; the first is
// coarse and painted only by whoever lost the change (it mends). The rolling refresh mends whatever is left within about a
// second, and less often what it has already sent since the change.

import type { GridSize } from '../cells/grid.ts'
import { MACROBLOCK_COLS, MACROBLOCK_ROWS } from '../cells/grid.ts'
import { Picture } from '../cells/picture.ts'
import { chromaOffset, copyMacroblock, lumaOffset } from './macroblock.ts'

/** A macroblock has changed when one sample moved by more than this .. */
const SAMPLE_THRESHOLD = 24
/** .. or its luma, or its chroma, moved by more than this on average. */
const MEAN_THRESHOLD = 3
const SUM_THRESHOLD = MEAN_THRESHOLD * MACROBLOCK_COLS * MACROBLOCK_ROWS

const FIRST_REPEAT = 1
const SECOND_REPEAT = 3
const NEVER = Number.POSITIVE_INFINITY

const SKIP = 0
const CHANGED = 1
const REPEATED = 2
const REFRESHED = 3
const MENDED = 4

/** Keeps what every viewer without loss shows. `select`, then `markSent` for those that really went out. */
export class ChangeDetector {
  /** The source as last sent. */
  readonly sent: Picture
  readonly #macroblocks: number
  readonly #refreshFrames: number
  readonly #choice: Uint8Array
  /** Per macroblock, 1 when the last `select` chose it to mend the frame before. */
  readonly mends: Uint8Array
  readonly #sentAt: Float64Array
  readonly #changedAt: Float64Array
  readonly #repeatAt: Float64Array
  /** Per macroblock, frames it waits longer for its next refresh: it has had one since its change. */
  readonly #patience: Float64Array

  /** `refreshFrames` is how many frames one round of the refresh takes. */
  constructor({ refreshFrames, ...size }: GridSize & { refreshFrames: number }) {
    this.sent = new Picture(size)
    this.#macroblocks = this.sent.macroblocks
    this.#refreshFrames = refreshFrames
    this.#choice = new Uint8Array(this.#macroblocks)
    this.mends = new Uint8Array(this.#macroblocks)
    this.#sentAt = new Float64Array(this.#macroblocks)
    this.#changedAt = new Float64Array(this.#macroblocks)
    this.#repeatAt = new Float64Array(this.#macroblocks)
    this.#patience = new Float64Array(this.#macroblocks)
    this.reset()
  }

  /** From now on everything counts as changed until it has been sent once. */
  reset(): void {
    this.#sentAt.fill(-NEVER)
    this.#changedAt.fill(-NEVER)
    this.#repeatAt.fill(NEVER)
  }

  /** Whether the macroblock has gone out since the last reset. */
  wasSent(macroblock: number): boolean {
    return this.#sentAt[macroblock] !== -NEVER
  }

  /** Whether the last `select` chose the macroblock because it has changed since it was sent. */
  hasMoved(macroblock: number): boolean {
    return this.#choice[macroblock] === CHANGED && this.wasSent(macroblock)
  }

  /** Frame in which the macroblock last went out, mends aside. */
  sentAt(macroblock: number): number {
    return this.#sentAt[macroblock]
  }

  /** Fills `addresses` with what frame number `frame` should send, ascending, and returns how many. */
  select(picture: Picture, frame: number, addresses: Uint16Array): number {
    for (let macroblock = 0; macroblock < this.#macroblocks; macroblock += 1) {
      if (!this.wasSent(macroblock) || hasChanged(picture, this.sent, macroblock)) {
        this.#choice[macroblock] = CHANGED
      } else {
        this.#choice[macroblock] = this.#repetition(macroblock, frame)
      }
      this.mends[macroblock] = this.#choice[macroblock] === MENDED ? 1 : 0
    }
    this.#chooseRefresh(frame)
    let count = 0
    for (let macroblock = 0; macroblock < this.#macroblocks; macroblock += 1) {
      if (this.#choice[macroblock] !== SKIP) addresses[count++] = macroblock
    }
    return count
  }

  #repetition(macroblock: number, frame: number): number {
    if (frame < this.#repeatAt[macroblock]) return SKIP
    const changedAt = this.#changedAt[macroblock]
    return changedAt === frame - 1 && this.#sentAt[macroblock] === changedAt ? MENDED : REPEATED
  }

  /** Records that a macroblock chosen by the last `select` left with this picture and frame. */
  markSent(picture: Picture, macroblock: number, frame: number): void {
    if (this.#choice[macroblock] === MENDED) {
      // Whoever has the frame before keeps it, so that is what counts as sent.
      this.#repeatAt[macroblock] = this.#changedAt[macroblock] + SECOND_REPEAT
      return
    }
    copyMacroblock(picture, this.sent, macroblock)
    this.#patience[macroblock] = this.#choice[macroblock] === REFRESHED ? this.#refreshFrames : 0
    this.#sentAt[macroblock] = frame
    if (this.#choice[macroblock] === CHANGED) {
      this.#changedAt[macroblock] = frame
      this.#repeatAt[macroblock] = frame + FIRST_REPEAT
    } else if (frame >= this.#repeatAt[macroblock]) {
      const second = this.#changedAt[macroblock] + SECOND_REPEAT
      this.#repeatAt[macroblock] = frame < second ? second : NEVER
    }
  }

  // The oldest first, a fixed share per frame; younger than half a round is not worth the bytes.
  #chooseRefresh(frame: number): void {
    let share = Math.ceil(this.#macroblocks / this.#refreshFrames)
    for (; share > 0; share -= 1) {
      let oldest = -1
      let oldestAt = frame - this.#refreshFrames / 2
      for (let macroblock = 0; macroblock < this.#macroblocks; macroblock += 1) {
        const sentAt = this.#sentAt[macroblock] + this.#patience[macroblock]
        if (this.#choice[macroblock] === SKIP && sentAt < oldestAt) {
          oldest = macroblock
          oldestAt = sentAt
        }
      }
      if (oldest < 0) return
      this.#choice[oldest] = REFRESHED
    }
  }
}

// Runs for every macroblock of every frame; most answers come from the first row or from the full sum of a still block.
function hasChanged(now: Picture, before: Picture, macroblock: number): boolean {
  const { stride, chromaStride } = now
  let sum = 0
  let at = lumaOffset(now, macroblock)
  for (let row = 0; row < MACROBLOCK_ROWS; row += 1, at += stride) {
    for (let sample = at; sample < at + MACROBLOCK_COLS; sample += 1) {
      const difference = Math.abs(now.y[sample] - before.y[sample])
      if (difference > SAMPLE_THRESHOLD) return true
      sum += difference
    }
    if (sum > SUM_THRESHOLD) return true
  }
  sum = 0
  at = chromaOffset(now, macroblock)
  for (let row = 0; row < MACROBLOCK_ROWS; row += 1, at += chromaStride) {
    for (let sample = at; sample < at + MACROBLOCK_COLS / 2; sample += 1) {
      const blue = Math.abs(now.cb[sample] - before.cb[sample])
      const red = Math.abs(now.cr[sample] - before.cr[sample])
      if (blue > SAMPLE_THRESHOLD || red > SAMPLE_THRESHOLD) return true
      sum += blue + red
    }
  }
  return sum > SUM_THRESHOLD
}
