// What shows pictures, whatever it is made of: a canvas, a texture, rows of text.

import type { Picture } from '../cells/picture.ts'

/** Three methods; a surface owns what it draws on and gives it back on `close`. */
export interface Surface {
  /** The grid of every picture to come. */
  resize(cols: number, rows: number): void
  draw(picture: Picture): void
  /** May be called twice. */
  close(): void
}
