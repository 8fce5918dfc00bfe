// Draws pictures on a 2D canvas, in the page or in a worker: colour in RGB, glyph coverage in alpha over the page's ground,
// one putImageData of the rows that have changed.

import {
  CoverageRasterizer,
  type Picture,
  type Surface,
  type SurfaceLayout,
} from '../../../vendor/asciline/index.ts'

export type CoverageSurfaceOptions = {
  canvas: HTMLCanvasElement | OffscreenCanvas
  /**
   * `bitmap` draws beside the canvas and hands whole bitmaps over: some browsers show a 2D canvas of a worker only 30 times
   * a second.
   */
  handover: 'direct' | 'bitmap'
}

type Context2d = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D

/** Software surface; costs by the pixel that changed. */
export class CoverageSurface implements Surface {
  readonly #canvas: HTMLCanvasElement | OffscreenCanvas
  readonly #drawn: HTMLCanvasElement | OffscreenCanvas
  readonly #context: Context2d
  readonly #bitmaps: ImageBitmapRenderingContext | undefined
  #image: ImageData | undefined
  #pixels: Int32Array | undefined
  #rasterizer: CoverageRasterizer | undefined

  /** Throws when the browser gives no context of the kind. */
  constructor({ canvas, handover }: CoverageSurfaceOptions) {
    this.#canvas = canvas
    this.#drawn = handover === 'bitmap' ? new OffscreenCanvas(1, 1) : canvas
    const context = this.#drawn.getContext('2d') as Context2d | null
    if (context === null) throw new Error('this browser has no 2D canvas here')
    this.#context = context
    if (handover === 'direct') return
    const bitmaps = canvas.getContext('bitmaprenderer') as ImageBitmapRenderingContext | null
    if (bitmaps === null) throw new Error('this browser hands no bitmaps over')
    this.#bitmaps = bitmaps
  }

  resize(layout: SurfaceLayout): void {
    this.#rasterizer = new CoverageRasterizer(layout)
    const { width, height } = this.#rasterizer
    this.#canvas.width = this.#drawn.width = width
    this.#canvas.height = this.#drawn.height = height
    this.#image = this.#context.createImageData(width, height)
    this.#pixels = new Int32Array(this.#image.data.buffer)
  }

  /** Runs for every fresh picture: up to 60 times a second over up to 240 x 100 cells, of which it draws the changed. */
  draw(picture: Picture): void {
    if (this.#image === undefined || this.#pixels === undefined || this.#rasterizer === undefined) return
    const { firstRow, lastRow } = this.#rasterizer.draw(picture, this.#pixels)
    if (lastRow < firstRow) return
    if (this.#bitmaps !== undefined && 'transferToImageBitmap' in this.#drawn) {
      // A canvas whose bitmap has left is empty again.
      this.#context.putImageData(this.#image, 0, 0)
      this.#bitmaps.transferFromImageBitmap(this.#drawn.transferToImageBitmap())
      return
    }
    this.#context.putImageData(this.#image, 0, 0, 0, firstRow, this.#image.width, lastRow - firstRow + 1)
  }

  close(): void {
    this.#image = undefined
    this.#pixels = undefined
    this.#rasterizer = undefined
  }
}
