// The message that stands in for any one slice of its frame: exactly, for slices of any lengths, and never for what is none.

import { expect, test } from 'vitest'
import {
  encodeParity,
  PARITY_MAX_BYTES,
  parseParity,
  recoverSlice,
  SliceEncoder,
} from '../../../vendor/asciline/index.ts'
import { filmlike, HIGH, seededRandom, unhex } from '../moving-pictures.ts'

const without = <T>(list: readonly T[], index: number) => list.filter((_, at) => at !== index)

function frames(count: number): Uint8Array[][] {
  const encoder = new SliceEncoder({ ...HIGH, fps: 30, bytesPerSecond: 200_000 })
  const programme = filmlike(HIGH)
  return Array.from({ length: count }, (_, frame) => encoder.encode(programme(frame), frame, 11))
}

test('any one slice comes back as it was, whichever it is and however long', () => {
  const all = frames(20)
  expect(Math.max(...all.map((slices) => slices.length))).toBeGreaterThan(2)
  for (const [frame, slices] of all.entries()) {
    const parity = encodeParity(slices)!
    expect(parity.length).toBeLessThanOrEqual(PARITY_MAX_BYTES)
    expect(parseParity(parity)).toEqual({ frame, slices: slices.length, epoch: 11 })
    for (const [lost, slice] of slices.entries())
      expect(recoverSlice(parity, without(slices, lost).reverse())).toEqual(slice)
  }
})

test('a frame of one slice is repeated whole, a heartbeat too', () => {
  const heartbeat = unhex('00 00 00 07 11 00 31 00')
  const parity = encodeParity([heartbeat])!
  expect(Buffer.from(parity).toString('hex')).toBe('0000000712013000' + '0008' + '11003100')
  expect(recoverSlice(parity, [])).toEqual(heartbeat)
})

test('nothing comes out of too many, too few, or others', () => {
  const [first, second] = frames(2) as [Uint8Array[], Uint8Array[]]
  expect(first.length).toBeGreaterThan(2)
  const parity = encodeParity(first)!
  expect(recoverSlice(parity, first)).toBeUndefined()
  expect(recoverSlice(parity, first.slice(2))).toBeUndefined()
  expect(recoverSlice(parity, [...first.slice(2), new Uint8Array(7)])).toBeUndefined()
  expect(recoverSlice(parity, [...first.slice(2), new Uint8Array(1101)])).toBeUndefined()
  // A slice of another frame in the place of one: what comes out has no slice's length, or is judged as a slice.
  const mixed = recoverSlice(parity, [second[0]!, ...first.slice(2)])
  if (mixed !== undefined) expect(mixed.length).toBeLessThanOrEqual(1100)
})

test.each([
  ['nothing', ''],
  ['13 bytes', '00 00 00 07 12 01 30 00 00 08 11 00 31'],
  ['another tag', '00 00 00 07 10 01 30 00 00 08 11 00 31 00'],
  ['no slices', '00 00 00 07 12 00 30 00 00 08 11 00 31 00'],
  ['flags', '00 00 00 07 12 01 31 00 00 08 11 00 31 00'],
  ['a step', '00 00 00 07 12 01 30 28 00 08 11 00 31 00'],
])('a message with %s is no parity', (_, hex) => {
  expect(parseParity(unhex(hex))).toBeUndefined()
  expect(recoverSlice(unhex(hex), [])).toBeUndefined()
})

test.each([
  ['shorter than a header', '00 00 00 07 12 01 30 00 00 07 11 00 31 00'],
  ['longer than the message', '00 00 00 07 12 01 30 00 00 09 11 00 31 00'],
  ['of 65535 bytes', '00 00 00 07 12 01 30 00 ff ff 11 00 31 00'],
  ['with something behind its end', '00 00 00 07 12 01 30 00 00 08 11 00 31 00 01'],
])('a slice %s is not made', (_, hex) => {
  expect(recoverSlice(unhex(hex), [])).toBeUndefined()
})

test('a parity message longer than any slice gives is refused', () => {
  const long = new Uint8Array(PARITY_MAX_BYTES + 1)
  long.set(unhex('00 00 00 07 12 01 30 00 00 08 11 00 31 00'))
  expect(parseParity(long)).toBeUndefined()
  expect(parseParity(long.subarray(0, PARITY_MAX_BYTES))).toBeDefined()
})

test('no frame, and none of more slices than can be counted, has parity', () => {
  expect(encodeParity([])).toBeUndefined()
  expect(encodeParity(Array.from({ length: 256 }, () => new Uint8Array(8)))).toBeUndefined()
})

test('damage of any kind gives a slice, a wrong one, or nothing, and never throws', () => {
  const random = seededRandom(3)
  const slices = frames(1)[0]!
  const parity = encodeParity(slices)!
  for (let round = 0; round < 2000; round += 1) {
    const damaged = parity.slice(0, Math.floor(random() * (parity.length + 1)))
    for (let hit = 0; hit < 3; hit += 1)
      if (damaged.length > 0) damaged[Math.floor(random() * damaged.length)] = random() * 256
    const present = slices
      .slice(1)
      .map((slice) => slice.subarray(0, Math.floor(random() * (slice.length + 1))))
    const recovered = recoverSlice(damaged, random() < 0.5 ? present : slices.slice(1))
    if (recovered !== undefined) expect(recovered.length).toBeLessThanOrEqual(1100)
  }
})
