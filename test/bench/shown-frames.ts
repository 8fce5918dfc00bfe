// Keeps count of what a viewer was shown against what it should have been shown.

import { MACROBLOCK_COLS, MACROBLOCK_ROWS, type Picture } from '../../vendor/asciline/index.ts'
import type { Watched } from './trace.ts'

/** Seconds between sending a frame and looking at it. */
export const DEADLINE = 0.08

/** Nothing was painted yet. */
export const NOTHING = -1

const SAMPLE_THRESHOLD = 24
const MEAN_THRESHOLD = 3

/** `look` once per frame, then `watched`. */
export class ShownFrames {
  readonly #sources: Picture[]
  #frames = 0
  #correct = 0
  #decibels = 0

  constructor(sources: Picture[]) {
    this.#sources = sources
  }

  /** `shown` and `wanted` say per macroblock which frame's source it shows; `squares` is the luma error of it all. */
  look(shown: ArrayLike<number>, wanted: ArrayLike<number>, squares: number): void {
    const [{ cols, rows, macroblocks }] = this.#sources
    let correct = true
    for (let macroblock = 0; macroblock < macroblocks && correct; macroblock += 1) {
      const at = shown[macroblock]
      const right = wanted[macroblock]
      correct =
        at === right ||
        (at !== NOTHING && !looksDifferent(this.#sources[at], this.#sources[right], macroblock))
    }
    this.#frames += 1
    if (correct) this.#correct += 1
    this.#decibels += Math.min(60, 10 * Math.log10((255 ** 2 * cols * rows) / Math.max(squares, 1e-3)))
  }

  watched(wireKBps: number): Watched {
    return {
      correct: (100 * this.#correct) / this.#frames,
      psnrY: this.#decibels / this.#frames,
      wireKBps,
    }
  }
}

/** Squared luma error over the visible cells. */
export function squaredError(a: Picture, b: Picture): number {
  let squares = 0
  for (let row = 0; row < a.rows; row += 1) {
    const from = row * a.stride
    for (let at = from; at < from + a.cols; at += 1) squares += (a.y[at] - b.y[at]) ** 2
  }
  return squares
}

function looksDifferent(a: Picture, b: Picture, macroblock: number): boolean {
  const row = Math.floor(macroblock / a.macroblockCols)
  const column = macroblock - row * a.macroblockCols
  let sum = 0
  for (let line = 0; line < MACROBLOCK_ROWS; line += 1) {
    const from = (row * MACROBLOCK_ROWS + line) * a.stride + column * MACROBLOCK_COLS
    for (let at = from; at < from + MACROBLOCK_COLS; at += 1) {
      const difference = Math.abs(a.y[at] - b.y[at])
      if (difference > SAMPLE_THRESHOLD) return true
      sum += difference
    }
  }
  return sum > MEAN_THRESHOLD * MACROBLOCK_COLS * MACROBLOCK_ROWS
}
