import { expect, test } from 'vitest'
import {
  parseSliceHeader,
  readFrameHeader,
  SLICE_MAX_BYTES,
  writeFrameHeader,
} from '../../../vendor/asciline/index.ts'
import {
  blankSliceHeader,
  markLastSlice,
  writeSliceHeader,
} from '../../../vendor/asciline/protocol/slice-header.ts'
import { hex, unhex } from '../moving-pictures.ts'

test.each([
  [0, '00 00 00 00'],
  [1, '00 00 00 01'],
  [0x12345678, '12 34 56 78'],
  [0x80000000, '80 00 00 00'],
  [0xffffffff, 'ff ff ff ff'],
])('frame index %i is %s, most significant byte first', (frame, bytes) => {
  const message = new Uint8Array(4)
  writeFrameHeader(message, frame)
  expect(hex(message)).toBe(bytes)
  expect(readFrameHeader(message)).toBe(frame)
})

const SLICE = '00 00 01 2c 10 02 57 28 00 2a 00 09 c0 ff ee'

test('the fields of a slice are where the drawing says', () => {
  expect(parseSliceHeader(unhex(SLICE))).toEqual({
    frame: 300,
    tag: 0x10,
    slice: 2,
    last: true,
    lumaOnly: true,
    join: true,
    epoch: 5,
    step: 10,
    first: 42,
    count: 9,
  })
})

test('a header is written as it is read', () => {
  const header = parseSliceHeader(unhex(SLICE)) ?? blankSliceHeader()
  const message = new Uint8Array(12)
  writeSliceHeader(message, header)
  expect(hex(message)).toBe(SLICE.slice(0, 12 * 3 - 1))
})

test('the epoch is written modulo 16', () => {
  const message = new Uint8Array(12)
  writeSliceHeader(message, { ...blankSliceHeader(), tag: 0x10, step: 6, count: 1, epoch: 37 })
  expect(parseSliceHeader(message)?.epoch).toBe(5)
})

test('the heartbeat of an unchanged frame is 8 bytes', () => {
  expect(parseSliceHeader(unhex('00 00 00 07 11 00 31 00'))).toMatchObject({
    frame: 7,
    tag: 0x11,
    last: true,
    epoch: 3,
    first: 0,
    count: 0,
  })
})

test('marking the last slice touches nothing else', () => {
  const message = unhex('00 00 01 2c 10 02 50 28 00 2a 00 09')
  markLastSlice(message)
  expect(hex(message)).toBe('00 00 01 2c 10 02 51 28 00 2a 00 09')
})

test('a header handed in is filled, so that reading allocates nothing', () => {
  const into = blankSliceHeader()
  expect(parseSliceHeader(unhex(SLICE), into)).toBe(into)
  expect(into.frame).toBe(300)
})

test.each([
  ['nothing', ''],
  ['less than a heartbeat', '00 00 00 07 11 00 31'],
  ['a heartbeat with something behind it', '00 00 00 07 11 00 31 00 00'],
  ['a slice cut inside its header', '00 00 01 2c 10 02 51 28 00 2a 00'],
  ['a slice of no macroblocks', '00 00 01 2c 10 02 51 28 00 2a 00 00 ff'],
  ['a step of zero', '00 00 01 2c 10 02 51 00 00 2a 00 09 ff'],
  ['the reserved flag', '00 00 01 2c 10 02 59 28 00 2a 00 09 ff'],
  ['the reserved parity tag', '00 00 01 2c 12 02 51 28 00 2a 00 09 ff'],
  ['a tag of the legacy codec', '00 00 01 2c 00 02 51 28 00 2a 00 09 ff'],
])('refused: %s', (_, bytes) => {
  expect(parseSliceHeader(unhex(bytes))).toBeUndefined()
})

test('a message longer than a slice may be is refused', () => {
  const message = new Uint8Array(SLICE_MAX_BYTES + 1)
  message.set(unhex(SLICE))
  expect(parseSliceHeader(message)).toBeUndefined()
  expect(parseSliceHeader(message.subarray(0, SLICE_MAX_BYTES))).toBeDefined()
})
