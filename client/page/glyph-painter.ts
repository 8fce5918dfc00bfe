// Paints one glyph with the browser's own text drawing and reads back how much of each pixel it covers.

import type { GlyphPainter } from '../../vendor/asciline/index.ts'

/** A line of text needs 1.13 times the font size, or tails and brackets lose their ends. */
const LINE_HEIGHT = 1.13
const FONT_FAMILY =
  'ui-monospace, "DejaVu Sans Mono", "Liberation Mono", Menlo, Consolas, "Courier New", monospace'

/** A painter for cells of one size. Throws when the browser gives no 2D context. */
export function glyphPainter(width: number, height: number): GlyphPainter {
  const canvas = document.createElement('canvas')
  canvas.width = width
  canvas.height = height
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (context === null) throw new Error('this browser has no 2D canvas')
  // Measured at a size where the rounding of hinted advances does not count.
  context.font = `100px ${FONT_FAMILY}`
  const advance = context.measureText('M').width / 100 || 0.6
  const size = Math.min(width / advance, height / LINE_HEIGHT)
  context.font = `${size}px ${FONT_FAMILY}`
  context.fillStyle = '#fff'
  context.textAlign = 'center'
  const metrics: Partial<TextMetrics> = context.measureText('M')
  const ascent = metrics.fontBoundingBoxAscent ?? size * 0.93
  const descent = metrics.fontBoundingBoxDescent ?? size * 0.24
  const baseline = Math.round((height - ascent - descent) / 2 + ascent)
  const coverage = new Uint8Array(width * height)
  return (character) => {
    context.clearRect(0, 0, width, height)
    context.fillText(character, width / 2, baseline)
    const { data } = context.getImageData(0, 0, width, height)
    for (let i = 0; i < coverage.length; i++) coverage[i] = data[4 * i + 3]
    return coverage
  }
}
