// The font of the picture and how it is fitted into a cell.

/** First the one that comes with the page, so that every browser draws the same glyphs. */
export const FONT_FAMILY =
  '"Asciline Mono", ui-monospace, "DejaVu Sans Mono", "Liberation Mono", Menlo, Consolas, "Courier New", monospace'
export const FONT_WEIGHT = 600
/** A line of text needs 1.13 times the font size, or tails and brackets lose their ends. */
const LINE_HEIGHT = 1.13

/** Sets font and alignment for cells of this size; returns the baseline's distance from the cell's top in pixels. */
export function setCellFont(context: CanvasRenderingContext2D, width: number, height: number): number {
  // Measured at a size where the rounding of hinted advances does not count.
  context.font = `${FONT_WEIGHT} 100px ${FONT_FAMILY}`
  const advance = context.measureText('M').width / 100 || 0.6
  const size = Math.min(width / advance, height / LINE_HEIGHT)
  context.font = `${FONT_WEIGHT} ${size}px ${FONT_FAMILY}`
  context.textAlign = 'center'
  const metrics: Partial<TextMetrics> = context.measureText('M')
  const ascent = metrics.fontBoundingBoxAscent ?? size * 0.93
  const descent = metrics.fontBoundingBoxDescent ?? size * 0.24
  return Math.round((height - ascent - descent) / 2 + ascent)
}

/** Resolves when the page's own font can be drawn with, or will not come. */
export async function fontReady(): Promise<void> {
  try {
    await document.fonts.load(`${FONT_WEIGHT} 16px "Asciline Mono"`, '@')
  } catch {
    // The machine's own monospace font does.
  }
}
