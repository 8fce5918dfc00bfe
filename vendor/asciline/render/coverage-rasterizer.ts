// Writes a picture as pixels: the cell's colour in RGB, the glyph's coverage in alpha, over a dark page.
//
// One OR and one store per pixel, and only for cells that changed. Pixels are RGBA in memory, so as little-endian
// 32-bit words: alpha << 24 | blue << 16 | green << 8 | red.

import type { Picture } from '../cells/picture.ts'
import { type CellPainter, type CellPlace, cellPainter } from './cell-painter.ts'
import { CellShader, glyphsOf } from './look.ts'
import type { SurfaceLayout } from './surface.ts'

/** Pixel rows to put on screen, last one included; lastRow < firstRow when nothing changed. */
export type DirtyRows = { firstRow: number; lastRow: number }

/** No planes combine to this: forces a cell to be drawn. */
const NEVER_DRAWN = -1

/** One per surface. `draw` allocates nothing. */
export class CoverageRasterizer {
  readonly width: number
  readonly height: number
  readonly #cols: number
  readonly #rows: number
  readonly #cellWidth: number
  readonly #cellHeight: number
  readonly #alpha: Int32Array
  readonly #drawn: Int32Array
  readonly #shader: CellShader
  readonly #paintCell: CellPainter
  readonly #place: CellPlace
  readonly #dirty: DirtyRows = { firstRow: 0, lastRow: -1 }

  /** Throws RangeError when the coverage does not fit the cell size. */
  constructor({ cols, rows, cellWidth, cellHeight, look, coverage }: SurfaceLayout) {
    if (coverage.length !== [...glyphsOf(look)].length * cellWidth * cellHeight) {
      throw new RangeError(`${coverage.length} bytes of coverage for cells of ${cellWidth}x${cellHeight}`)
    }
    this.width = cols * cellWidth
    this.height = rows * cellHeight
    this.#cols = cols
    this.#rows = rows
    this.#cellWidth = cellWidth
    this.#cellHeight = cellHeight
    this.#alpha = Int32Array.from(coverage, (value) => value << 24)
    this.#drawn = new Int32Array(cols * rows).fill(NEVER_DRAWN)
    this.#shader = new CellShader(look)
    this.#paintCell = cellPainter(cellWidth)
    this.#place = { to: 0, from: 0, bgr: 0, width: cellWidth, height: cellHeight }
  }

  /** Forgets what was drawn, for when the pixels were lost: the next `draw` writes every cell. */
  invalidate(): void {
    this.#drawn.fill(NEVER_DRAWN)
  }

  /** Writes the changed cells into width * height pixels and says which rows they touch; the object is reused. */
  draw(picture: Picture, pixels: Int32Array | Uint32Array): DirtyRows {
    const { y, cb, cr, stride, chromaStride } = picture
    const drawn = this.#drawn
    const shader = this.#shader
    const { glyphOfLuma } = shader
    const place = this.#place
    let firstCellRow = this.#rows
    let lastCellRow = -1
    let cell = 0
    for (let row = 0; row < this.#rows; row += 1) {
      let touched = false
      let lumaAt = row * stride
      for (let col = 0; col < this.#cols; col += 1, cell += 1, lumaAt += 1) {
        const gray = y[lumaAt]
        const chromaAt = row * chromaStride + (col >> 1)
        const blue = cb[chromaAt]
        const red = cr[chromaAt]
        const key = gray | (blue << 8) | (red << 16)
        if (key === drawn[cell]) continue
        drawn[cell] = key
        touched = true
        place.to = row * this.#cellHeight * this.width + col * this.#cellWidth
        place.from = glyphOfLuma[gray] * this.#cellWidth * this.#cellHeight
        place.bgr = shader.shade(gray, blue, red)
        this.#paintCell(pixels, this.width, this.#alpha, place)
      }
      if (!touched) continue
      if (row < firstCellRow) firstCellRow = row
      lastCellRow = row
    }
    this.#dirty.firstRow = firstCellRow * this.#cellHeight
    this.#dirty.lastRow = (lastCellRow + 1) * this.#cellHeight - 1
    return this.#dirty
  }
}
