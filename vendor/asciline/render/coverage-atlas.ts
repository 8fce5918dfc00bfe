// How much of each pixel of a cell each glyph covers. Painting glyphs is the caller's: there is no font in here.

import { RAMP } from '../cells/ramp.ts'

/** Paints one character into a cell and returns coverage 0..255, cellWidth * cellHeight bytes, row by row. */
export type GlyphPainter = (character: string, cellWidth: number, cellHeight: number) => ArrayLike<number>

/** Coverage of all glyphs of the ramp, cell after cell: what CoverageRasterizer takes. Throws RangeError on a bad size. */
export function buildCoverageAtlas(cellWidth: number, cellHeight: number, paint: GlyphPainter): Uint8Array {
  const cellPixels = cellWidth * cellHeight
  const atlas = new Uint8Array(RAMP.length * cellPixels)
  for (let glyph = 0; glyph < RAMP.length; glyph += 1) {
    const coverage = paint(RAMP[glyph], cellWidth, cellHeight)
    if (coverage.length !== cellPixels) {
      throw new RangeError(`glyph ${glyph}: ${coverage.length} bytes of coverage for ${cellPixels} pixels`)
    }
    atlas.set(coverage, glyph * cellPixels)
  }
  return atlas
}
