// Black bars beside a busy picture: where the source is black, so is what is shown.

import { expect, test } from 'vitest'
import { GLYPH_OF_LUMA, SliceDecoder, SliceEncoder } from '../../../vendor/asciline/index.ts'
import { filmlike, HIGH, type Programme } from '../moving-pictures.ts'

/** Rows of the bars, above and below: they end inside a macroblock, as those of a 16:9 film do. */
const BAR = 14

/** A film between two bars. */
function letterboxed(programme: Programme): Programme {
  const row = HIGH.cols * 3
  return (index) => {
    const rgb = programme(index).slice()
    rgb.fill(0, 0, BAR * row)
    rgb.fill(0, rgb.length - BAR * row)
    return rgb
  }
}

test('the bars beside a film stay empty, in whole codings and in changes', () => {
  const encoder = new SliceEncoder(HIGH)
  const decoder = new SliceDecoder(HIGH)
  const programme = letterboxed(filmlike(HIGH))
  let specks = 0
  let visible = 0
  for (let frame = 0; frame < 20; frame += 1) {
    for (const message of encoder.encode(programme(frame), frame, 0)) decoder.decode(message)
    const { y, stride } = decoder.picture
    for (let row = 0; row < HIGH.rows; row += 1) {
      const inBar = row < BAR || row >= HIGH.rows - BAR
      for (const luma of y.subarray(row * stride, row * stride + HIGH.cols)) {
        const shown = GLYPH_OF_LUMA[luma] > 0 ? 1 : 0
        if (inBar) specks += shown
        else visible += shown
      }
    }
  }
  expect(visible).toBeGreaterThan(200_000)
  // Without the aim below black it is above a hundred a frame.
  expect(specks / 20).toBeLessThan(5)
})

test('a black picture costs what it did, and is black', () => {
  const encoder = new SliceEncoder(HIGH)
  const decoder = new SliceDecoder(HIGH)
  const messages = encoder.encode(new Uint8Array(HIGH.cols * HIGH.rows * 3), 0, 0)
  for (const message of messages) decoder.decode(message)
  expect(messages).toHaveLength(1)
  expect(messages[0].length).toBeLessThan(60)
  expect(Math.max(...decoder.picture.y)).toBe(0)
})
