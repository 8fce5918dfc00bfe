// Writes the quantised levels of one 8x8 block, and the counts around it, as decisions of the range coder.

import {
  AGE,
  BAND_OF_INDEX,
  BANDS,
  DC,
  END,
  LARGER,
  LARGEST,
  NONZERO,
  RUN,
  UNARY_AC,
  UNARY_DC,
} from './contexts.ts'
import { BLOCK_LEVELS, type MacroblockLevels } from './macroblock-levels.ts'
import type { Surroundings } from './neighbours.ts'
import type { RangeEncoder } from './range-encoder.ts'

/**
 * Codes block number `block` of `from`; `plane` is where the contexts of its kind begin, `predicted` the first level as the
 * neighbours have it. Returns how many levels besides the first are not zero.
 */
export function encodeBlock(
  coder: RangeEncoder,
  plane: number,
  { levels, lasts }: MacroblockLevels,
  block: number,
  predicted: number,
  { spread, busy }: Surroundings,
): number {
  const first = block * BLOCK_LEVELS
  const last = lasts[block]
  encodeSigned(coder, plane + DC + spread * UNARY_DC, levels[first] - predicted)
  const ends = plane + END + busy * BANDS * 2
  const nonzero = plane + NONZERO + busy * BANDS * 5
  let count = 0
  let before = 1
  let near = 1
  for (let index = 1; index <= last; index += 1) {
    const band = BAND_OF_INDEX[index]
    // After a zero the block cannot end: it would have ended there.
    if (before !== 0 || index === 1) coder.encode(ends + band * 2 + before - 1, 0)
    const level = levels[first + index]
    if (level === 0) {
      coder.encode(nonzero + band * 5 + near, 0)
      near = before
      before = 0
      continue
    }
    coder.encode(nonzero + band * 5 + near, 1)
    encodeLevel(coder, plane, band, near, level < 0 ? -level : level)
    coder.encodeRaw(level < 0 ? 1 : 0, 1)
    count += 1
    const now = level > 1 || level < -1 ? 2 : 1
    near = before + now
    before = now
  }
  if (last < BLOCK_LEVELS - 1) coder.encode(ends + BAND_OF_INDEX[last + 1] * 2 + before - 1, 1)
  return count
}

function encodeLevel(
  coder: RangeEncoder,
  plane: number,
  band: number,
  near: number,
  magnitude: number,
): void {
  coder.encode(plane + LARGER + band * 3 + (near > 2 ? 2 : near), magnitude > 1 ? 1 : 0)
  if (magnitude > 1)
    encodeMagnitude(coder, plane + LARGEST + band * (UNARY_AC - 2), UNARY_AC - 1, magnitude - 1)
}

/** Codes how many frames ago the macroblock was painted that this one changes, 1 or more. */
export function encodeAge(coder: RangeEncoder, age: number): void {
  encodeMagnitude(coder, AGE, UNARY_DC, age)
}

/** Codes how many macroblocks are skipped before the next one. */
export function encodeRun(coder: RangeEncoder, run: number): void {
  coder.encode(RUN, run === 0 ? 0 : 1)
  if (run !== 0) encodeMagnitude(coder, RUN + 1, UNARY_DC, run)
}

function encodeSigned(coder: RangeEncoder, context: number, value: number): void {
  if (value === 0) {
    coder.encode(context, 0)
    return
  }
  coder.encode(context, 1)
  encodeMagnitude(coder, context + 1, UNARY_DC, value < 0 ? -value : value)
  coder.encodeRaw(value < 0 ? 1 : 0, 1)
}

// 1 or more: above 1? above 2? .. and from `limit` on the rest in Exp-Golomb.
function encodeMagnitude(coder: RangeEncoder, context: number, limit: number, magnitude: number): void {
  for (let value = 1; value < limit; value += 1) {
    const above = magnitude > value ? 1 : 0
    coder.encode(context + value - 1, above)
    if (above === 0) return
  }
  const rest = magnitude - limit + 1
  const bits = 32 - Math.clz32(rest)
  for (let bit = 1; bit < bits; bit += 1) coder.encodeRaw(1, 1)
  coder.encodeRaw(0, 1)
  coder.encodeRaw(rest, bits - 1)
}
