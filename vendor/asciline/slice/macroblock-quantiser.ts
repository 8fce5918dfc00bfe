// From samples to levels and back: what a macroblock is coded as, and what a viewer then shows.

import type { Picture } from '../cells/picture.ts'
import { BlockQuantiser } from './block-quantiser.ts'
import { CHROMA, LUMA, ONTO_CHROMA, ONTO_LUMA } from './contexts.ts'
import { inverseDct, inverseFlat, loadBlock, loadChange } from './dct.ts'
import { chromaOffset, lumaOffset, MEND_STEPS } from './macroblock.ts'
import { BLOCK_LEVELS, BLOCKS, type MacroblockLevels } from './macroblock-levels.ts'
import { ZIGZAG } from './zigzag.ts'

/**
 * What a bit has to save in squared error, in steps. At one step for all, 0.11 gives the fewest bytes for a luma PSNR. Chroma
 * tints glyphs and may be off by more; a mending is seen for two frames at most, by those who have lost something.
 */
const LUMA_SQUARE_PER_BIT = 0.11
const CHROMA_SQUARE_PER_BIT = 0.3
const MEND_SQUARE_PER_BIT = 0.25

/**
 * Black samples aim half a step below black, where every viewer cuts off. A block that holds the edge of a letterbox rings into the
 * bar by a few levels, and what rings upwards shows as specks; so nearly all of it stays out of sight.
 */
function belowBlack(quarters: number): number {
  return Math.round(quarters / 8)
}

/** Steps are those of luma, in quarters; chroma has twice as much. Allocates nothing after construction. */
export class MacroblockQuantiser {
  readonly #blocks = new BlockQuantiser()
  readonly #block = new Float64Array(BLOCK_LEVELS)
  readonly #coefficients = new Float64Array(BLOCK_LEVELS)

  /** The macroblock on its own. */
  whole(source: Picture, macroblock: number, quarters: number, into: MacroblockLevels): void {
    this.#wholeAt(source, macroblock, quarters, LUMA_SQUARE_PER_BIT, into)
  }

  /** The macroblock as it stands in for the frame before, at MEND_STEPS times the step. */
  mending(source: Picture, macroblock: number, quarters: number, into: MacroblockLevels): void {
    this.#wholeAt(source, macroblock, MEND_STEPS * quarters, MEND_SQUARE_PER_BIT, into)
  }

  #wholeAt(
    source: Picture,
    macroblock: number,
    quarters: number,
    lumaSquarePerBit: number,
    into: MacroblockLevels,
  ): void {
    const { y, cb, cr, stride, chromaStride } = source
    const luma = lumaOffset(source, macroblock)
    const chroma = chromaOffset(source, macroblock)
    const block = macroblock * BLOCKS
    const squares = lumaSquarePerBit
    this.#whole(y, luma, stride, quarters, LUMA, squares, into, block)
    this.#whole(y, luma + 8, stride, quarters, LUMA, squares, into, block + 1)
    this.#whole(cb, chroma, chromaStride, 2 * quarters, CHROMA, CHROMA_SQUARE_PER_BIT, into, block + 2)
    this.#whole(cr, chroma, chromaStride, 2 * quarters, CHROMA, CHROMA_SQUARE_PER_BIT, into, block + 3)
  }

  #whole(
    plane: Uint8Array,
    at: number,
    stride: number,
    step: number,
    contexts: number,
    squarePerBit: number,
    into: MacroblockLevels,
    block: number,
  ): void {
    const below = contexts === LUMA ? belowBlack(step) : 0
    const energy = loadBlock(plane, at, stride, below, this.#block)
    this.#blocks.code(this.#block, energy, step, contexts, squarePerBit, into, block)
  }

  /** What turns `base` into `source`. */
  change(source: Picture, base: Picture, macroblock: number, quarters: number, into: MacroblockLevels): void {
    const { stride, chromaStride } = source
    const luma = lumaOffset(source, macroblock)
    const chroma = chromaOffset(source, macroblock)
    const block = macroblock * BLOCKS
    this.#change(source.y, base.y, luma, stride, quarters, ONTO_LUMA, into, block)
    this.#change(source.y, base.y, luma + 8, stride, quarters, ONTO_LUMA, into, block + 1)
    this.#change(source.cb, base.cb, chroma, chromaStride, 2 * quarters, ONTO_CHROMA, into, block + 2)
    this.#change(source.cr, base.cr, chroma, chromaStride, 2 * quarters, ONTO_CHROMA, into, block + 3)
  }

  #change(
    plane: Uint8Array,
    before: Uint8Array,
    at: number,
    stride: number,
    step: number,
    contexts: number,
    into: MacroblockLevels,
    block: number,
  ): void {
    const luma = contexts === ONTO_LUMA
    const energy = loadChange(plane, before, at, stride, luma ? belowBlack(step) : 0, this.#block)
    const squarePerBit = luma ? LUMA_SQUARE_PER_BIT : CHROMA_SQUARE_PER_BIT
    this.#blocks.code(this.#block, energy, step, contexts, squarePerBit, into, block)
  }

  /** Paints the macroblock as every viewer shows it who is sent these levels whole. */
  paint(from: MacroblockLevels, macroblock: number, quarters: number, picture: Picture): void {
    const { y, cb, cr, stride, chromaStride } = picture
    const luma = lumaOffset(picture, macroblock)
    const chroma = chromaOffset(picture, macroblock)
    const block = macroblock * BLOCKS
    this.#paintBlock(from, block, quarters, y, luma, stride)
    this.#paintBlock(from, block + 1, quarters, y, luma + 8, stride)
    this.#paintBlock(from, block + 2, 2 * quarters, cb, chroma, chromaStride)
    this.#paintBlock(from, block + 3, 2 * quarters, cr, chroma, chromaStride)
  }

  #paintBlock(
    { levels, lasts }: MacroblockLevels,
    block: number,
    quarters: number,
    plane: Uint8Array,
    at: number,
    stride: number,
  ): void {
    const first = block * BLOCK_LEVELS
    const last = lasts[block]
    if (last === 0) {
      inverseFlat(levels[first] * quarters, plane, at, stride)
      return
    }
    const coefficients = this.#coefficients
    coefficients.fill(0)
    let rowMask = 0
    for (let index = 0; index <= last; index += 1) {
      const level = levels[first + index]
      if (level === 0) continue
      const natural = ZIGZAG[index]
      coefficients[natural] = level * quarters
      rowMask |= 1 << (natural >> 3)
    }
    inverseDct(coefficients, rowMask, plane, at, stride)
  }
}
