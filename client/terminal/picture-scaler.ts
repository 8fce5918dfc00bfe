// A picture, or the part of it between its bars, at another size: each target cell is the mean of the cells it covers, or a copy where it is smaller than one.

import type { CellRect } from '../../signaling/messages.ts'
import type { Picture } from '../../vendor/asciline/index.ts'

/** Planes of `width` x `height` cells, chroma for each cell; `scale` fills them and allocates nothing. */
export class PictureScaler {
  readonly width: number
  readonly height: number
  readonly y: Uint8Array
  readonly cb: Uint8Array
  readonly cr: Uint8Array
  readonly #xs: Int32Array
  readonly #ys: Int32Array

  /** `part` is where in a picture to look; whoever gives it sees to it that pictures are so large. */
  constructor({ width, height, part }: { width: number; height: number; part: CellRect }) {
    this.width = width
    this.height = height
    this.#xs = edges(part.x, part.width, width)
    this.#ys = edges(part.y, part.height, height)
    this.y = new Uint8Array(width * height)
    this.cb = new Uint8Array(width * height)
    this.cr = new Uint8Array(width * height)
  }

  scale(picture: Picture): void {
    const { stride, chromaStride } = picture
    const xs = this.#xs
    const ys = this.#ys
    for (let row = 0, at = 0; row < this.height; row += 1) {
      const top = ys[2 * row]
      const bottom = ys[2 * row + 1]
      for (let col = 0; col < this.width; col += 1, at += 1) {
        const left = xs[2 * col]
        const right = xs[2 * col + 1]
        let luma = 0
        let blue = 0
        let red = 0
        for (let y = top; y < bottom; y += 1) {
          for (let x = left; x < right; x += 1) {
            luma += picture.y[y * stride + x]
            const chromaAt = y * chromaStride + (x >> 1)
            blue += picture.cb[chromaAt]
            red += picture.cr[chromaAt]
          }
        }
        const cells = (right - left) * (bottom - top)
        this.y[at] = (luma / cells + 0.5) | 0
        this.cb[at] = (blue / cells + 0.5) | 0
        this.cr[at] = (red / cells + 0.5) | 0
      }
    }
  }
}

/** First and one past the last source cell of each target cell, at least one. */
function edges(start: number, from: number, to: number): Int32Array {
  const pairs = new Int32Array(2 * to)
  for (let at = 0; at < to; at += 1) {
    const first = start + Math.floor((at * from) / to)
    pairs[2 * at] = first
    pairs[2 * at + 1] = Math.max(first + 1, start + Math.floor(((at + 1) * from) / to))
  }
  return pairs
}
