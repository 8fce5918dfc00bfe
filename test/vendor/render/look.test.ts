import { expect, test } from 'vitest'
import {
  applyColourMode,
  buildCoverageAtlas,
  CellShader,
  CHARSETS,
  colourOf,
  GLYPH_OF_LUMA,
  glyphsOf,
  PLAIN_LOOK,
} from '../../../vendor/asciline/index.ts'

const reversed = (rgb: number) => ((rgb & 255) << 16) | (rgb & 0xff00) | (rgb >> 16)
const LEVELS = [0, 1, 17, 64, 127, 128, 200, 254, 255]

test('the plain look draws the glyphs and the colours of the wire', () => {
  const shader = new CellShader(PLAIN_LOOK)
  expect(shader.glyphOfLuma).toEqual(GLYPH_OF_LUMA)
  for (const y of LEVELS)
    for (const cb of LEVELS)
      for (const cr of LEVELS) expect(shader.shade(y, cb, cr)).toBe(reversed(colourOf(y, cb, cr)))
})

test('modes 2 to 5 keep 2, 3, 5 and 8 bits of a channel', () => {
  for (const colours of [2, 3, 4, 5]) {
    const shader = new CellShader({ ...PLAIN_LOOK, colours })
    expect(shader.shade(173, 99, 180)).toBe(reversed(applyColourMode(colourOf(173, 99, 180), colours)))
  }
})

test('mono is one tint, whose brightness the glyph carries, and the pixel itself where there is none', () => {
  const mono = { ...PLAIN_LOOK, colours: 1, tint: 0x40ff80 }
  expect(new CellShader(mono).shade(10, 0, 255)).toBe(0x80ff40)
  const pixels = new CellShader({ ...mono, cells: 'pixels' })
  expect(pixels.shade(255, 0, 255)).toBe(0x80ff40)
  expect(pixels.shade(0, 0, 255)).toBe(0)
  expect(pixels.shade(51, 128, 128)).toBe(0x1a330d)
})

test('gamma lifts the dark, keeps both ends and never darkens', () => {
  const glyphs = new CellShader({ ...PLAIN_LOOK, gamma: 1.6 }).glyphOfLuma
  expect([glyphs[0], glyphs[255]]).toEqual([0, 91])
  expect(glyphs[40]).toBeGreaterThan(GLYPH_OF_LUMA[40] + 10)
  expect(glyphs.every((glyph, gray) => glyph >= GLYPH_OF_LUMA[gray])).toBe(true)
})

test('what gamma lifts keeps its hue', () => {
  const lifted = new CellShader({ ...PLAIN_LOOK, gamma: 2 }).shade(64, 118, 138)
  const [red, blue] = [lifted & 255, lifted >> 16]
  // 64 becomes 128, so the distance of the channels doubles with it.
  expect(red - blue).toBeGreaterThan(55)
})

test('contrast spreads around middle gray', () => {
  const { glyphOfLuma } = new CellShader({ ...PLAIN_LOOK, contrast: 2 })
  expect([glyphOfLuma[60], glyphOfLuma[200]]).toEqual([0, 91])
  expect(Math.abs(glyphOfLuma[128] - GLYPH_OF_LUMA[128])).toBeLessThanOrEqual(1)
})

test('every charset starts empty, names each glyph once, and spans the whole range', () => {
  for (const charset of Object.keys(CHARSETS) as (keyof typeof CHARSETS)[]) {
    const look = { ...PLAIN_LOOK, charset }
    const glyphs = [...glyphsOf(look)]
    expect(glyphs[0]).toBe(' ')
    expect(new Set(glyphs).size).toBe(glyphs.length)
    const { glyphOfLuma } = new CellShader(look)
    expect([glyphOfLuma[0], glyphOfLuma[255]]).toEqual([0, glyphs.length - 1])
  }
  expect(glyphsOf({ ...PLAIN_LOOK, cells: 'pixels' })).toBe('█')
})

test.each([
  [3, 6],
  [4, 8],
  [5, 10],
  [8, 16],
  [16, 32],
])('blocks of %sx%s are drawn to the edge of the cell, a quarter more of it each', (width, height) => {
  const never = () => {
    throw new Error('no font draws these')
  }
  const pixels = width * height
  const atlas = buildCoverageAtlas('░▒▓█', width, height, never)
  const share = (glyph: number) =>
    atlas.subarray(glyph * pixels, (glyph + 1) * pixels).reduce((sum, value) => sum + value, 0) / 255 / pixels
  for (const glyph of [0, 1, 2, 3]) expect(share(glyph)).toBeCloseTo((glyph + 1) / 4, 2)
  // What a small cell has no room to draw in dots is even: dots of single pixels were a dark grid.
  if (width < 12) expect(new Set(atlas.subarray(2 * pixels, 3 * pixels)).size).toBe(1)
})

test('a colour mode that does not exist is refused', () => {
  expect(() => new CellShader({ ...PLAIN_LOOK, colours: 6 })).toThrow(RangeError)
})
