// The grid of cells a picture is made of, and how it is cut into macroblocks.

/** Size of the picture in character cells. */
export type GridSize = { cols: number; rows: number }

/** A macroblock is 16x8 cells: two luma blocks side by side and one block of each chroma plane. */
export const MACROBLOCK_COLS = 16
export const MACROBLOCK_ROWS = 8

/** Largest grid side anyone may ask for: macroblock addresses must fit the 16 bits they have on the wire. */
export const MAX_GRID_SIDE = 2000

/** Throws RangeError unless both sides are whole numbers of 1 .. MAX_GRID_SIDE. */
export function checkGrid({ cols, rows }: GridSize): void {
  const sane = (side: number) => Number.isInteger(side) && side >= 1 && side <= MAX_GRID_SIDE
  if (!sane(cols) || !sane(rows)) {
    throw new RangeError(`a grid of ${cols}x${rows} cells: each side must be 1 to ${MAX_GRID_SIDE}`)
  }
}
