// How large a character cell may be on this screen: whole device pixels, twice as tall as wide, not more than the
// processor can fill.

/** Software drawing is paid by the pixel: 240x100 cells of 5x10 are 1.2 Mpx and draw in a few milliseconds. */
export const SOFTWARE_PIXELS = 1_250_000

export type CellSize = {
  /** Device pixels. */
  width: number
  height: number
  /** Screen pixels per canvas pixel: 1 is sharp; above it the pixel limit was met and the browser enlarges. */
  scale: number
}

/**
 * Fits cells into a box of device pixels. They never get smaller than 1x2, even when the grid then overflows. Of a grid
 * with bars the cells between them are what has to fit: where the box has another shape, bars lie outside.
 */
export function fitCells(
  grid: { cols: number; rows: number },
  box: { width: number; height: number },
  maxPixels = SOFTWARE_PIXELS,
): CellSize {
  const room = Math.min(box.width / grid.cols, box.height / (2 * grid.rows))
  const affordable = Math.floor(Math.sqrt(maxPixels / (2 * grid.cols * grid.rows)))
  const fitting = Math.floor(room)
  const width = Math.max(1, Math.min(fitting, affordable))
  return { width, height: 2 * width, scale: fitting > affordable && affordable >= 1 ? room / width : 1 }
}
