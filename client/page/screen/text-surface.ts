// Draws pictures as one would at first: fillText, cell by cell. Far too slow for a car; it is what the other surfaces are
// measured and compared with.

import {
  CellShader,
  glyphsOf,
  type Picture,
  type Surface,
  type SurfaceLayout,
} from '../../../vendor/asciline/index.ts'
import { setCellFont } from './glyph-font.ts'

/** Reference surface; main thread only, because only the page has the font. Full blocks are rectangles. */
export class TextSurface implements Surface {
  readonly #canvas: HTMLCanvasElement
  readonly #context: CanvasRenderingContext2D
  #layout: SurfaceLayout | undefined
  #shader: CellShader | undefined
  #glyphs: string[] = []
  #baseline = 0

  /** Throws when the browser gives no 2D context. */
  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas
    const context = canvas.getContext('2d')
    if (context === null) throw new Error('this browser has no 2D canvas')
    this.#context = context
  }

  resize(layout: SurfaceLayout): void {
    this.#layout = layout
    this.#shader = new CellShader(layout.look)
    this.#glyphs = [...glyphsOf(layout.look)]
    this.#canvas.width = layout.cols * layout.cellWidth
    this.#canvas.height = layout.rows * layout.cellHeight
    this.#baseline = setCellFont(this.#context, layout.cellWidth, layout.cellHeight)
  }

  draw({ y, cb, cr, stride, chromaStride }: Picture): void {
    if (this.#layout === undefined || this.#shader === undefined) return
    const context = this.#context
    const { cols, rows, cellWidth, cellHeight } = this.#layout
    context.clearRect(0, 0, this.#canvas.width, this.#canvas.height)
    for (let row = 0; row < rows; row++) {
      for (let col = 0; col < cols; col++) {
        const gray = y[row * stride + col]
        const glyph = this.#glyphs[this.#shader.glyphOfLuma[gray]]
        if (glyph === ' ') continue
        const chromaAt = row * chromaStride + (col >> 1)
        const bgr = this.#shader.shade(gray, cb[chromaAt], cr[chromaAt])
        context.fillStyle = `rgb(${bgr & 255},${(bgr >> 8) & 255},${bgr >> 16})`
        if (glyph === '█') context.fillRect(col * cellWidth, row * cellHeight, cellWidth, cellHeight)
        else context.fillText(glyph, (col + 0.5) * cellWidth, row * cellHeight + this.#baseline)
      }
    }
  }

  close(): void {
    this.#layout = undefined
  }
}
