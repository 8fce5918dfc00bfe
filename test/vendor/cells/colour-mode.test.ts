import { expect, test } from 'vitest'
import { applyColourMode, COLOUR_MODES } from '../../../vendor/asciline/index.ts'

test('there are the modes 1 to 5, and each is found by its number', () => {
  expect(COLOUR_MODES.map(({ mode }) => mode)).toEqual([1, 2, 3, 4, 5])
})

test('a mode keeps the high bits of every channel', () => {
  expect(applyColourMode(0xc7_85_3f, 5)).toBe(0xc7_85_3f)
  expect(applyColourMode(0xc7_85_3f, 4)).toBe(0xc0_80_38)
  expect(applyColourMode(0xc7_85_3f, 3)).toBe(0xc0_80_20)
  expect(applyColourMode(0xc7_85_3f, 2)).toBe(0xc0_80_00)
})

test('the mode without colour is white on dark, whatever the cell', () => {
  expect(applyColourMode(0x123456, 1)).toBe(0xffffff)
})

test.each([0, 6, -1, 1.5, Number.NaN])('mode %s does not exist and says so', (mode) => {
  expect(() => applyColourMode(0, mode)).toThrow(RangeError)
})
