// How much of each pixel of a cell each glyph covers. Painting glyphs is the caller's: there is no font in here.

/** Paints one character into a cell and returns coverage 0..255, cellWidth * cellHeight bytes, row by row. */
export type GlyphPainter = (character: string, cellWidth: number, cellHeight: number) => ArrayLike<number>

/** Coverage of all `glyphs`, cell after cell. Throws RangeError when a painter returns another size. */
export function buildCoverageAtlas(
  glyphs: string,
  cellWidth: number,
  cellHeight: number,
  paint: GlyphPainter,
): Uint8Array {
  const cellPixels = cellWidth * cellHeight
  const characters = [...glyphs]
  const atlas = new Uint8Array(characters.length * cellPixels)
  for (const [glyph, character] of characters.entries()) {
    const coverage =
      blockCoverage(character, cellWidth, cellHeight) ?? paint(character, cellWidth, cellHeight)
    if (coverage.length !== cellPixels) {
      throw new RangeError(`glyph ${glyph}: ${coverage.length} bytes of coverage for ${cellPixels} pixels`)
    }
    atlas.set(coverage, glyph * cellPixels)
  }
  return atlas
}

/** Dots of a 2x2 square that each block fills; fonts leave gaps between their blocks. */
const BLOCK_DOTS: Record<string, number> = { '░': 1, '▒': 2, '▓': 3, '█': 4 }
/** The order in which the dots of a square are filled: a diagonal first. */
const DOT_ORDER = [0, 2, 3, 1]

function blockCoverage(character: string, cellWidth: number, cellHeight: number): Uint8Array | undefined {
  const dots = BLOCK_DOTS[character]
  if (dots === undefined) return undefined
  const dot = Math.round(cellWidth / 8)
  // Dots of single pixels are a dark grid over everything, and two of them meet at the edges of cells of odd sizes.
  if (dot <= 1) return new Uint8Array(cellWidth * cellHeight).fill(Math.round((255 * dots) / 4))
  return Uint8Array.from({ length: cellWidth * cellHeight }, (_, pixel) => {
    const x = Math.floor((pixel % cellWidth) / dot) & 1
    const y = Math.floor(pixel / cellWidth / dot) & 1
    return DOT_ORDER[2 * y + x] < dots ? 255 : 0
  })
}
