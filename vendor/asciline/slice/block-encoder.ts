// Writes the quantised levels of one 8x8 block, and the counts around it, as decisions of the range coder.

import { BAND_OF_INDEX, DC, END, LARGER, MAX_LEVEL, NONZERO, RUN, UNARY_AC, UNARY_DC } from './contexts.ts'
import type { RangeEncoder } from './range-encoder.ts'
import { ZIGZAG } from './zigzag.ts'

/**
 * Quantises a transformed block: `scale[n]` takes coefficient n to level units. `levels` receives zig-zag order.
 * Returns the index of the last non-zero level, 0 when there is none after the first.
 */
export function quantise(block: Float64Array, scale: Float64Array, levels: Int16Array): number {
  const dc = Math.floor(block[0] * scale[0] + 0.5)
  levels[0] = dc > MAX_LEVEL ? MAX_LEVEL : dc < -MAX_LEVEL ? -MAX_LEVEL : dc
  let last = 0
  for (let index = 1; index < 64; index += 1) {
    const natural = ZIGZAG[index]
    const exact = block[natural] * scale[natural]
    let level = 0
    if (exact > DEAD_ZONE) level = Math.min(MAX_LEVEL, Math.floor(exact + 1 - DEAD_ZONE))
    else if (exact < -DEAD_ZONE) level = -Math.min(MAX_LEVEL, Math.floor(1 - DEAD_ZONE - exact))
    if (level !== 0) last = index
    levels[index] = level
  }
  return last
}

// Up to this a level becomes the one below it. Above one half: the bits a small level costs buy more elsewhere.
const DEAD_ZONE = 0.62

/** Codes one block; `plane` is LUMA or CHROMA, `predicted` the first level of the block before it in its plane. */
export function encodeBlock(
  coder: RangeEncoder,
  plane: number,
  levels: Int16Array,
  last: number,
  predicted: number,
): void {
  encodeSigned(coder, plane + DC, levels[0] - predicted)
  let neighbour = 1
  for (let index = 1; index < 64; index += 1) {
    const band = BAND_OF_INDEX[index]
    const state = plane + band * 3 + neighbour
    // After a zero the block cannot end: it would have ended there.
    if (neighbour !== 0 || index === 1) {
      coder.encode(state + END, index > last ? 1 : 0)
      if (index > last) return
    }
    const level = levels[index]
    if (level === 0) {
      coder.encode(state + NONZERO, 0)
      neighbour = 0
      continue
    }
    coder.encode(state + NONZERO, 1)
    const magnitude = level < 0 ? -level : level
    encodeMagnitude(coder, plane + LARGER + band * (UNARY_AC - 1), UNARY_AC, magnitude)
    coder.encodeRaw(level < 0 ? 1 : 0, 1)
    neighbour = magnitude > 1 ? 2 : 1
  }
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
