// Rounds the coefficients of a block to levels: where the bytes are saved and the quality is lost.

import { MAX_LEVEL, ONTO_LUMA } from './contexts.ts'
import { FORWARD_SCALE } from './dct.ts'
import { BLOCK_LEVELS, type MacroblockLevels } from './macroblock-levels.ts'
import { busyOfChange, busyOfWhole } from './neighbours.ts'
import { Trellis } from './trellis.ts'
import { ZIGZAG } from './zigzag.ts'

/** By zig-zag index: what a transformed block is multiplied by to count in quarters of a sample, and its inverse. */
const TO_QUARTERS: Float64Array = Float64Array.from(ZIGZAG, (natural) => 4 * FORWARD_SCALE[natural])
const FROM_QUARTERS: Float64Array = TO_QUARTERS.map((scale) => 1 / scale)

/** A level that is not zero costs its sign at the least, so what saves less than a bit or so is none. */
const LEAST_BITS = 1

/** One block at a time; allocates nothing after construction. */
export class BlockQuantiser {
  readonly #trellis = new Trellis()

  /**
   * Quantises a block as `forwardDct` leaves it into block number `block` of `into`. `step` is in quarters, `plane` where the
   * contexts of its kind begin. `squarePerBit` is how much squared error, in steps, a bit has to save.
   */
  quantise(
    transformed: Float64Array,
    step: number,
    plane: number,
    squarePerBit: number,
    { levels, lasts }: MacroblockLevels,
    block: number,
  ): void {
    const { indexes, exact, magnitudes } = this.#trellis
    const first = block * BLOCK_LEVELS
    const perStep = 1 / step
    levels[first] = limited(Math.floor(transformed[0] * TO_QUARTERS[0] * perStep + 0.5))
    const least = (0.5 + (squarePerBit * LEAST_BITS) / 2) * step
    let candidates = 0
    for (let index = 1; index < BLOCK_LEVELS; index += 1) {
      const value = Math.abs(transformed[ZIGZAG[index]])
      if (value < least * FROM_QUARTERS[index]) continue
      indexes[candidates] = index
      exact[candidates] = value * TO_QUARTERS[index] * perStep
      candidates += 1
    }
    lasts[block] = 0
    if (candidates === 0) return
    // How busy the neighbours will be is not known here; as busy as the block itself is the best guess.
    const busy = plane < ONTO_LUMA ? busyOfWhole(2 * candidates) : busyOfChange(candidates)
    this.#trellis.choose(candidates, plane, busy, 1 / squarePerBit)
    let next = first + 1
    for (let candidate = 0; candidate < candidates; candidate += 1) {
      if (magnitudes[candidate] === 0) continue
      const index = indexes[candidate]
      levels.fill(0, next, first + index)
      const level = limited(magnitudes[candidate])
      levels[first + index] = transformed[ZIGZAG[index]] < 0 ? -level : level
      lasts[block] = index
      next = first + index + 1
    }
  }
}

function limited(level: number): number {
  return level > MAX_LEVEL ? MAX_LEVEL : level < -MAX_LEVEL ? -MAX_LEVEL : level
}
