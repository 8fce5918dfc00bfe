// Rounds the coefficients of a block to levels: where the bytes are saved and the quality is lost.

import { MAX_LEVEL } from './contexts.ts'
import { FORWARD_SCALE } from './dct.ts'
import { BLOCK_LEVELS, type MacroblockLevels } from './macroblock-levels.ts'
import { ZIGZAG } from './zigzag.ts'

// Up to this a level becomes the one below it. Above one half: the bits a small level costs buy more elsewhere.
const DEAD_ZONE = 0.62

/** By zig-zag index: what a transformed block is multiplied by to count in quarters of a sample. */
const TO_QUARTERS: Float64Array = Float64Array.from(ZIGZAG, (natural) => 4 * FORWARD_SCALE[natural])

/** Quantises a block as `forwardDct` leaves it into block number `block` of `into`; `step` is in quarters. */
export function quantise(
  transformed: Float64Array,
  step: number,
  { levels, lasts }: MacroblockLevels,
  block: number,
): void {
  const perStep = 1 / step
  const first = block * BLOCK_LEVELS
  levels[first] = limited(Math.floor(transformed[0] * TO_QUARTERS[0] * perStep + 0.5))
  let last = 0
  for (let index = 1; index < BLOCK_LEVELS; index += 1) {
    const exact = transformed[ZIGZAG[index]] * TO_QUARTERS[index] * perStep
    let level = 0
    if (exact > DEAD_ZONE) level = limited(Math.floor(exact + 1 - DEAD_ZONE))
    else if (exact < -DEAD_ZONE) level = -limited(Math.floor(1 - DEAD_ZONE - exact))
    if (level !== 0) last = index
    levels[first + index] = level
  }
  lasts[block] = last
}

function limited(level: number): number {
  return level > MAX_LEVEL ? MAX_LEVEL : level < -MAX_LEVEL ? -MAX_LEVEL : level
}
