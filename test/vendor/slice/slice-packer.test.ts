import { expect, test } from 'vitest'
import {
  fillPicture,
  Picture,
  parseSliceHeader,
  SLICE_MAX_BYTES,
  SliceDecoder,
} from '../../../vendor/asciline/index.ts'
import { MacroblockLevels } from '../../../vendor/asciline/slice/macroblock-levels.ts'
import { MacroblockQuantiser } from '../../../vendor/asciline/slice/macroblock-quantiser.ts'
import { type Plan, SlicePacker } from '../../../vendor/asciline/slice/slice-packer.ts'
import { filmlike, LOW, noise, seededRandom } from '../moving-pictures.ts'

const FRAME = { frame: 0, epoch: 0, join: false }

/** Everything whole. */
function wholePlan(source: Picture, step: number): Plan {
  const { macroblocks } = source
  const levels = new MacroblockLevels({ macroblocks })
  const quantiser = new MacroblockQuantiser()
  for (let macroblock = 0; macroblock < macroblocks; macroblock += 1) {
    quantiser.whole(source, macroblock, step * 4, levels)
  }
  return { levels, modes: new Uint8Array(macroblocks), ages: new Uint16Array(macroblocks) }
}

function packed(size: { cols: number; rows: number }, rgb: Uint8Array, addresses: number[], step: number) {
  const picture = new Picture(size)
  fillPicture(picture, rgb)
  const packer = new SlicePacker(picture)
  packer.begin(FRAME)
  packer.add(wholePlan(picture, step), Uint16Array.from(addresses), 0, addresses.length, step)
  return { picture, packer, messages: packer.take(packer.slices) }
}

const upTo = (count: number) => Array.from({ length: count }, (_, address) => address)

test('one macroblock of extremes fits a slice even at the finest step the header can name', () => {
  const random = seededRandom(12)
  for (let trial = 0; trial < 20; trial += 1) {
    const rgb = Uint8Array.from({ length: 16 * 8 * 3 }, () => (random() < 0.5 ? 0 : 255))
    const { messages, picture } = packed({ cols: 16, rows: 8 }, rgb, [0], 0.25)
    expect(messages).toHaveLength(1)
    expect(messages[0].length).toBeGreaterThan(300)
    expect(messages[0].length).toBeLessThanOrEqual(SLICE_MAX_BYTES)
    const decoder = new SliceDecoder({ cols: 16, rows: 8 })
    decoder.decode(messages[0])
    for (const [at, gray] of picture.y.entries()) {
      expect(Math.abs(decoder.picture.y[at] - gray)).toBeLessThanOrEqual(1)
    }
  }
})

test('the slices of a frame cover its addresses without gap or overlap', () => {
  const { messages, packer } = packed(LOW, noise(LOW)(0), upTo(56), 10)
  let next = 0
  for (const [slice, message] of messages.entries()) {
    const { first, count } = parseSliceHeader(message)!
    expect(first).toBe(next)
    next += count
    expect(packer.ends[slice]).toBe(next)
    expect(packer.bytes[slice]).toBe(message.length)
  }
  expect(next).toBe(56)
})

test('skipped macroblocks are neither sent nor painted', () => {
  const addresses = [3, 4, 9, 40, 55]
  const { messages } = packed(LOW, filmlike(LOW)(0), addresses, 10)
  const decoder = new SliceDecoder(LOW)
  decoder.picture.y.fill(1)
  for (const message of messages) expect(decoder.decode(message)).toBe(true)
  const { y, stride, macroblockCols } = decoder.picture
  const painted = upTo(56).filter(
    (address) => y[Math.floor(address / macroblockCols) * 8 * stride + (address % macroblockCols) * 16] !== 1,
  )
  expect(painted).toEqual(addresses)
})

test('where addresses stop ascending a new slice begins', () => {
  const { messages } = packed(LOW, filmlike(LOW)(0), [50, 51, 0, 1], 10)
  expect(messages.map((message) => parseSliceHeader(message)?.first)).toEqual([50, 0])
})

test('a frame has at most 256 slices, since their number is one byte; the rest is left over', () => {
  const size = { cols: 1000, rows: 400 }
  const macroblocks = 63 * 50
  const { messages, packer } = packed(size, noise(size)(0), upTo(macroblocks), 10)
  expect(messages).toHaveLength(256)
  expect(parseSliceHeader(messages[255])).toMatchObject({ slice: 255, last: true })
  expect(packer.ends[255]).toBeLessThan(macroblocks)
})

test('several steps in one frame count their slices on', () => {
  const picture = new Picture(LOW)
  const packer = new SlicePacker(picture)
  packer.begin({ frame: 9, epoch: 2, join: true })
  packer.add(wholePlan(picture, 10), Uint16Array.of(1, 2), 0, 2, 10)
  packer.add(wholePlan(picture, 12.75), Uint16Array.of(7), 0, 1, 12.75)
  expect(packer.take(packer.slices).map((message) => parseSliceHeader(message))).toMatchObject([
    { frame: 9, epoch: 2, join: true, slice: 0, last: false, step: 10, first: 1, count: 2 },
    { frame: 9, epoch: 2, join: true, slice: 1, last: true, step: 12.75, first: 7, count: 1 },
  ])
})
