// From samples to levels and back: what a macroblock is coded as, and what a viewer then shows.

import type { Picture } from '../cells/picture.ts'
import { forwardDct, forwardDctOfChange, inverseDct, inverseFlat } from './dct.ts'
import { chromaOffset, lumaOffset } from './macroblock.ts'
import { BLOCK_LEVELS, BLOCKS, type MacroblockLevels } from './macroblock-levels.ts'
import { quantise } from './quantise.ts'
import { ZIGZAG } from './zigzag.ts'

/** Steps are those of luma, in quarters; chroma has twice as much. Allocates nothing after construction. */
export class MacroblockQuantiser {
  readonly #block = new Float64Array(BLOCK_LEVELS)
  readonly #coefficients = new Float64Array(BLOCK_LEVELS)

  /** The macroblock on its own. */
  whole(source: Picture, macroblock: number, quarters: number, into: MacroblockLevels): void {
    const { y, cb, cr, stride, chromaStride } = source
    const luma = lumaOffset(source, macroblock)
    const chroma = chromaOffset(source, macroblock)
    const block = macroblock * BLOCKS
    forwardDct(y, luma, stride, this.#block)
    quantise(this.#block, quarters, into, block)
    forwardDct(y, luma + 8, stride, this.#block)
    quantise(this.#block, quarters, into, block + 1)
    forwardDct(cb, chroma, chromaStride, this.#block)
    quantise(this.#block, 2 * quarters, into, block + 2)
    forwardDct(cr, chroma, chromaStride, this.#block)
    quantise(this.#block, 2 * quarters, into, block + 3)
  }

  /** What turns `base` into `source`. */
  change(source: Picture, base: Picture, macroblock: number, quarters: number, into: MacroblockLevels): void {
    const { y, cb, cr, stride, chromaStride } = source
    const luma = lumaOffset(source, macroblock)
    const chroma = chromaOffset(source, macroblock)
    const block = macroblock * BLOCKS
    forwardDctOfChange(y, base.y, luma, stride, this.#block)
    quantise(this.#block, quarters, into, block)
    forwardDctOfChange(y, base.y, luma + 8, stride, this.#block)
    quantise(this.#block, quarters, into, block + 1)
    forwardDctOfChange(cb, base.cb, chroma, chromaStride, this.#block)
    quantise(this.#block, 2 * quarters, into, block + 2)
    forwardDctOfChange(cr, base.cr, chroma, chromaStride, this.#block)
    quantise(this.#block, 2 * quarters, into, block + 3)
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
