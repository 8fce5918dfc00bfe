// The cells of stock ASCILINE clients, packed from one rgb24 picture: glyph and colour, colour alone, or rows of text.

import { luma } from '../cells/luma.ts'
import { GLYPH_OF_LUMA, RAMP } from '../cells/ramp.ts'

/** Bytes of a cell with a glyph: character, R, G, B. */
export const GLYPH_CELL_BYTES = 4
/** Bytes of a cell in pixel mode: B, G, R. */
export const PIXEL_CELL_BYTES = 3

const CHARACTER_OF_LUMA = Uint8Array.from(GLYPH_OF_LUMA, (glyph) => RAMP.charCodeAt(glyph))

/**
 * Writes 4 bytes for each rgb24 cell of `rgb` into `cells`, each channel cut to its `bits` high ones (1..8). The
 * character follows the colour before the cut. Runs 30 times a second over 16,800 cells.
 */
export function packGlyphCells(rgb: Uint8Array, bits: number, cells: Uint8Array): void {
  const mask = (0xff << (8 - bits)) & 0xff
  for (let from = 0, to = 0; from < rgb.length; from += 3, to += GLYPH_CELL_BYTES) {
    const red = rgb[from]
    const green = rgb[from + 1]
    const blue = rgb[from + 2]
    cells[to] = CHARACTER_OF_LUMA[luma(red, green, blue)]
    cells[to + 1] = red & mask
    cells[to + 2] = green & mask
    cells[to + 3] = blue & mask
  }
}

/** Writes B, G, R for each rgb24 cell of `rgb` into `cells`, which is as long. */
export function packPixelCells(rgb: Uint8Array, cells: Uint8Array): void {
  for (let at = 0; at < rgb.length; at += PIXEL_CELL_BYTES) {
    cells[at] = rgb[at + 2]
    cells[at + 1] = rgb[at + 1]
    cells[at + 2] = rgb[at]
  }
}

/** The rows of a picture `cols` wide as lines of glyphs, without a line end behind the last. */
export function formatRows(rgb: Uint8Array, cols: number): string {
  const lines: string[] = []
  for (let from = 0; from < rgb.length; from += cols * 3) {
    let line = ''
    for (let at = from; at < from + cols * 3; at += 3)
      line += RAMP[GLYPH_OF_LUMA[luma(rgb[at], rgb[at + 1], rgb[at + 2])]]
    lines.push(line)
  }
  return lines.join('\n')
}
