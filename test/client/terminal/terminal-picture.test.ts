import { describe, expect, test } from 'vitest'
import { pictureText } from '../../../client/playback/index.ts'
import { placeOf, TerminalPicture } from '../../../client/terminal/terminal-picture.ts'
import { colourOf, fillPicture, Picture, PLAIN_LOOK } from '../../../vendor/asciline/index.ts'
import { TerminalCells } from './terminal-cells.ts'

const COLS = 24
const ROWS = 10

/** A picture of which every cell is different, and of gray where `gray` says so. */
function picture(gray?: (col: number, row: number) => number): Picture {
  const rgb = new Uint8Array(COLS * ROWS * 3)
  for (let row = 0, at = 0; row < ROWS; row += 1)
    for (let col = 0; col < COLS; col += 1, at += 3)
      rgb.set(gray ? Array(3).fill(gray(col, row)) : [col * 10, row * 25, 255 - col * 10], at)
  const filled = new Picture({ cols: COLS, rows: ROWS })
  fillPicture(filled, rgb)
  return filled
}

const PLACE = { left: 3, top: 2, cols: COLS, rows: ROWS }
const channels = (rgb: number) => `${rgb >> 16},${(rgb >> 8) & 255},${rgb & 255}`
const colourAt = ({ y, cb, cr, stride, chromaStride }: Picture, col: number, row: number) =>
  channels(
    colourOf(y[row * stride + col], cb[row * chromaStride + (col >> 1)], cr[row * chromaStride + (col >> 1)]),
  )

const WHOLE = { x: 0, y: 0, width: COLS, height: ROWS }

function open(style: 'halves' | 'glyphs', place = PLACE, part = WHOLE) {
  const screen = new TerminalPicture({ place, part, style, look: PLAIN_LOOK })
  const terminal = new TerminalCells()
  return { screen, terminal, show: (shown: Picture) => terminal.write(screen.draw(shown)) }
}

describe('glyphs', () => {
  test('cell for cell the text and the colours of the picture', () => {
    const { terminal, show } = open('glyphs')
    const shown = picture()
    show(shown)
    const lines = Array.from({ length: ROWS }, (_, row) => terminal.text(2 + row, 3, COLS))
    expect(lines.join('\n')).toBe(pictureText(shown))
    for (let row = 0; row < ROWS; row += 1)
      for (let col = 0; col < COLS; col += 1) {
        const cell = terminal.at(2 + row, 3 + col)
        expect(cell.background).toBe('0,0,0')
        if (cell.character !== ' ') expect(cell.foreground).toBe(colourAt(shown, col, row))
      }
  })
})

test('of a picture with bars only what lies between them is shown', () => {
  const part = { x: 4, y: 2, width: COLS - 8, height: ROWS - 4 }
  const place = { left: 1, top: 1, cols: part.width, rows: part.height }
  const { terminal, show } = open('glyphs', place, part)
  const shown = picture()
  show(shown)
  const lines = pictureText(shown).split('\n')
  for (let row = 0; row < part.height; row += 1)
    expect(terminal.text(1 + row, 1, part.width)).toBe(lines[2 + row]?.slice(4, 4 + part.width))
})

describe('half blocks', () => {
  test('two rows of the picture in one of the terminal, at twice the resolution', () => {
    const { terminal, show } = open('halves', { ...PLACE, rows: ROWS / 2 })
    const shown = picture()
    show(shown)
    for (let row = 0; row < ROWS / 2; row += 1)
      for (let col = 0; col < COLS; col += 1)
        expect(terminal.at(2 + row, 3 + col)).toEqual({
          character: '▀',
          foreground: colourAt(shown, col, 2 * row),
          background: colourAt(shown, col, 2 * row + 1),
        })
  })

  test('a smaller place shows the mean of the cells it covers', () => {
    const { terminal, show } = open('halves', { ...PLACE, cols: COLS / 2, rows: ROWS / 2 })
    show(picture((col) => (col % 2 === 0 ? 100 : 200)))
    expect(terminal.at(2, 3)).toMatchObject({ foreground: '150,150,150', background: '150,150,150' })
  })
})

test('the same picture again writes nothing, one other cell writes one character', () => {
  const { screen, terminal, show } = open('glyphs')
  show(picture(() => 100))
  expect(screen.draw(picture(() => 100))).toHaveLength(0)
  const before = terminal.written
  show(picture((col, row) => (col === 5 && row === 5 ? 200 : 100)))
  expect(terminal.written).toBe(before + 1)
})

test('what nobody can see is not written, and does not add up', () => {
  const { terminal, show } = open('halves')
  for (let gray = 100; gray <= 140; gray += 1) {
    show(picture(() => gray))
    const shown = Number(terminal.at(2, 3).foreground.split(',')[0])
    expect(Math.abs(shown - gray)).toBeLessThanOrEqual(3)
  }
  expect(terminal.written).toBeLessThan((40 / 3) * COLS * ROWS)
})

test('every colour and place fits the bytes set aside for it', () => {
  const place = { left: 500, top: 500, cols: COLS, rows: ROWS }
  const { terminal, show } = open('halves', place)
  // Every second cell changes, so that every character needs its own move and both colours.
  show(picture(() => 255))
  show(picture((col, row) => ((col + row) % 2 === 0 ? 100 + col * 5 : 255)))
  expect(terminal.at(500, 500).foreground).toBe('100,100,100')
})

test('a caption lies on the picture until it is taken away, and cannot command the terminal', () => {
  const { screen, terminal, show } = open('glyphs')
  const still = picture(() => 128)
  show(still)
  const before = terminal.text(11, 3, COLS)
  const caption = screen.caption(['\x1b[2Jhello\x07'])
  show(picture(() => 200))
  terminal.write(caption)
  expect(terminal.text(11, 3, COLS)).toContain('[2Jhello')
  expect(terminal.cells.size).toBe(COLS * ROWS)
  expect(screen.caption(['\x1b[2Jhello\x07'])).toBe('')
  const none = screen.caption([])
  show(still)
  terminal.write(none)
  expect(terminal.text(11, 3, COLS)).toBe(before)
})

test('more and longer captions than there is room are cut', () => {
  const { screen, terminal, show } = open('glyphs')
  const caption = screen.caption(Array.from({ length: 50 }, () => '字幕'.repeat(500)))
  show(picture())
  terminal.write(caption)
  for (const key of terminal.cells.keys()) {
    const [row, col] = key.split(';').map(Number)
    expect(row).toBeLessThan(2 + ROWS)
    expect(col).toBeLessThan(3 + COLS)
  }
})

test('a place keeps the shape of the grid and is centred', () => {
  expect(placeOf({ width: 200, height: 84 }, 100, 60)).toEqual({ left: 1, top: 10, cols: 100, rows: 42 })
  expect(placeOf({ width: 200, height: 84 }, 300, 42)).toEqual({ left: 101, top: 1, cols: 100, rows: 42 })
  expect(placeOf({ width: 200, height: 84 }, 1, 1)).toEqual({ left: 1, top: 1, cols: 1, rows: 1 })
})
