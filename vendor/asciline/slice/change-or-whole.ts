// Whether a macroblock is cheaper as a change of what is shown than coded whole.

import { MACROBLOCK_COLS, MACROBLOCK_ROWS } from '../cells/grid.ts'
import type { Picture } from '../cells/picture.ts'
import { lumaOffset } from './macroblock.ts'

/** A change must be this much smaller than the texture: it is the one that depends on another message. */
const WORTH = 0.4

/** Compares what a change would have to code with what the texture would, both as sums of absolute luma. */
export function isBetterChanged(source: Picture, base: Picture, macroblock: number): boolean {
  const { stride } = source
  const first = lumaOffset(source, macroblock)
  let change = 0
  let texture = 0
  for (let half = first; half < first + MACROBLOCK_COLS; half += 8) {
    let sum = 0
    let at = half
    for (let row = 0; row < MACROBLOCK_ROWS; row += 1, at += stride) {
      for (let sample = at; sample < at + 8; sample += 1) sum += source.y[sample]
    }
    const mean = (sum + 32) >> 6
    at = half
    for (let row = 0; row < MACROBLOCK_ROWS; row += 1, at += stride) {
      for (let sample = at; sample < at + 8; sample += 1) {
        const value = source.y[sample]
        change += Math.abs(value - base.y[sample])
        texture += Math.abs(value - mean)
      }
    }
  }
  return change < WORTH * texture
}
