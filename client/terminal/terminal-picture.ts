// The picture as a terminal draws it: 24-bit colours, and only the characters that changed since the last one.

import type { CellRect } from '../../signaling/messages.ts'
import { CellShader, glyphsOf, type Look, type Picture } from '../../vendor/asciline/index.ts'
import { columnsOf, cutTo, printable } from './display-text.ts'
import { EscapeWriter } from './escape-writer.ts'
import { PictureScaler } from './picture-scaler.ts'

/** `halves`: the upper half block, two pixels a character. `glyphs`: the characters of the page. */
export type CellStyle = 'halves' | 'glyphs'

/** A rectangle of characters, `left` and `top` counted from 1 as terminals do. */
export type Place = { left: number; top: number; cols: number; rows: number }

/** Colours nearer than this in every channel are not sent anew: nobody sees it, and noise would redraw all. */
const TOLERANCE = 3
const UPPER_HALF = new TextEncoder().encode('▀')
const NEVER = -1

/** The largest place with the shape of `width` x `height` cells in a terminal of `columns` x `lines`, centred. */
export function placeOf(
  { width, height }: Pick<CellRect, 'width' | 'height'>,
  columns: number,
  lines: number,
): Place {
  const scale = Math.min(columns / width, lines / height)
  const cols = Math.max(1, Math.min(columns, Math.round(width * scale)))
  const rows = Math.max(1, Math.min(lines, Math.round(height * scale)))
  return { left: 1 + ((columns - cols) >> 1), top: 1 + ((lines - rows) >> 1), cols, rows }
}

/** One place on one screen; made anew when either changes. `draw` allocates nothing. */
export class TerminalPicture {
  readonly #place: Place
  readonly #style: CellStyle
  readonly #shader: CellShader
  readonly #glyphs: Uint8Array[]
  readonly #scaler: PictureScaler
  readonly #writer: EscapeWriter
  /** What the screen shows: glyph or upper colour, and colour or lower colour. */
  readonly #first: Int32Array
  readonly #second: Int32Array
  /** Cells that a caption lies on. */
  readonly #covered: Uint8Array
  #caption = ''

  /** `part` are the cells of a picture to show. */
  constructor({ place, part, style, look }: { place: Place; part: CellRect; style: CellStyle; look: Look }) {
    const cells: Look = { ...look, cells: style === 'halves' ? 'pixels' : 'glyphs' }
    const encoder = new TextEncoder()
    this.#place = place
    this.#style = style
    this.#shader = new CellShader(cells)
    this.#glyphs = [...glyphsOf(cells)].map((glyph) => encoder.encode(glyph))
    const height = style === 'halves' ? 2 * place.rows : place.rows
    this.#scaler = new PictureScaler({ width: place.cols, height, part })
    this.#writer = new EscapeWriter(place.cols * place.rows)
    this.#first = new Int32Array(place.cols * place.rows).fill(NEVER)
    this.#second = new Int32Array(place.cols * place.rows).fill(NEVER)
    this.#covered = new Uint8Array(place.cols * place.rows)
  }

  /**
   * Lays lines of text on the lowest rows, instead of those before. What it returns is to be written after the next `draw`,
   * which leaves their cells alone and draws those that are free again; empty when nothing changed.
   */
  caption(lines: readonly string[]): string {
    const text = lines.join('\n')
    if (text === this.#caption) return ''
    this.#caption = text
    const { left, top, cols, rows } = this.#place
    for (let cell = 0; cell < this.#covered.length; cell += 1)
      if (this.#covered[cell] === 1) this.#first[cell] = NEVER
    this.#covered.fill(0)
    let output = ''
    lines.slice(0, rows).forEach((line, index, { length }) => {
      const row = rows - length + index
      const shown = printable(line)
      const width = Math.min(cols, columnsOf(shown))
      const col = (cols - width) >> 1
      this.#covered.fill(1, row * cols + col, row * cols + col + width)
      output += `\x1b[${top + row};${left + col}H\x1b[0;1;97;40m${cutTo(shown, width)}`
    })
    return `${output}\x1b[0m`
  }

  /** What to write for the screen to show `picture`; lent until the next call, empty when nothing changed. */
  draw(picture: Picture): Uint8Array {
    this.#scaler.scale(picture)
    this.#writer.begin()
    if (this.#style === 'halves') this.#halves()
    else this.#characters()
    return this.#writer.end()
  }

  #halves(): void {
    const { left, top, cols, rows } = this.#place
    const { y, cb, cr } = this.#scaler
    const writer = this.#writer
    for (let row = 0, cell = 0; row < rows; row += 1) {
      for (let col = 0; col < cols; col += 1, cell += 1) {
        if (this.#covered[cell] === 1) continue
        const upper = 2 * row * cols + col
        const lower = upper + cols
        const first = this.#shader.shade(y[upper], cb[upper], cr[upper])
        const second = this.#shader.shade(y[lower], cb[lower], cr[lower])
        if (isNear(first, this.#first[cell]) && isNear(second, this.#second[cell])) continue
        this.#first[cell] = first
        this.#second[cell] = second
        writer.moveTo(top + row, left + col)
        writer.foreground(first)
        writer.background(second)
        writer.character(UPPER_HALF)
      }
    }
  }

  #characters(): void {
    const { left, top, cols, rows } = this.#place
    const { y, cb, cr } = this.#scaler
    const writer = this.#writer
    for (let row = 0, cell = 0; row < rows; row += 1) {
      for (let col = 0; col < cols; col += 1, cell += 1) {
        if (this.#covered[cell] === 1) continue
        const glyph = this.#shader.glyphOfLuma[y[cell]]
        const colour = this.#shader.shade(y[cell], cb[cell], cr[cell])
        // A space has no colour.
        if (glyph === this.#first[cell] && (glyph === 0 || isNear(colour, this.#second[cell]))) continue
        this.#first[cell] = glyph
        this.#second[cell] = colour
        writer.moveTo(top + row, left + col)
        writer.background(0)
        if (glyph !== 0) writer.foreground(colour)
        writer.character(this.#glyphs[glyph])
      }
    }
  }
}

function isNear(one: number, other: number): boolean {
  if (other === NEVER) return false
  const near = (shift: number) => Math.abs(((one >> shift) & 255) - ((other >> shift) & 255)) <= TOLERANCE
  return one === other || (near(0) && near(8) && near(16))
}
