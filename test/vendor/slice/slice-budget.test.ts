import { expect, test } from 'vitest'
import {
  fillPicture,
  PACKET_OVERHEAD_BYTES,
  Picture,
  SliceDecoder,
  SliceEncoder,
} from '../../../vendor/asciline/index.ts'
import { cuts, filmlike, HIGH, LOW, noise, type Programme, seededRandom } from '../moving-pictures.ts'

/** Bytes on the wire of each frame. */
function wireBytes(encoder: SliceEncoder, programme: Programme, frames: number): number[] {
  return Array.from({ length: frames }, (_, index) =>
    encoder
      .encode(programme(index), index, 0)
      .reduce((sum, message) => sum + message.length + PACKET_OVERHEAD_BYTES, 0),
  )
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function worstSecond(values: number[], fps: number): number {
  let worst = 0
  for (let from = 0; from + fps <= values.length; from += 1) {
    worst = Math.max(worst, fps * mean(values.slice(from, from + fps)))
  }
  return worst
}

/** Lines of random text that climb by a cell a frame. */
function scrollingText(size: { cols: number; rows: number }): Programme {
  const random = seededRandom(8)
  const page = Uint8Array.from({ length: 400 * size.cols }, () => (random() < 0.4 ? 240 : 10))
  return (index) => {
    const rgb = new Uint8Array(size.cols * size.rows * 3)
    for (let at = 0; at < size.cols * size.rows; at += 1) {
      rgb.fill(page[(at + index * size.cols) % page.length], at * 3, at * 3 + 3)
    }
    return rgb
  }
}

test.each([
  ['noise', LOW, noise(LOW)],
  ['noise', HIGH, noise(HIGH)],
  ['a cut every five frames', HIGH, cuts(HIGH, 5)],
  ['scrolling text', HIGH, scrollingText(HIGH)],
  ['a film in a budget half as large as it needs', { ...HIGH, bytesPerSecond: 30_000 }, filmlike(HIGH)],
])(
  '%s: the mean keeps the budget, and the worst second stays within a quarter of it',
  (_, options, programme) => {
    const bytes = wireBytes(new SliceEncoder(options), programme, options.fps * 6)
    expect(options.fps * mean(bytes.slice(options.fps))).toBeLessThanOrEqual(1.02 * options.bytesPerSecond)
    expect(worstSecond(bytes, options.fps)).toBeLessThanOrEqual(1.25 * options.bytesPerSecond)
  },
)

test('a budget that is short is used, not wasted', () => {
  const bytes = wireBytes(new SliceEncoder(HIGH), noise(HIGH), 120)
  expect(HIGH.fps * mean(bytes)).toBeGreaterThan(0.9 * HIGH.bytesPerSecond)
})

test('when frames are cut short no part of the picture starves', () => {
  const encoder = new SliceEncoder({ ...HIGH, bytesPerSecond: 40_000 })
  const decoder = new SliceDecoder(HIGH)
  const programme = noise(HIGH)
  const { macroblocks, macroblockCols, stride } = decoder.picture
  const paintedAt = new Array<number>(macroblocks).fill(0)
  let before = decoder.picture.y.slice()
  for (let index = 0; index < 90; index += 1) {
    for (const message of encoder.encode(programme(index), index, 0)) decoder.decode(message)
    for (let macroblock = 0; macroblock < macroblocks; macroblock += 1) {
      const at = Math.floor(macroblock / macroblockCols) * 8 * stride + (macroblock % macroblockCols) * 16
      if (before.subarray(at, at + 16).some((gray, col) => gray !== decoder.picture.y[at + col])) {
        paintedAt[macroblock] = index
      }
    }
    before = decoder.picture.y.slice()
    if (index >= 45) expect(index - Math.min(...paintedAt)).toBeLessThanOrEqual(45)
  }
})

/** Luma PSNR in dB of what a viewer shows of one frame after it has stood for `frames` frames. */
function settledPsnr(encoder: SliceEncoder, rgb: Uint8Array, from: number, frames: number): number {
  const decoder = new SliceDecoder(HIGH)
  for (let index = from; index < from + frames; index += 1) {
    for (const message of encoder.encode(rgb, index, 0)) decoder.decode(message)
  }
  const wanted = new Picture(HIGH)
  fillPicture(wanted, rgb)
  let sum = 0
  for (let at = 0; at < wanted.y.length; at += 1) sum += (wanted.y[at] - decoder.picture.y[at]) ** 2
  return 10 * Math.log10((255 ** 2 * wanted.y.length) / sum)
}

test('after noise a calm film is as good as ever within three seconds', () => {
  const encoder = new SliceEncoder(HIGH)
  const wild = noise(HIGH)
  const calm = filmlike(HIGH)(60)
  for (let index = 0; index < 60; index += 1) encoder.encode(wild(index), index, 0)
  expect(settledPsnr(encoder, calm, 60, 90)).toBeGreaterThan(
    settledPsnr(new SliceEncoder(HIGH), calm, 0, 90) - 0.1,
  )
})

test('a budget below one packet a frame is kept by sending fewer frames, not by breaking it', () => {
  const options = { ...LOW, bytesPerSecond: 8_000 }
  const bytes = wireBytes(new SliceEncoder(options), noise(options), 240)
  expect(options.fps * mean(bytes.slice(24))).toBeLessThanOrEqual(1.3 * options.bytesPerSecond)
})
