// The vectors that are published, against both decoders; and they are what this version makes.

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { recoverSlice, SliceDecoder } from '../../../vendor/asciline/index.ts'
import { ReferenceDecoder } from '../reference-decoder.ts'
import { makeVectors, type Vector, visibleCells } from './vectors.ts'

const folder = join(
  dirname(fileURLToPath(import.meta.url)),
  ...['..', '..', '..', 'vendor', 'asciline', 'conformance'],
)
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.slice(0, -'.json'.length))
const read = (name: string) => ({
  vector: JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Vector,
  cells: readFileSync(join(folder, `${name}.cells`)),
})

test('the folder holds what this version makes; after a change that is meant: node test/vendor/conformance/write.ts', () => {
  const made = makeVectors()
  expect(names.toSorted()).toEqual(made.map(({ vector }) => vector.name).toSorted())
  for (const { vector, cells } of made) {
    expect(read(vector.name).vector).toEqual(vector)
    expect(Buffer.compare(read(vector.name).cells, cells), vector.name).toBe(0)
  }
})

test.each(names)('%s: the decoder accepts, refuses and paints as it says', (name) => {
  const { vector, cells } = read(name)
  expect(createHash('sha256').update(cells).digest('hex')).toBe(vector.cellsSha256)
  const decoder = new SliceDecoder(vector)
  decoder.epoch(vector.epoch)
  const accepted = vector.messages.map((message) => decoder.decode(Buffer.from(message, 'hex')))
  expect(accepted).toEqual(vector.accepted)
  expect(Buffer.compare(visibleCells(decoder.picture), cells)).toBe(0)
})

test('parity: each of its messages comes out of the parity and the others', () => {
  const { vector } = read('parity')
  const messages = vector.messages.map((message) => Buffer.from(message, 'hex'))
  expect(new Set(messages.map(({ length }) => length)).size).toBeGreaterThan(1)
  const parity = Buffer.from(vector.parity ?? '', 'hex')
  for (const [lost, message] of messages.entries()) {
    const recovered = recoverSlice(
      parity,
      messages.filter((_, at) => at !== lost),
    )
    expect(Buffer.from(recovered ?? []).toString('hex')).toBe(message.toString('hex'))
  }
})

// The reference reads sound messages: what is refused does not reach it, and it knows no end of a payload.
test.each(names.filter((name) => name !== 'cut-short' && name !== 'damaged'))(
  '%s: a decoder written from the README paints the same',
  (name) => {
    const { vector, cells } = read(name)
    const reference = new ReferenceDecoder(vector.cols, vector.rows)
    const decoder = new SliceDecoder(vector)
    decoder.epoch(vector.epoch)
    for (const [at, message] of vector.messages.entries()) {
      if (vector.accepted[at]) reference.decode(Buffer.from(message, 'hex'))
    }
    const { stride, chromaStride } = decoder.picture
    const shown = {
      cols: vector.cols,
      rows: vector.rows,
      stride,
      chromaStride,
      y: Uint8Array.from(reference.y),
      cb: Uint8Array.from(reference.cb),
      cr: Uint8Array.from(reference.cr),
    }
    expect(Buffer.compare(visibleCells(shown), cells)).toBe(0)
  },
)
