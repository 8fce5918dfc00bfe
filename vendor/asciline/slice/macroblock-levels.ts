// The quantised levels of every macroblock of a picture: what lies between the transform and the range coder.
//
//   macroblock * 256    Y0: 64 levels in zig-zag order | Y1 | Cb | Cr
//
// Behind the last level of a block that is not zero anything may stand: nobody reads it.

/** Levels of one block. */
export const BLOCK_LEVELS = 64
/** Blocks of one macroblock, in the order of the wire: Y0 Y1 Cb Cr. */
export const BLOCKS = 4

/** One coding of each macroblock; allocates nothing after construction. */
export class MacroblockLevels {
  readonly levels: Int16Array
  /** Per block, the zig-zag index of its last level that is not zero, 0 when there is none after the first. */
  readonly lasts: Uint8Array

  constructor({ macroblocks }: { macroblocks: number }) {
    this.levels = new Int16Array(macroblocks * BLOCKS * BLOCK_LEVELS)
    this.lasts = new Uint8Array(macroblocks * BLOCKS)
  }

  /** Takes over one macroblock from another set of the same grid. */
  copy(from: MacroblockLevels, macroblock: number): void {
    const end = (macroblock + 1) * BLOCKS
    for (let block = macroblock * BLOCKS; block < end; block += 1) {
      const first = block * BLOCK_LEVELS
      const last = first + from.lasts[block]
      for (let index = first; index <= last; index += 1) this.levels[index] = from.levels[index]
      this.lasts[block] = from.lasts[block]
    }
  }
}
