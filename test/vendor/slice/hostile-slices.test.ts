import { expect, test } from 'vitest'
import {
  digestPicture,
  parseSliceHeader,
  SliceDecoder,
  SliceEncoder,
} from '../../../vendor/asciline/index.ts'
import { filmlike, HIGH, LOW, noise, seededRandom, unhex } from '../moving-pictures.ts'
import { mutate } from './mutate.ts'

const sound = [
  ...new SliceEncoder({ ...LOW, bytesPerSecond: 1e6 }).encode(filmlike(LOW)(0), 3, 0),
  ...new SliceEncoder({ ...LOW, bytesPerSecond: 1e6 }).encode(noise(LOW)(0), 4, 0),
]

test.each([
  ['one macroblock beyond the grid', '00 00 00 00 10 00 01 28 00 37 00 02 80'],
  ['a first macroblock beyond the grid', '00 00 00 00 10 00 01 28 00 38 00 01 80'],
  ['the last address there is', '00 00 00 00 10 00 01 28 ff ff ff ff 80'],
  ['another epoch', '00 00 00 00 10 00 11 28 00 00 00 01 80'],
  ['a heartbeat of another epoch', '00 00 00 00 11 00 11 00'],
  ['eleven bytes', '00 00 00 00 10 00 01 28 00 00 00'],
  ['nothing', ''],
])('refused without a trace: %s', (_, bytes) => {
  const decoder = new SliceDecoder(LOW)
  const before = digestPicture(decoder.picture)
  expect(decoder.decode(unhex(bytes))).toBe(false)
  expect(digestPicture(decoder.picture)).toBe(before)
})

test('the last macroblock of the grid is within it', () => {
  expect(new SliceDecoder(LOW).decode(unhex('00 00 00 00 10 00 01 28 00 37 00 01 80'))).toBe(true)
})

test('a slice of a larger grid is refused where it does not fit', () => {
  const messages = new SliceEncoder({ ...HIGH, bytesPerSecond: 1e6 }).encode(filmlike(HIGH)(0), 0, 0)
  const decoder = new SliceDecoder(LOW)
  expect(decoder.decode(messages[messages.length - 1])).toBe(false)
})

test('thirty thousand mutated slices: none throws, none paints before its first macroblock', () => {
  const random = seededRandom(2024)
  const decoder = new SliceDecoder(LOW)
  const { picture } = decoder
  const began = performance.now()
  let refused = 0
  for (let trial = 0; trial < 30_000; trial += 1) {
    const message = mutate(sound[Math.floor(random() * sound.length)], random)
    decoder.epoch(0)
    const header = parseSliceHeader(message)
    const rowsBefore = header === undefined ? 0 : Math.floor(header.first / picture.macroblockCols) * 8
    const above = picture.y.slice(0, rowsBefore * picture.stride)
    if (!decoder.decode(message)) refused += 1
    const after = picture.y.subarray(0, above.length)
    if (above.some((gray, at) => gray !== after[at]))
      expect.fail(`trial ${trial} painted above its first block`)
  }
  expect(refused).toBeGreaterThan(500)
  expect(refused).toBeLessThan(29_000)
  // A deadline for "it ends at all": 30,000 sound ones take about 10 s on a slow machine.
  expect(performance.now() - began).toBeLessThan(120_000)
}, 150_000)

test('a refused message leaves every sample as it was', () => {
  const random = seededRandom(7)
  const decoder = new SliceDecoder(LOW)
  for (const message of sound) decoder.decode(message)
  for (let trial = 0; trial < 3000; trial += 1) {
    const message = mutate(sound[trial % sound.length], random)
    message[6] = 0xf0
    const before = digestPicture(decoder.picture)
    expect(decoder.decode(message)).toBe(false)
    expect(digestPicture(decoder.picture)).toBe(before)
  }
})

test('payloads made to run on and on end: all ones, all zeros, nothing at all, in the largest grid', () => {
  const size = { cols: 2000, rows: 2000 }
  const decoder = new SliceDecoder(size)
  const { macroblocks } = decoder.picture
  const began = performance.now()
  for (const length of [12, 13, 200, 1100]) {
    for (const fill of [0x00, 0x55, 0xaa, 0xff]) {
      const message = new Uint8Array(length).fill(fill)
      message.set(unhex('00 00 00 01 10 00 01 01 00 00'))
      message[10] = macroblocks >> 8
      message[11] = macroblocks
      expect(decoder.decode(message)).toBe(true)
    }
  }
  expect(performance.now() - began).toBeLessThan(10_000)
})

test('a slice cut short paints what it still holds and stops', () => {
  const [message] = sound
  const { count } = parseSliceHeader(message)!
  expect(count).toBeGreaterThan(4)
  const whole = new SliceDecoder(LOW)
  whole.decode(message)
  const cut = new SliceDecoder(LOW)
  cut.picture.y.fill(1)
  expect(cut.decode(message.subarray(0, 12 + Math.floor((message.length - 12) / 2)))).toBe(true)
  // The first macroblock was complete in the first half; the last of the slice cannot have been.
  expect(cut.picture.y[0]).toBe(whole.picture.y[0])
  const { first } = parseSliceHeader(message)!
  const last = first + count - 1
  const { stride, macroblockCols } = cut.picture
  expect(cut.picture.y[Math.floor(last / macroblockCols) * 8 * stride + (last % macroblockCols) * 16]).toBe(1)
})
