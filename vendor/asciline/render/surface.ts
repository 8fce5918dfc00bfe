// What shows pictures, whatever it is made of: a canvas, a texture, rows of text.

import type { GridSize } from '../cells/grid.ts'
import type { Picture } from '../cells/picture.ts'
import type { Look } from './look.ts'

/** How a picture is laid out in device pixels, and how it looks. Plain data: it can be sent to a worker. */
export type SurfaceLayout = GridSize & {
  cellWidth: number
  cellHeight: number
  look: Look
  /** One byte per pixel of each glyph of `glyphsOf(look)`, glyph after glyph: see {@link buildCoverageAtlas}. */
  coverage: Uint8Array
}

/** Three methods; a surface owns what it draws on and gives it back on `close`. */
export interface Surface {
  /** Layout of every picture to come. What is on the screen may be lost: draw in the same task. */
  resize(layout: SurfaceLayout): void
  /** A picture of the layout's grid. */
  draw(picture: Picture): void
  /** May be called twice. */
  close(): void
}
