// Draws pictures on a 2D canvas: colour in RGB, glyph coverage in alpha over the page's black, one putImageData of the rows
// that have changed.

import {
  buildCoverageAtlas,
  CoverageRasterizer,
  type Picture,
  type Surface,
} from '../../vendor/asciline/index.ts'
import { fitCells } from './cell-size.ts'
import { glyphPainter } from './glyph-painter.ts'

export type CanvasSurfaceOptions = {
  canvas: HTMLCanvasElement
  /** The element whose box the picture fills; the canvas is centred in it by its style. */
  stage: HTMLElement
}

/** Main-thread software surface. Follows the size of the stage and the display's pixel ratio. */
export class CanvasSurface implements Surface {
  readonly #canvas: HTMLCanvasElement
  readonly #stage: HTMLElement
  readonly #context: CanvasRenderingContext2D
  #grid = { cols: 0, rows: 0 }
  #image: ImageData | undefined
  #pixels: Int32Array | undefined
  #rasterizer: CoverageRasterizer | undefined
  #layout = ''
  #picture: Picture | undefined

  /** Throws when the browser gives no 2D context. */
  constructor({ canvas, stage }: CanvasSurfaceOptions) {
    this.#canvas = canvas
    this.#stage = stage
    const context = canvas.getContext('2d')
    if (context === null) throw new Error('this browser has no 2D canvas')
    this.#context = context
    // A canvas nobody has drawn on yet would be a black box on the page's ground.
    canvas.hidden = true
  }

  resize(cols: number, rows: number): void {
    this.#grid = { cols, rows }
    this.#picture = undefined
    this.#fit()
  }

  /** Runs for every fresh picture: up to 60 times a second over up to 240 x 100 cells, of which it draws the changed. */
  draw(picture: Picture): void {
    if (picture.cols !== this.#grid.cols || picture.rows !== this.#grid.rows)
      this.resize(picture.cols, picture.rows)
    this.#picture = picture
    if (this.#image === undefined || this.#pixels === undefined || this.#rasterizer === undefined) return
    const { firstRow, lastRow } = this.#rasterizer.draw(picture, this.#pixels)
    if (lastRow < firstRow) return
    this.#context.putImageData(this.#image, 0, 0, 0, firstRow, this.#image.width, lastRow - firstRow + 1)
  }

  /** The stage or the display may have changed: fits again and redraws in the same task, so nothing flashes. */
  fit(): void {
    const picture = this.#picture
    if (this.#fit() && picture !== undefined) this.draw(picture)
  }

  close(): void {
    this.#picture = undefined
    this.#image = undefined
    this.#pixels = undefined
    this.#rasterizer = undefined
    this.#canvas.hidden = true
  }

  #fit(): boolean {
    const { cols, rows } = this.#grid
    const ratio = window.devicePixelRatio || 1
    const { clientWidth, clientHeight } = this.#stage
    const layout = [cols, rows, ratio, clientWidth, clientHeight].join()
    if (cols === 0 || clientWidth === 0 || layout === this.#layout) return false
    this.#layout = layout
    const cell = fitCells(this.#grid, { width: clientWidth * ratio, height: clientHeight * ratio })
    const canvas = this.#canvas
    canvas.hidden = false
    canvas.width = cols * cell.width
    canvas.height = rows * cell.height
    canvas.style.width = `${(canvas.width * cell.scale) / ratio}px`
    canvas.style.height = `${(canvas.height * cell.scale) / ratio}px`
    this.#image = this.#context.createImageData(canvas.width, canvas.height)
    this.#pixels = new Int32Array(this.#image.data.buffer)
    this.#rasterizer = new CoverageRasterizer({
      cols,
      rows,
      cellWidth: cell.width,
      cellHeight: cell.height,
      coverage: buildCoverageAtlas(cell.width, cell.height, glyphPainter(cell.width, cell.height)),
    })
    return true
  }
}
