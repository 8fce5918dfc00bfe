// A small picture as characters in colour: thumbnails of local films, and what was seen at a place of the programme.

import { GLYPH_OF_LUMA, type Picture, RAMP } from '../../../vendor/asciline/index.ts'

/** `rgb` has three bytes a cell; a cell is twice as tall as wide. */
export type AsciiPicture = { cols: number; rows: number; rgb: Uint8Array }

/** Room between the two brightnesses a glyph stands for: glyphs leave most of a cell dark. */
const LIFT = 1.5
const CELL_HEIGHT = 12
const CELL_WIDTH = 6

/** Every cell the mean of the cells it stands for. */
export function reducePicture(
  picture: Picture,
  { cols, rows }: { cols: number; rows: number },
): AsciiPicture {
  const { y, cb, cr, stride, chromaStride } = picture
  const rgb = new Uint8Array(cols * rows * 3)
  for (let row = 0; row < rows; row++) {
    const top = Math.floor((row * picture.rows) / rows)
    const bottom = Math.max(top + 1, Math.floor(((row + 1) * picture.rows) / rows))
    for (let col = 0; col < cols; col++) {
      const left = Math.floor((col * picture.cols) / cols)
      const right = Math.max(left + 1, Math.floor(((col + 1) * picture.cols) / cols))
      let luma = 0
      let blue = 0
      let red = 0
      for (let from = top; from < bottom; from++) {
        for (let at = left; at < right; at++) {
          luma += y[from * stride + at]
          blue += cb[from * chromaStride + (at >> 1)] - 128
          red += cr[from * chromaStride + (at >> 1)] - 128
        }
      }
      const cells = (bottom - top) * (right - left)
      const gray = luma / cells
      // BT.601, full range.
      rgb.set(
        [
          byte(gray + (1.402 * red) / cells),
          byte(gray - (0.344136 * blue + 0.714136 * red) / cells),
          byte(gray + (1.772 * blue) / cells),
        ],
        (row * cols + col) * 3,
      )
    }
  }
  return { cols, rows, rgb }
}

/** Draws it as large as the canvas' grid needs; CSS scales it. */
export function drawAscii(canvas: HTMLCanvasElement, { cols, rows, rgb }: AsciiPicture): void {
  canvas.width = cols * CELL_WIDTH
  canvas.height = rows * CELL_HEIGHT
  const context = canvas.getContext('2d')
  if (context === null) return
  context.fillStyle = '#000'
  context.fillRect(0, 0, canvas.width, canvas.height)
  context.font = `600 ${CELL_HEIGHT - 2}px "Asciline Mono", monospace`
  context.textAlign = 'center'
  context.textBaseline = 'middle'
  for (let row = 0, at = 0; row < rows; row++) {
    for (let col = 0; col < cols; col++, at += 3) {
      const [r, g, b] = [lift(rgb[at]), lift(rgb[at + 1]), lift(rgb[at + 2])]
      const glyph = RAMP[GLYPH_OF_LUMA[byte(0.299 * r + 0.587 * g + 0.114 * b)]]
      if (glyph === ' ') continue
      context.fillStyle = `rgb(${r}, ${g}, ${b})`
      context.fillText(glyph, (col + 0.5) * CELL_WIDTH, (row + 0.5) * CELL_HEIGHT)
    }
  }
}

/** A picture for what has none: a field of characters that is always the same for the same words. */
export function patternOf(words: string, { cols, rows }: { cols: number; rows: number }): AsciiPicture {
  let seed = 2166136261
  for (let at = 0; at < words.length; at++) seed = Math.imul(seed ^ words.charCodeAt(at), 16777619)
  const phase = (seed >>> 0) / 2 ** 32
  const tilt = ((seed >>> 8) & 255) / 255
  const rgb = new Uint8Array(cols * rows * 3)
  for (let row = 0; row < rows; row++) {
    for (let col = 0; col < cols; col++) {
      const x = col / cols
      const y = row / rows
      const wave =
        Math.sin(6.283 * (x * (1 + tilt) + phase)) + Math.sin(6.283 * (y * (0.6 + phase) + x * tilt))
      const level = 0.12 + 0.16 * (wave / 2 + 0.5) ** 2
      rgb.set([byte(126 * level), byte(224 * level), byte(184 * level)], (row * cols + col) * 3)
    }
  }
  return { cols, rows, rgb }
}

function lift(level: number): number {
  return Math.round(255 * (level / 255) ** (1 / LIFT))
}

function byte(value: number): number {
  return Math.max(0, Math.min(255, Math.round(value)))
}
