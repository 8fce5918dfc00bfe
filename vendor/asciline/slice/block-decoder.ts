// Reads one 8x8 block back from the range coder into coefficients, ready for the inverse transform.

import {
  AGE,
  BAND_OF_INDEX,
  BANDS,
  DC,
  END,
  LARGER,
  LARGEST,
  MAX_LEVEL,
  NONZERO,
  RUN,
  UNARY_AC,
  UNARY_DC,
} from './contexts.ts'
import type { Surroundings } from './neighbours.ts'
import type { RangeDecoder } from './range-decoder.ts'
import { ZIGZAG } from './zigzag.ts'

/** An Exp-Golomb prefix ends here whatever the bytes say: no sound slice holds a count above 2^17. */
const MAX_PREFIX = 16

/** One block at a time: after `decode`, `coefficients` (row-major, in quarters), `rowMask` and `dc` describe it. */
export class BlockDecoder {
  readonly coefficients: Float64Array = new Float64Array(64)
  /** A bit for every row that holds a non-zero coefficient other than the first of the block; 0 is a flat block. */
  rowMask = 0
  /** First coefficient of the block, in quarters: what others are predicted from. */
  dc = 0

  /** How many levels besides the first are not zero. */
  nonzeros = 0

  /** `step` is the quantiser step in quarters; `neighbours` have looked at this block's place. */
  decode(coder: RangeDecoder, plane: number, step: number, neighbours: Surroundings): void {
    const { coefficients } = this
    coefficients.fill(0)
    const predicted = Math.floor(neighbours.predicted / step + 0.5)
    const difference = decodeSigned(coder, plane + DC + neighbours.spread * UNARY_DC)
    this.dc = limitLevel(predicted + difference) * step
    coefficients[0] = this.dc
    const ends = plane + END + neighbours.busy * BANDS * 2
    const nonzero = plane + NONZERO + neighbours.busy * BANDS * 5
    let rowMask = 0
    let count = 0
    let before = 1
    let near = 1
    for (let index = 1; index < 64; index += 1) {
      const band = BAND_OF_INDEX[index]
      if ((before !== 0 || index === 1) && coder.decode(ends + band * 2 + before - 1) !== 0) break
      if (coder.decode(nonzero + band * 5 + near) === 0) {
        near = before
        before = 0
        continue
      }
      const magnitude = decodeLevel(coder, plane, band, near)
      const level = limitLevel(coder.decodeRaw(1) !== 0 ? -magnitude : magnitude)
      const natural = ZIGZAG[index]
      coefficients[natural] = level * step
      rowMask |= 1 << (natural >> 3)
      count += 1
      const now = magnitude > 1 ? 2 : 1
      near = before + now
      before = now
    }
    this.rowMask = rowMask
    this.nonzeros = count
  }
}

function decodeLevel(coder: RangeDecoder, plane: number, band: number, near: number): number {
  if (coder.decode(plane + LARGER + band * 3 + (near > 2 ? 2 : near)) === 0) return 1
  return 1 + decodeMagnitude(coder, plane + LARGEST + band * (UNARY_AC - 2), UNARY_AC - 1)
}

/** How many frames ago the macroblock was painted that this one changes. */
export function decodeAge(coder: RangeDecoder): number {
  return decodeMagnitude(coder, AGE, UNARY_DC)
}

/** How many macroblocks are skipped before the next one. */
export function decodeRun(coder: RangeDecoder): number {
  return coder.decode(RUN) === 0 ? 0 : decodeMagnitude(coder, RUN + 1, UNARY_DC)
}

function decodeSigned(coder: RangeDecoder, context: number): number {
  if (coder.decode(context) === 0) return 0
  const magnitude = decodeMagnitude(coder, context + 1, UNARY_DC)
  return coder.decodeRaw(1) !== 0 ? -magnitude : magnitude
}

function decodeMagnitude(coder: RangeDecoder, context: number, limit: number): number {
  for (let value = 1; value < limit; value += 1) {
    if (coder.decode(context + value - 1) === 0) return value
  }
  let bits = 0
  while (bits < MAX_PREFIX && coder.decodeRaw(1) !== 0) bits += 1
  return limit - 1 + ((1 << bits) | coder.decodeRaw(bits))
}

function limitLevel(level: number): number {
  return level > MAX_LEVEL ? MAX_LEVEL : level < -MAX_LEVEL ? -MAX_LEVEL : level
}
