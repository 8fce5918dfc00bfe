// Small pictures of characters: reduced from what the screen shows, decoded from what the server sends.

import { expect, test } from 'vitest'
import { patternOf, reducePicture } from '../../../client/page/start/ascii-picture.ts'
import { readStill } from '../../../client/page/start/still.ts'
import { fillPicture, Picture, SliceEncoder } from '../../../vendor/asciline/index.ts'

/** Left half red, right half green. */
function halves(cols: number, rows: number): Uint8Array {
  return Uint8Array.from({ length: cols * rows * 3 }, (_, at) => {
    const left = Math.floor(at / 3) % cols < cols / 2
    return at % 3 === (left ? 0 : 1) ? 200 : 20
  })
}

test('a picture is reduced to the mean of its cells, colours included', () => {
  const picture = new Picture({ cols: 80, rows: 40 })
  fillPicture(picture, halves(80, 40))
  const { rgb } = reducePicture(picture, { cols: 10, rows: 5 })
  expect(rgb).toHaveLength(150)
  for (const [channel, value] of [200, 20, 20].entries())
    expect(Math.abs(rgb[channel] - value)).toBeLessThan(6)
  for (const [channel, value] of [20, 200, 20].entries())
    expect(Math.abs(rgb[27 + channel] - value)).toBeLessThan(6)
})

test('a still of the server is a picture of the wire', () => {
  const size = { cols: 80, rows: 22 }
  const encoder = new SliceEncoder({ ...size, fps: 1, bytesPerSecond: 1e6 })
  const slices = encoder.encode(halves(80, 22), 0, 0).map((slice) => Buffer.from(slice).toString('base64'))
  const still = readStill({ ...size, slices })
  expect(still).toMatchObject({ cols: 56, rows: 15 })
  expect(still.rgb[0]).toBeGreaterThan(150)
  expect(still.rgb[(56 * 7 + 50) * 3 + 1]).toBeGreaterThan(150)
})

test.each([
  undefined,
  {},
  { cols: 0, rows: 4, slices: [] },
  { cols: 1e9, rows: 1e9, slices: [] },
  { cols: 80, rows: 22, slices: ['%%%'] },
  { cols: 80, rows: 22, slices: Array.from({ length: 1000 }, () => '') },
])('%j is no still', (answer) => {
  expect(() => readStill(answer)).toThrow(RangeError)
})

test('a damaged slice leaves its part dark and breaks nothing', () => {
  const still = readStill({
    cols: 80,
    rows: 22,
    slices: ['AAAA', 'not known', 7].filter((slice) => slice !== 'not known'),
  })
  expect(Math.max(...still.rgb)).toBeLessThan(16)
})

test('what has no picture gets a pattern of its own, always the same', () => {
  const size = { cols: 20, rows: 6 }
  expect(patternOf('Cats', size)).toEqual(patternOf('Cats', size))
  expect(patternOf('Cats', size).rgb).not.toEqual(patternOf('Dogs', size).rgb)
})
