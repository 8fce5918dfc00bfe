// Where a picture of any shape goes in a grid of cells, when a cell is twice as tall as wide.

import type { CellRect } from '../../signaling/messages.ts'

/**
 * The largest centred rectangle of the grid with the shape of a `width` x `height` picture (square pixels). Width and
 * height get the parity of the grid's, so that both bars are equally thick to the cell.
 */
export function fitPicture({
  width,
  height,
  cols,
  rows,
}: {
  width: number
  height: number
  cols: number
  rows: number
}): CellRect {
  const scale = Math.min(cols / width, (2 * rows) / height)
  const innerCols = evenlyWithin(width * scale, cols)
  const innerRows = evenlyWithin((height * scale) / 2, rows)
  return { x: (cols - innerCols) / 2, y: (rows - innerRows) / 2, width: innerCols, height: innerRows }
}

/** The whole number nearest to `size` that leaves an even rest of `total`, at least 1 or 2. */
function evenlyWithin(size: number, total: number): number {
  const bars = 2 * Math.round((total - size) / 2)
  return Math.max(total % 2 === 0 ? 2 : 1, total - Math.max(0, bars))
}
