import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import {
  encodeParity,
  parseInit,
  parseSliceHeader,
  RAMP,
  recoverSlice,
  SliceDecoder,
  SliceEncoder,
} from '../../vendor/asciline/index.ts'
import { START_TABLE } from '../../vendor/asciline/slice/start-table.ts'
import { hex, unhex } from './moving-pictures.ts'

const README = readFileSync(new URL('../../vendor/asciline/README.md', import.meta.url), 'utf8')

/** The bytes of a block of the README that is fenced as hex under this name. */
function example(name: string): Uint8Array {
  const block = README.match(new RegExp(`\`\`\`hex ${name}\\n([^\`]+)\`\`\``))
  if (block === null) throw new Error(`the README has no example ${name}`)
  return unhex(block[1])
}

test('the ramp of the README is the ramp of the code', () => {
  expect(README).toContain(RAMP.trim())
})

test('the INIT line of the README parses', () => {
  const line = README.match(/^ {4}(INIT:\S+)$/m)?.[1] ?? ''
  expect(parseInit(line)).toEqual({ fps: 30, mode: 5, cols: 200, rows: 84, pixel: 0 })
})

test('the start table is the one the README names by its digest', () => {
  const bytes = Buffer.alloc(START_TABLE.length * 2)
  START_TABLE.forEach((probability, context) => void bytes.writeUInt16BE(probability, context * 2))
  expect(README).toContain(createHash('sha256').update(bytes).digest('hex'))
})

test('the heartbeat of the README is frame 7 of epoch 3', () => {
  expect(parseSliceHeader(example('heartbeat'))).toMatchObject({ frame: 7, tag: 0x11, last: true, epoch: 3 })
})

test('the parity of the README is that of the heartbeat, and gives it back', () => {
  expect(hex(encodeParity([example('heartbeat')]) ?? new Uint8Array())).toBe(hex(example('parity')))
  expect(recoverSlice(example('parity'), [])).toEqual(example('heartbeat'))
})

test('the flat slice of the README paints 200 and 128', () => {
  const decoder = new SliceDecoder({ cols: 16, rows: 8 })
  decoder.epoch(2)
  expect(decoder.decode(example('flat'))).toBe(true)
  expect(new Set(decoder.picture.y)).toEqual(new Set([200]))
  expect(new Set([...decoder.picture.cb, ...decoder.picture.cr])).toEqual(new Set([128]))
})

test('the ramp slice of the README paints the samples that stand below it', () => {
  const decoder = new SliceDecoder({ cols: 40, rows: 8 })
  decoder.epoch(5)
  expect(decoder.decode(example('ramp'))).toBe(true)
  expect(hex(decoder.picture.y.subarray(0, 40))).toBe(hex(example('ramp-y')))
  expect(hex(decoder.picture.cb.subarray(0, 20))).toBe(hex(example('ramp-cb')))
  expect(hex(decoder.picture.cr.subarray(0, 20))).toBe(hex(example('ramp-cr')))
})

test('the encoder still writes the bytes of the README', () => {
  const encoder = new SliceEncoder({ cols: 40, rows: 8, fps: 30, bytesPerSecond: 1e6 })
  const rgb = Uint8Array.from({ length: 40 * 8 * 3 }, (_, at) => {
    const cell = Math.floor(at / 3)
    return [6 * (cell % 40), 20 * Math.floor(cell / 40), 60][at % 3]
  })
  expect(encoder.encode(rgb, 300, 5).map(hex)).toEqual([hex(example('ramp'))])
})

test('the change of the README goes onto the ramp, and onto nothing else', () => {
  const decoder = new SliceDecoder({ cols: 40, rows: 8 })
  decoder.epoch(5)
  decoder.decode(example('ramp'))
  decoder.decode(example('brighter'))
  expect(hex(decoder.picture.y.subarray(0, 16))).toBe(hex(example('brighter-y')))
  const late = new SliceDecoder({ cols: 40, rows: 8 })
  late.epoch(5)
  expect(late.decode(example('brighter'))).toBe(true)
  expect(hex(late.picture.y.subarray(0, 16))).toBe(hex(new Uint8Array(16)))
})
