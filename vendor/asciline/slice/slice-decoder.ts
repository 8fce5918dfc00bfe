// Paints slices into a picture, in whatever order they come: late, twice, or never.

import { type GridSize, MACROBLOCK_COLS } from '../cells/grid.ts'
import { Picture } from '../cells/picture.ts'
import {
  blankSliceHeader,
  parseSliceHeader,
  SLICE_HEADER_BYTES,
  TAG_SLICE,
} from '../protocol/slice-header.ts'
import { BlockDecoder, decodeAge, decodeRun } from './block-decoder.ts'
import {
  CHANGING,
  CHROMA,
  CONTEXTS,
  LUMA,
  MEND,
  MENDING,
  ONTO,
  ONTO_CHROMA,
  ONTO_LUMA,
  TOP,
  WHOLE,
} from './contexts.ts'
import { inverseDct, inverseDctOnto, inverseFlat } from './dct.ts'
import { chromaOffset, lumaOffset, MEND_STEPS } from './macroblock.ts'
import { ChangeSurroundings, Neighbours } from './neighbours.ts'
import { RangeDecoder } from './range-decoder.ts'
import { START_TABLE } from './start-table.ts'

const BLOCK_COLS = MACROBLOCK_COLS / 2
const NOTHING_YET = -1
/** A mended macroblock counts as this much older than the frame it stands in for, so that it is no base for changes. */
const COARSE = 0.5

/** One decoder per grid; allocates nothing after construction. */
export class SliceDecoder {
  /** What is to be shown; starts black and keeps what loss left in it. */
  readonly picture: Picture
  readonly #header = blankSliceHeader()
  readonly #coder: RangeDecoder
  readonly #block = new BlockDecoder()
  /** Newest frame painted, per macroblock: older slices that come late paint around it. */
  readonly #stamps: Float64Array
  #epoch = 0
  readonly #luma: Neighbours
  readonly #blue: Neighbours
  readonly #red: Neighbours
  readonly #lumaChange = new ChangeSurroundings()
  readonly #chromaChange = new ChangeSurroundings()
  /** 1 where a join painted: what it shows is what everybody shows, whichever frame that is from. */
  readonly #joined: Uint8Array

  /** Throws RangeError for a bad grid. The coder may be one that keeps count, for training. */
  constructor(size: GridSize, coder: RangeDecoder = new RangeDecoder({ contexts: CONTEXTS })) {
    this.#coder = coder
    this.picture = new Picture(size)
    this.#stamps = new Float64Array(this.picture.macroblocks).fill(NOTHING_YET)
    this.#joined = new Uint8Array(this.picture.macroblocks)
    const { macroblockCols } = this.picture
    this.#luma = new Neighbours({ columns: 2 * macroblockCols })
    this.#blue = new Neighbours({ columns: macroblockCols })
    this.#red = new Neighbours({ columns: macroblockCols })
  }

  /** From now on only slices of this epoch count; the picture stays until they paint over it. */
  epoch(epoch: number): void {
    this.#epoch = epoch & 15
    this.#stamps.fill(NOTHING_YET)
  }

  /** Becomes what another decoder of the same grid is, expected epoch included. Copies 50 kB at HIGH, in microseconds. */
  copyFrom(other: SliceDecoder): void {
    this.#epoch = other.#epoch
    this.#stamps.set(other.#stamps)
    this.#joined.set(other.#joined)
    this.picture.y.set(other.picture.y)
    this.picture.cb.set(other.picture.cb)
    this.picture.cr.set(other.picture.cr)
  }

  /** The frame a macroblock was last painted from, negative before the first. */
  paintedAt(macroblock: number): number {
    return Math.ceil(this.#stamps[macroblock])
  }

  /** false when the message is refused: malformed, of another epoch, or beyond the grid. Never throws. */
  decode(message: Uint8Array): boolean {
    const header = parseSliceHeader(message, this.#header)
    if (header === undefined || header.epoch !== this.#epoch) return false
    if (header.first + header.count > this.#stamps.length) return false
    if (header.tag === TAG_SLICE) this.#paint(message, false)
    return true
  }

  /**
   * Paints only what a message of the next frame holds in place of the present one: for a frame that is due and has not
   * come whole. The message is to be decoded in its own time all the same.
   */
  mend(message: Uint8Array): boolean {
    const header = parseSliceHeader(message, this.#header)
    if (header === undefined || header.epoch !== this.#epoch || header.join) return false
    if (header.first + header.count > this.#stamps.length) return false
    if (header.tag === TAG_SLICE) this.#paint(message, true)
    return true
  }

  #paint(message: Uint8Array, mendsOnly: boolean): void {
    const { frame, first, count, step, lumaOnly, join } = this.#header
    const quarters = step * 4
    const coder = this.#coder
    coder.begin(START_TABLE, message, SLICE_HEADER_BYTES)
    this.#luma.begin()
    this.#blue.begin()
    this.#red.begin()
    this.#lumaChange.begin()
    this.#chromaChange.begin()
    let mode = WHOLE
    let macroblock = first
    for (let painted = 0; painted < count; painted += 1, macroblock += 1) {
      if (painted > 0) macroblock += decodeRun(coder)
      // Only damage leads here; what was painted so far lies between `first` and the end of the grid.
      if (macroblock >= this.#stamps.length || coder.exhausted) return
      if (coder.decode(ONTO + mode) !== 0) {
        mode = CHANGING
        const base = frame - decodeAge(coder)
        const fresh = !mendsOnly && this.#shows(macroblock, base)
        this.#changeMacroblock(macroblock, quarters, lumaOnly, fresh)
        if (fresh) this.#stamp(macroblock, frame, false)
        continue
      }
      mode = coder.decode(MEND + mode) !== 0 ? MENDING : WHOLE
      if (mode === MENDING) {
        // Stands in for the frame before, coarsely: only where that one is missing, and older than it.
        const fresh = this.#stamps[macroblock] < frame - 1
        if (fresh) this.#stamp(macroblock, frame - 1 - COARSE, false)
        this.#paintMacroblock(macroblock, MEND_STEPS * quarters, lumaOnly, fresh)
        continue
      }
      const fresh = !mendsOnly && this.#stamps[macroblock] <= frame
      if (fresh) this.#stamp(macroblock, frame, join)
      this.#paintMacroblock(macroblock, quarters, lumaOnly, fresh)
      if (join && coder.decode(TOP) !== 0) this.#changeMacroblock(macroblock, quarters, lumaOnly, fresh)
    }
  }

  #stamp(macroblock: number, frame: number, joined: boolean): void {
    this.#stamps[macroblock] = frame
    this.#joined[macroblock] = joined ? 1 : 0
  }

  /** Whether the macroblock is what everybody shows who has that frame. */
  #shows(macroblock: number, frame: number): boolean {
    const stamp = this.#stamps[macroblock]
    return stamp === frame || (this.#joined[macroblock] !== 0 && stamp > frame && stamp < this.#header.frame)
  }

  #changeMacroblock(macroblock: number, quarters: number, lumaOnly: boolean, fresh: boolean): void {
    const { picture } = this
    const { y, cb, cr, stride, chromaStride } = picture
    const luma = lumaOffset(picture, macroblock)
    this.#changeBlock(y, luma, stride, ONTO_LUMA, quarters, this.#lumaChange, fresh)
    this.#changeBlock(y, luma + BLOCK_COLS, stride, ONTO_LUMA, quarters, this.#lumaChange, fresh)
    if (lumaOnly) return
    const chroma = chromaOffset(picture, macroblock)
    this.#changeBlock(cb, chroma, chromaStride, ONTO_CHROMA, 2 * quarters, this.#chromaChange, fresh)
    this.#changeBlock(cr, chroma, chromaStride, ONTO_CHROMA, 2 * quarters, this.#chromaChange, fresh)
  }

  #changeBlock(
    plane: Uint8Array,
    at: number,
    stride: number,
    contexts: number,
    quarters: number,
    surroundings: ChangeSurroundings,
    fresh: boolean,
  ): void {
    const block = this.#block
    block.decode(this.#coder, contexts, quarters, surroundings)
    surroundings.push(block.nonzeros)
    if (fresh && (block.rowMask !== 0 || block.dc !== 0))
      inverseDctOnto(block.coefficients, block.rowMask | 1, plane, at, stride)
  }

  // A stale macroblock is read all the same: the next one is predicted from it.
  #paintMacroblock(macroblock: number, quarters: number, lumaOnly: boolean, fresh: boolean): void {
    const { picture } = this
    const { y, cb, cr, stride, chromaStride, macroblockCols } = picture
    const row = Math.floor(macroblock / macroblockCols)
    const column = macroblock - row * macroblockCols
    const luma = lumaOffset(picture, macroblock)
    this.#luma.look(row, 2 * column, quarters)
    this.#paintBlock(y, luma, stride, LUMA, quarters, this.#luma, fresh)
    this.#luma.push(row, 2 * column, this.#block.dc, this.#block.nonzeros)
    this.#luma.look(row, 2 * column + 1, quarters)
    this.#paintBlock(y, luma + BLOCK_COLS, stride, LUMA, quarters, this.#luma, fresh)
    this.#luma.push(row, 2 * column + 1, this.#block.dc, this.#block.nonzeros)
    if (lumaOnly) return
    const chroma = chromaOffset(picture, macroblock)
    this.#blue.look(row, column, 2 * quarters)
    this.#paintBlock(cb, chroma, chromaStride, CHROMA, 2 * quarters, this.#blue, fresh)
    this.#blue.push(row, column, this.#block.dc, this.#block.nonzeros)
    this.#red.look(row, column, 2 * quarters)
    this.#paintBlock(cr, chroma, chromaStride, CHROMA, 2 * quarters, this.#red, fresh)
    this.#red.push(row, column, this.#block.dc, this.#block.nonzeros)
  }

  #paintBlock(
    plane: Uint8Array,
    at: number,
    stride: number,
    contexts: number,
    quarters: number,
    neighbours: Neighbours,
    fresh: boolean,
  ): void {
    const block = this.#block
    block.decode(this.#coder, contexts, quarters, neighbours)
    if (!fresh) return
    // The mask leaves the first coefficient out, so row 0 is always read.
    if (block.rowMask === 0) inverseFlat(block.coefficients[0], plane, at, stride)
    else inverseDct(block.coefficients, block.rowMask | 1, plane, at, stride)
  }
}
