import { expect, test } from 'vitest'
import { GLYPH_OF_LUMA, luma, RAMP } from '../../../vendor/asciline/index.ts'

test('luma is the fixed-point formula, rounded, on colours worked out by hand', () => {
  expect(luma(0, 0, 0)).toBe(0)
  expect(luma(255, 255, 255)).toBe(255)
  // 9798 * 255 + 16384 = 2514874, / 32768 = 76.7
  expect(luma(255, 0, 0)).toBe(76)
  // 19235 * 255 + 16384 = 4921309, / 32768 = 150.2
  expect(luma(0, 255, 0)).toBe(150)
  // 3735 * 255 + 16384 = 968809, / 32768 = 29.6
  expect(luma(0, 0, 255)).toBe(29)
  // 9798 + 2 * 19235 + 3 * 3735 + 16384 = 75857, / 32768 = 2.3
  expect(luma(1, 2, 3)).toBe(2)
})

test('gray is its own luma, at every level', () => {
  for (let gray = 0; gray < 256; gray += 1) expect(luma(gray, gray, gray)).toBe(gray)
})

test('the ramp is the 92 glyphs of the wire in their order', () => {
  expect(RAMP).toHaveLength(92)
  expect(new Set(RAMP).size).toBe(92)
  expect(RAMP.slice(0, 8)).toBe(" `.-':_,")
  expect(RAMP.slice(43, 51)).toBe('neoZ5Yxj')
  expect(RAMP.slice(-8)).toBe('0MNWQ%&@')
})

test('a glyph is floor(gray * 91 / 255), at every level', () => {
  expect(GLYPH_OF_LUMA).toHaveLength(256)
  for (let gray = 0; gray < 256; gray += 1) {
    const glyph = GLYPH_OF_LUMA[gray]
    // The floor without a division: the largest whole number that is not above.
    expect(glyph * 255).toBeLessThanOrEqual(gray * 91)
    expect((glyph + 1) * 255).toBeGreaterThan(gray * 91)
  }
})

test('black is the space, white the densest glyph, and glyph 1 begins at gray 3', () => {
  expect(RAMP[GLYPH_OF_LUMA[0]]).toBe(' ')
  expect(RAMP[GLYPH_OF_LUMA[2]]).toBe(' ')
  expect(RAMP[GLYPH_OF_LUMA[3]]).toBe('`')
  expect(RAMP[GLYPH_OF_LUMA[254]]).toBe('&')
  expect(RAMP[GLYPH_OF_LUMA[255]]).toBe('@')
})
