// What a programme that goes on for hours must be: no garbage in the codec, and a still picture that stays.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import {
  fillPicture,
  GLYPH_OF_LUMA,
  Picture,
  SliceDecoder,
  SliceEncoder,
} from '../../../vendor/asciline/index.ts'
import { filmlike, HIGH, seededRandom } from '../moving-pictures.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Bytes of heap a round takes, for every `frames` of it; the most of several, since a collection in between hides some. */
function heapPerFrame(round: () => void, frames: number): number {
  let most = 0
  for (let attempt = 0; attempt < 5; attempt += 1) {
    collectGarbage()
    const before = process.memoryUsage().heapUsed
    round()
    most = Math.max(most, process.memoryUsage().heapUsed - before)
  }
  return most / frames
}

test('a thousand frames leave nothing on the heap but the messages, and decoding them nothing at all', () => {
  const programme = filmlike(HIGH)
  const frames = Array.from({ length: 10 }, (_, index) => programme(index))
  const encoder = new SliceEncoder(HIGH)
  const decoder = new SliceDecoder(HIGH)
  const messages: Uint8Array[] = []
  let index = 0
  const encode = (count: number) => {
    messages.length = 0
    for (let left = count; left > 0; left -= 1, index += 1) {
      for (const message of encoder.encode(frames[index % frames.length], index, 0)) messages.push(message)
    }
  }
  const decode = () => {
    for (const message of messages) decoder.decode(message)
  }
  encode(1000)
  decode()
  // One object for each of 572 blocks would be 9 kB already.
  expect(heapPerFrame(() => encode(200), 200)).toBeLessThan(4000)
  expect(heapPerFrame(decode, 200)).toBeLessThan(1000)
})

test('a still picture with noise in it converges and stays: no breathing, and no bytes for the noise', () => {
  const random = seededRandom(9)
  const calm = filmlike(HIGH)(0)
  const clean = new Picture(HIGH)
  fillPicture(clean, calm)
  const source = new Picture(HIGH)
  const encoder = new SliceEncoder(HIGH)
  const decoder = new SliceDecoder(HIGH)
  const { cols, rows, stride } = clean
  const glyphs = [new Uint8Array(cols * rows), new Uint8Array(cols * rows)]
  const flips = [0, 0]
  const bytes: number[] = []
  const psnr: number[] = []
  for (let frame = 0; frame < 150; frame += 1) {
    const rgb = calm.slice()
    for (let at = 0; at < rgb.length; at += 3) {
      const noise = Math.round((random() * 2 - 1) * 3)
      for (let channel = at; channel < at + 3; channel += 1) {
        rgb[channel] = Math.max(0, Math.min(255, rgb[channel] + noise))
      }
    }
    fillPicture(source, rgb)
    const messages = encoder.encode(rgb, frame, 0)
    bytes.push(messages.reduce((sum, message) => sum + message.length, 0))
    for (const message of messages) decoder.decode(message)
    let squares = 0
    for (let cell = 0; cell < cols * rows; cell += 1) {
      const at = Math.floor(cell / cols) * stride + (cell % cols)
      squares += (clean.y[at] - decoder.picture.y[at]) ** 2
      for (const [whose, { y }] of [decoder.picture, source].entries()) {
        const glyph = GLYPH_OF_LUMA[y[at]]
        if (frame >= 60 && glyph !== glyphs[whose][cell]) flips[whose] += 1
        glyphs[whose][cell] = glyph
      }
    }
    psnr.push(10 * Math.log10((255 ** 2 * cols * rows) / squares))
  }
  const [shown, raw] = flips
  expect(raw / (90 * cols * rows)).toBeGreaterThan(0.4)
  expect(shown).toBeLessThan(0.06 * raw)
  const later = bytes.slice(60).reduce((sum, each) => sum + each, 0) / 90
  expect(later).toBeLessThan(bytes[0] / 10)
  expect(Math.min(...psnr.slice(60))).toBeGreaterThan(Math.max(...psnr) - 0.5)
})
