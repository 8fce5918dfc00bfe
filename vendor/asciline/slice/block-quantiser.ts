// Rounds the coefficients of a block to levels: where the bytes are saved and the quality is lost.

import { MAX_LEVEL, ONTO_LUMA } from './contexts.ts'
import { FORWARD_SCALE, forwardDct } from './dct.ts'
import { LONELY_PRICE, lonelyPrices } from './level-prices.ts'
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

  /** As `quantise`, of samples as loaded; `energy` is what loading them returned. They are transformed only if need be. */
  code(
    samples: Float64Array,
    energy: number,
    step: number,
    plane: number,
    squarePerBit: number,
    into: MacroblockLevels,
    block: number,
  ): void {
    const least = (leastCandidate(squarePerBit) * step) / 4
    if (energy >= least * least) {
      forwardDct(samples)
      this.quantise(samples, step, plane, squarePerBit, into, block)
      return
    }
    // No coefficient can be large enough to be one.
    let sum = 0
    for (let sample = 0; sample < BLOCK_LEVELS; sample += 1) sum += samples[sample]
    into.levels[block * BLOCK_LEVELS] = limited(Math.floor((sum * TO_QUARTERS[0]) / step + 0.5))
    into.lasts[block] = 0
  }

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
    const least = leastCandidate(squarePerBit) * step
    const lonely = lonelyPrices(plane)
    let after = 2
    let candidates = 0
    for (let index = 1; index < BLOCK_LEVELS; index += 1) {
      const value = Math.abs(transformed[ZIGZAG[index]])
      if (value < least * FROM_QUARTERS[index]) continue
      const steps = value * TO_QUARTERS[index] * perStep
      // Behind two zeros the price is known: most of what noise leaves is out here already.
      if (index > after && 2 * steps - 1 < squarePerBit * LONELY_PRICE[lonely + index]) continue
      indexes[candidates] = index
      exact[candidates] = steps
      after = index + 2
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
      for (; next < first + index; next += 1) levels[next] = 0
      const level = limited(magnitudes[candidate])
      levels[first + index] = transformed[ZIGZAG[index]] < 0 ? -level : level
      lasts[block] = index
      next = first + index + 1
    }
  }
}

/** In steps: below it a coefficient is a zero whatever its neighbours are. */
function leastCandidate(squarePerBit: number): number {
  return 0.5 + (squarePerBit * LEAST_BITS) / 2
}

function limited(level: number): number {
  return level > MAX_LEVEL ? MAX_LEVEL : level < -MAX_LEVEL ? -MAX_LEVEL : level
}
