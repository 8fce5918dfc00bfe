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
import { RAW, type RangeEncoder } from './range-encoder.ts'

/** More than a block can be: 64 levels of a magnitude, its Exp-Golomb rest, a sign and what comes before them. */
const MOST_DECISIONS = 64 * 48

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
  coder.room(MOST_DECISIONS)
  const { decisions } = coder
  const first = block * BLOCK_LEVELS
  const last = lasts[block]
  let to = writeSigned(decisions, coder.waiting, plane + DC + spread * UNARY_DC, levels[first] - predicted)
  const ends = plane + END + busy * BANDS * 2
  const nonzero = plane + NONZERO + busy * BANDS * 5
  let count = 0
  let before = 1
  let near = 1
  for (let index = 1; index <= last; index += 1) {
    const band = BAND_OF_INDEX[index]
    // After a zero the block cannot end: it would have ended there.
    if (before !== 0 || index === 1) decisions[to++] = 2 * (ends + band * 2 + before - 1)
    const level = levels[first + index]
    const context = nonzero + band * 5 + near
    if (level === 0) {
      decisions[to++] = 2 * context
      near = before
      before = 0
      continue
    }
    decisions[to++] = 2 * context + 1
    const larger = 2 * (plane + LARGER + band * 3 + (near > 2 ? 2 : near))
    count += 1
    if (level === 1 || level === -1) {
      decisions[to++] = larger
      near = before + 1
      before = 1
    } else {
      decisions[to++] = larger + 1
      const rest = (level < 0 ? -level : level) - 1
      to = writeMagnitude(decisions, to, plane + LARGEST + band * (UNARY_AC - 2), UNARY_AC - 1, rest)
      near = before + 2
      before = 2
    }
    decisions[to++] = RAW + (level < 0 ? 1 : 0)
  }
  if (last < BLOCK_LEVELS - 1) {
    decisions[to++] = 2 * (ends + BAND_OF_INDEX[last + 1] * 2 + before - 1) + 1
  }
  coder.waiting = to
  return count
}

/** Codes how many frames ago the macroblock was painted that this one changes, 1 or more. */
export function encodeAge(coder: RangeEncoder, age: number): void {
  coder.room(MOST_DECISIONS)
  coder.waiting = writeMagnitude(coder.decisions, coder.waiting, AGE, UNARY_DC, age)
}

/** Codes how many macroblocks are skipped before the next one. */
export function encodeRun(coder: RangeEncoder, run: number): void {
  coder.encode(RUN, run === 0 ? 0 : 1)
  if (run === 0) return
  coder.room(MOST_DECISIONS)
  coder.waiting = writeMagnitude(coder.decisions, coder.waiting, RUN + 1, UNARY_DC, run)
}

// Both write decisions at `to`, and return where the next goes.
function writeSigned(decisions: Uint16Array, to: number, context: number, value: number): number {
  if (value === 0) {
    decisions[to] = 2 * context
    return to + 1
  }
  decisions[to] = 2 * context + 1
  const next = writeMagnitude(decisions, to + 1, context + 1, UNARY_DC, value < 0 ? -value : value)
  decisions[next] = RAW + (value < 0 ? 1 : 0)
  return next + 1
}

// 1 or more: above 1? above 2? .. and from `limit` on the rest in Exp-Golomb.
function writeMagnitude(
  decisions: Uint16Array,
  to: number,
  context: number,
  limit: number,
  magnitude: number,
): number {
  const above = magnitude < limit ? magnitude - 1 : limit - 1
  for (let step = 0; step < above; step += 1) decisions[to + step] = 2 * (context + step) + 1
  let next = to + above
  if (magnitude < limit) {
    decisions[next] = 2 * (context + above)
    return next + 1
  }
  const rest = magnitude - limit + 1
  const bits = 31 - Math.clz32(rest)
  for (let bit = 0; bit < bits; bit += 1) decisions[next++] = RAW + 1
  decisions[next++] = RAW
  for (let shift = bits - 1; shift >= 0; shift -= 1) decisions[next++] = RAW + ((rest >>> shift) & 1)
  return next
}
