// Paints slices into a picture, in whatever order they come: late, twice, or never.

import { type GridSize, MACROBLOCK_COLS } from '../cells/grid.ts'
import { Picture } from '../cells/picture.ts'
import {
  blankSliceHeader,
  parseSliceHeader,
  SLICE_HEADER_BYTES,
  TAG_SLICE,
} from '../protocol/slice-header.ts'
import { BlockDecoder, decodeRun } from './block-decoder.ts'
import { CHROMA, CONTEXTS, LUMA } from './contexts.ts'
import { inverseDct, inverseFlat } from './dct.ts'
import { chromaOffset, lumaOffset } from './macroblock.ts'
import { RangeDecoder } from './range-decoder.ts'
import { START_TABLE } from './start-table.ts'

const BLOCK_COLS = MACROBLOCK_COLS / 2
const NOTHING_YET = -1

/** One decoder per grid; allocates nothing after construction. */
export class SliceDecoder {
  /** What is to be shown; starts black and keeps what loss left in it. */
  readonly picture: Picture
  readonly #header = blankSliceHeader()
  readonly #coder = new RangeDecoder({ contexts: CONTEXTS })
  readonly #block = new BlockDecoder()
  /** Newest frame painted, per macroblock: older slices that come late paint around it. */
  readonly #stamps: Float64Array
  #epoch = 0
  #y = 0
  #cb = 0
  #cr = 0

  /** Throws RangeError for a bad grid. */
  constructor(size: GridSize) {
    this.picture = new Picture(size)
    this.#stamps = new Float64Array(this.picture.macroblocks).fill(NOTHING_YET)
  }

  /** From now on only slices of this epoch count; the picture stays until they paint over it. */
  epoch(epoch: number): void {
    this.#epoch = epoch & 15
    this.#stamps.fill(NOTHING_YET)
  }

  /** The frame a macroblock was last painted from, negative before the first. */
  paintedAt(macroblock: number): number {
    return this.#stamps[macroblock]
  }

  /** false when the message is refused: malformed, of another epoch, or beyond the grid. Never throws. */
  decode(message: Uint8Array): boolean {
    const header = parseSliceHeader(message, this.#header)
    if (header === undefined || header.epoch !== this.#epoch) return false
    if (header.first + header.count > this.#stamps.length) return false
    if (header.tag === TAG_SLICE) this.#paint(message)
    return true
  }

  #paint(message: Uint8Array): void {
    const { frame, first, count, step, lumaOnly } = this.#header
    const quarters = step * 4
    const coder = this.#coder
    coder.begin(START_TABLE, message, SLICE_HEADER_BYTES)
    this.#y = 0
    this.#cb = 0
    this.#cr = 0
    let macroblock = first
    for (let painted = 0; painted < count; painted += 1, macroblock += 1) {
      if (painted > 0) macroblock += decodeRun(coder)
      // Only damage leads here; what was painted so far lies between `first` and the end of the grid.
      if (macroblock >= this.#stamps.length || coder.exhausted) return
      const fresh = frame >= this.#stamps[macroblock]
      if (fresh) this.#stamps[macroblock] = frame
      this.#paintMacroblock(macroblock, quarters, lumaOnly, fresh)
    }
  }

  // A stale macroblock is read all the same: the next one is predicted from it.
  #paintMacroblock(macroblock: number, quarters: number, lumaOnly: boolean, fresh: boolean): void {
    const { picture } = this
    const luma = lumaOffset(picture, macroblock)
    const { y, cb, cr, stride, chromaStride } = picture
    this.#y = this.#paintBlock(y, luma, stride, LUMA, quarters, this.#y, fresh)
    this.#y = this.#paintBlock(y, luma + BLOCK_COLS, stride, LUMA, quarters, this.#y, fresh)
    if (lumaOnly) return
    const chroma = chromaOffset(picture, macroblock)
    this.#cb = this.#paintBlock(cb, chroma, chromaStride, CHROMA, 2 * quarters, this.#cb, fresh)
    this.#cr = this.#paintBlock(cr, chroma, chromaStride, CHROMA, 2 * quarters, this.#cr, fresh)
  }

  /** Returns the first level, which predicts the next block's. */
  #paintBlock(
    plane: Uint8Array,
    at: number,
    stride: number,
    contexts: number,
    quarters: number,
    predicted: number,
    fresh: boolean,
  ): number {
    const block = this.#block
    block.decode(this.#coder, contexts, quarters, predicted)
    if (fresh) {
      // The mask leaves the first coefficient out, so row 0 is always read.
      if (block.rowMask === 0) inverseFlat(block.coefficients[0], plane, at, stride)
      else inverseDct(block.coefficients, block.rowMask | 1, plane, at, stride)
    }
    return block.dc
  }
}
