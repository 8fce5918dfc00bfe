import { expect, test } from 'vitest'
import { SliceDecoder, SliceEncoder } from '../../vendor/asciline/index.ts'
import { cuts, filmlike, LOW, noise, type Programme } from './moving-pictures.ts'
import { ReferenceDecoder } from './reference-decoder.ts'

const SIZE = { cols: 75, rows: 30 }

test.each<[string, Programme, number]>([
  ['a film', filmlike(SIZE), 1e6],
  ['cuts under a budget that moves the step', cuts(SIZE, 2), 20_000],
  ['noise', noise(SIZE), 1e6],
])('a decoder written from the README shows the same samples: %s', (_, programme, bytesPerSecond) => {
  const encoder = new SliceEncoder({ ...LOW, ...SIZE, bytesPerSecond })
  const decoder = new SliceDecoder(SIZE)
  const reference = new ReferenceDecoder(SIZE.cols, SIZE.rows)
  for (let index = 0; index < 5; index += 1) {
    // The latest slice first: the order must not matter to either.
    for (const message of encoder.encode(programme(index), index, 0).reverse()) {
      decoder.decode(message)
      reference.decode(message)
    }
    const { y, cb, cr } = decoder.picture
    expect(Buffer.compare(Buffer.from(reference.y), y)).toBe(0)
    expect(Buffer.compare(Buffer.from(reference.cb), cb)).toBe(0)
    expect(Buffer.compare(Buffer.from(reference.cr), cr)).toBe(0)
  }
})
