// Reads one 8x8 block back from the range coder into coefficients, ready for the inverse transform.

import { BAND_OF_INDEX, DC, END, LARGER, MAX_LEVEL, NONZERO, RUN, UNARY_AC, UNARY_DC } from './contexts.ts'
import type { RangeDecoder } from './range-decoder.ts'
import { ZIGZAG } from './zigzag.ts'

/** An Exp-Golomb prefix ends here whatever the bytes say: no sound slice holds a count above 2^17. */
const MAX_PREFIX = 16

/** One block at a time: after `decode`, `coefficients` (row-major, in quarters), `rowMask` and `dc` describe it. */
export class BlockDecoder {
  readonly coefficients: Float64Array = new Float64Array(64)
  /** A bit for every row that holds a non-zero coefficient other than the first of the block; 0 is a flat block. */
  rowMask = 0
  /** First level of the block: what the next block of the plane is predicted from. */
  dc = 0

  /** `step` is the quantiser step in quarters, `predicted` the `dc` of the block before it in its plane. */
  decode(coder: RangeDecoder, plane: number, step: number, predicted: number): void {
    const { coefficients } = this
    coefficients.fill(0)
    this.dc = limitLevel(predicted + decodeSigned(coder, plane + DC))
    coefficients[0] = this.dc * step
    let rowMask = 0
    let neighbour = 1
    for (let index = 1; index < 64; index += 1) {
      const band = BAND_OF_INDEX[index]
      const state = plane + band * 3 + neighbour
      if ((neighbour !== 0 || index === 1) && coder.decode(state + END) !== 0) break
      if (coder.decode(state + NONZERO) === 0) {
        neighbour = 0
        continue
      }
      const magnitude = decodeMagnitude(coder, plane + LARGER + band * (UNARY_AC - 1), UNARY_AC)
      const level = limitLevel(coder.decodeRaw(1) !== 0 ? -magnitude : magnitude)
      const natural = ZIGZAG[index]
      coefficients[natural] = level * step
      rowMask |= 1 << (natural >> 3)
      neighbour = magnitude > 1 ? 2 : 1
    }
    this.rowMask = rowMask
  }
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
