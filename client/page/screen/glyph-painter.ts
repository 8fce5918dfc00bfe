// Paints one glyph with the browser's own text drawing and reads back how much of each pixel it covers.

import type { GlyphPainter } from '../../../vendor/asciline/index.ts'
import { setCellFont } from './glyph-font.ts'

/** A painter for cells of one size. Throws when the browser gives no 2D context. */
export function glyphPainter(width: number, height: number): GlyphPainter {
  const canvas = document.createElement('canvas')
  canvas.width = width
  canvas.height = height
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (context === null) throw new Error('this browser has no 2D canvas')
  const baseline = setCellFont(context, width, height)
  context.fillStyle = '#fff'
  const coverage = new Uint8Array(width * height)
  return (character) => {
    context.clearRect(0, 0, width, height)
    context.fillText(character, width / 2, baseline)
    const { data } = context.getImageData(0, 0, width, height)
    for (let i = 0; i < coverage.length; i++) coverage[i] = data[4 * i + 3]
    return coverage
  }
}
