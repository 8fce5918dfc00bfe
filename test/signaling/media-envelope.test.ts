import { expect, test } from 'vitest'
import {
  MAX_CARRIED_SLICE_BYTES,
  MAX_CARRIED_SLICES,
  packAck,
  packFrame,
  unpackAck,
  unpackFrame,
} from '../../signaling/media-envelope.ts'

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
const hex = (message: Uint8Array) => Buffer.from(message).toString('hex')

test('a frame of two slices is a kind, a number, and each slice behind its length', () => {
  const packed = packFrame(0x01020304, [bytes('aabbcc'), bytes('dd')])
  expect(hex(packed)).toBe(hex(bytes('01 01020304 0003 aabbcc 0001 dd')))
  expect(unpackFrame(packed)).toEqual({ number: 0x01020304, slices: [bytes('aabbcc'), bytes('dd')] })
})

test('an acknowledgement is a kind and the number', () => {
  expect(hex(packAck(0xffffffff))).toBe('02ffffffff')
  expect(unpackAck(packAck(0xffffffff))).toBe(0xffffffff)
})

test('a frame of no slices and one of the most and longest slices survive', () => {
  expect(unpackFrame(packFrame(0, []))).toEqual({ number: 0, slices: [] })
  const most = Array.from({ length: MAX_CARRIED_SLICES }, () =>
    new Uint8Array(MAX_CARRIED_SLICE_BYTES).fill(7),
  )
  expect(unpackFrame(packFrame(9, most))?.slices).toEqual(most)
})

test('what no reader would take is not packed', () => {
  expect(() => packFrame(0, [new Uint8Array(0)])).toThrow(RangeError)
  expect(() => packFrame(0, [new Uint8Array(MAX_CARRIED_SLICE_BYTES + 1)])).toThrow(RangeError)
  expect(() => packFrame(0, Array(MAX_CARRIED_SLICES + 1).fill(new Uint8Array(1)))).toThrow(RangeError)
})

test.each([
  ['nothing', ''],
  ['a header cut short', '01 000000'],
  ['another kind', '03 00000000 0001 aa'],
  ['a length cut in half', '01 00000000 00'],
  ['a slice of nothing', '01 00000000 0000'],
  ['a slice that ends too early', '01 00000000 0002 aa'],
  ['a slice that is too long', `01 00000000 0801 ${'00'.repeat(2049)}`],
  ['too many slices', `01 00000000 ${'0001 aa'.repeat(257)}`],
])('%s is no frame', (_, text) => {
  expect(unpackFrame(bytes(text))).toBeUndefined()
})

test.each([['', '02 000000', '02 00000000 00', '01 00000000']])(
  '%s and its like acknowledge nothing',
  (...texts) => {
    for (const text of texts) expect(unpackAck(bytes(text))).toBeUndefined()
  },
)

test('a frame may lie anywhere in a larger buffer', () => {
  const outer = bytes('ffff 01 00000005 0001 aa ffff')
  expect(unpackFrame(outer.subarray(2, 10))).toEqual({ number: 5, slices: [bytes('aa')] })
  expect(unpackAck(bytes('ff 02 00000005').subarray(1))).toBe(5)
})
