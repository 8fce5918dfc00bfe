// The picture as the characters it is drawn with.

import { GLYPH_OF_LUMA, type Picture, RAMP } from '../../vendor/asciline/index.ts'

/** One line per row of cells, as wide as the grid, without colour. */
export function pictureText({ cols, rows, stride, y }: Picture): string {
  const lines: string[] = []
  for (let row = 0; row < rows; row++) {
    let line = ''
    for (let at = row * stride, end = at + cols; at < end; at++) line += RAMP[GLYPH_OF_LUMA[y[at]]]
    lines.push(line)
  }
  return lines.join('\n')
}
