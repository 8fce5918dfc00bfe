// Where the blocks of a macroblock lie in the planes.
//
//   luma          chroma, each
//   +----+----+   +----+
//   | Y0 | Y1 |   | C  |     every block 8x8 samples; order on the wire Y0 Y1 Cb Cr
//   +----+----+   +----+

import { MACROBLOCK_COLS, MACROBLOCK_ROWS } from '../cells/grid.ts'
import type { Picture } from '../cells/picture.ts'

/** A macroblock that mends the frame before has a step this many times as large. */
export const MEND_STEPS = 5

/** Offset of the first luma sample of a macroblock; its second block is 8 samples on. */
export function lumaOffset(picture: Picture, macroblock: number): number {
  const row = Math.floor(macroblock / picture.macroblockCols)
  const column = macroblock - row * picture.macroblockCols
  return row * MACROBLOCK_ROWS * picture.stride + column * MACROBLOCK_COLS
}

/** Offset of the first sample of a macroblock in either chroma plane. */
export function chromaOffset(picture: Picture, macroblock: number): number {
  return lumaOffset(picture, macroblock) / 2
}

/** Copies one macroblock between pictures of the same grid. */
export function copyMacroblock(from: Picture, to: Picture, macroblock: number): void {
  const { stride, chromaStride } = from
  let at = lumaOffset(from, macroblock)
  for (let row = 0; row < MACROBLOCK_ROWS; row += 1, at += stride) {
    for (let sample = at; sample < at + MACROBLOCK_COLS; sample += 1) to.y[sample] = from.y[sample]
  }
  at = chromaOffset(from, macroblock)
  for (let row = 0; row < MACROBLOCK_ROWS; row += 1, at += chromaStride) {
    for (let sample = at; sample < at + MACROBLOCK_COLS / 2; sample += 1) {
      to.cb[sample] = from.cb[sample]
      to.cr[sample] = from.cr[sample]
    }
  }
}
