// The picture as the characters it is drawn with.

import { CellShader, glyphsOf, type Look, type Picture, PLAIN_LOOK } from '../../vendor/asciline/index.ts'

/** One line per row of cells, as wide as the grid, without colour. */
export function pictureText({ cols, rows, stride, y }: Picture, look: Look = PLAIN_LOOK): string {
  const glyphs = [...glyphsOf(look)]
  const { glyphOfLuma } = new CellShader(look)
  const lines: string[] = []
  for (let row = 0; row < rows; row++) {
    let line = ''
    for (let at = row * stride, end = at + cols; at < end; at++) line += glyphs[glyphOfLuma[y[at]]]
    lines.push(line)
  }
  return lines.join('\n')
}

/** The same with 24-bit colours for a terminal; a colour is named where it changes, and every line ends without one. */
export function pictureAnsi(picture: Picture, look: Look): string {
  const { cols, rows, stride, chromaStride, y, cb, cr } = picture
  const glyphs = [...glyphsOf(look)]
  const shader = new CellShader(look)
  let text = ''
  for (let row = 0; row < rows; row++) {
    let colour = -1
    for (let col = 0; col < cols; col++) {
      const gray = y[row * stride + col]
      const chromaAt = row * chromaStride + (col >> 1)
      const bgr = shader.shade(gray, cb[chromaAt], cr[chromaAt])
      const glyph = glyphs[shader.glyphOfLuma[gray]]
      if (bgr !== colour && glyph !== ' ') {
        text += `\x1b[38;2;${bgr & 255};${(bgr >> 8) & 255};${bgr >> 16}m`
        colour = bgr
      }
      text += glyph
    }
    text += '\x1b[0m\n'
  }
  return text
}
