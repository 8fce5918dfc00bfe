// From samples to levels and back: what a macroblock is coded as, and what a viewer then shows.

import type { Picture } from '../cells/picture.ts'
import { aimBelowBlack } from './below-black.ts'
import { BlockQuantiser } from './block-quantiser.ts'
import { CHROMA, LUMA, ONTO_CHROMA, ONTO_LUMA } from './contexts.ts'
import { forwardDct, forwardDctOfChange, inverseDct, inverseFlat } from './dct.ts'
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
    forwardDct(y, luma, stride, this.#block)
    aimBelowBlack(y, luma, stride, quarters, this.#block)
    this.#blocks.quantise(this.#block, quarters, LUMA, lumaSquarePerBit, into, block)
    forwardDct(y, luma + 8, stride, this.#block)
    aimBelowBlack(y, luma + 8, stride, quarters, this.#block)
    this.#blocks.quantise(this.#block, quarters, LUMA, lumaSquarePerBit, into, block + 1)
    forwardDct(cb, chroma, chromaStride, this.#block)
    this.#blocks.quantise(this.#block, 2 * quarters, CHROMA, CHROMA_SQUARE_PER_BIT, into, block + 2)
    forwardDct(cr, chroma, chromaStride, this.#block)
    this.#blocks.quantise(this.#block, 2 * quarters, CHROMA, CHROMA_SQUARE_PER_BIT, into, block + 3)
  }

  /** What turns `base` into `source`. */
  change(source: Picture, base: Picture, macroblock: number, quarters: number, into: MacroblockLevels): void {
    const { y, cb, cr, stride, chromaStride } = source
    const luma = lumaOffset(source, macroblock)
    const chroma = chromaOffset(source, macroblock)
    const block = macroblock * BLOCKS
    forwardDctOfChange(y, base.y, luma, stride, this.#block)
    aimBelowBlack(y, luma, stride, quarters, this.#block)
    this.#blocks.quantise(this.#block, quarters, ONTO_LUMA, LUMA_SQUARE_PER_BIT, into, block)
    forwardDctOfChange(y, base.y, luma + 8, stride, this.#block)
    aimBelowBlack(y, luma + 8, stride, quarters, this.#block)
    this.#blocks.quantise(this.#block, quarters, ONTO_LUMA, LUMA_SQUARE_PER_BIT, into, block + 1)
    forwardDctOfChange(cb, base.cb, chroma, chromaStride, this.#block)
    this.#blocks.quantise(this.#block, 2 * quarters, ONTO_CHROMA, CHROMA_SQUARE_PER_BIT, into, block + 2)
    forwardDctOfChange(cr, base.cr, chroma, chromaStride, this.#block)
    this.#blocks.quantise(this.#block, 2 * quarters, ONTO_CHROMA, CHROMA_SQUARE_PER_BIT, into, block + 3)
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
