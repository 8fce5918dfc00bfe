// Byte for byte, by hand from the description of ASCILINE's format: what its clients read off the wire.

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import {
  AdaptiveEncoder,
  formatRows,
  formatStockInit,
  KEYFRAME_INTERVAL,
  packGlyphCells,
  packPixelCells,
  parseInit,
  parseStockQuery,
  writeFrameHeader,
} from '../../../vendor/asciline/index.ts'
import { packRuns } from '../../../vendor/asciline/legacy/cell-runs.ts'

const bytes = (hex: string) => Uint8Array.from(hex.split(' '), (byte) => Number.parseInt(byte, 16))
const hex = (data: Uint8Array) => [...data].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
/** Stands in for deflate, so that what goes into it can be read: two bytes in front, and nothing smaller. */
const bare = (data: Uint8Array) => Uint8Array.of(0x7a, 0x7a, ...data)
/** A deflate that always wins. */
const tiny = (data: Uint8Array) => data.slice(0, Math.min(1, data.length))
const query = (text: string) => parseStockQuery(new Map(new URLSearchParams(text)))

// Black, white, pure red and a gray of 128. Luma: 0, 255, (9798*255+16384)>>15 = 76, 128.
// Glyphs: 0 ' ', 91 '@', floor(76*91/255) = 27 '7', floor(128*91/255) = 45 'o'.
const PICTURE = bytes('00 00 00  ff ff ff  ff 00 00  80 80 80'.replaceAll('  ', ' '))

test('a cell is its character and R, G, B', () => {
  const cells = new Uint8Array(16)
  packGlyphCells(PICTURE, 8, cells)
  expect(hex(cells)).toBe('20 00 00 00 40 ff ff ff 37 ff 00 00 6f 80 80 80')
})

test.each([
  [2, '79 40 80 c0'],
  [3, '79 60 80 e0'],
  [5, '79 78 80 f8'],
  [6, '79 7c 80 fc'],
  [8, '79 7f 82 ff'],
])(
  '%d bits of a channel are its high ones, and the character is that of the whole colour',
  (bits, wanted) => {
    // Luma of 7f 82 ff: (9798*127 + 19235*130 + 3735*255 + 16384) >> 15 = 143; floor(143*91/255) = 51 'y'.
    const cells = new Uint8Array(4)
    packGlyphCells(bytes('7f 82 ff'), bits, cells)
    expect(hex(cells)).toBe(wanted)
  },
)

test('a pixel is B, G, R', () => {
  const cells = new Uint8Array(6)
  packPixelCells(bytes('01 02 03 0a 0b 0c'), cells)
  expect(hex(cells)).toBe('03 02 01 0c 0b 0a')
})

test('text is one line of glyphs a row', () => {
  expect(formatRows(PICTURE, 2)).toBe(' @\n7o')
})

test('INIT names rate, mode, grid and pixel mode, and says that it cannot be paused', () => {
  const format = query('mode=3')
  if (format === undefined) throw new Error('mode 3 exists')
  const line = formatStockInit(format, { fps: 30, cols: 200, rows: 84 })
  expect(line).toBe('INIT:30:3:200:84:0:0:0:0:1')
  expect(parseInit(line)).toEqual({ fps: 30, mode: 3, cols: 200, rows: 84, pixel: 0 })
})

test('the query chooses mode, table, pixels and codec', () => {
  expect(query('')).toMatchObject({ kind: 'glyphs', mode: 5, bits: 8, adaptive: false })
  expect(query('mode=1&codec=adaptive')).toMatchObject({ kind: 'text', mode: 1, adaptive: false })
  expect(query('mode=2')).toMatchObject({ mode: 2, bits: 2 })
  expect(query('mode=4')).toMatchObject({ mode: 4, bits: 5 })
  expect(query('mode=5')).toMatchObject({ mode: 5, bits: 8 })
  expect(query('mode=5&modes=6')).toMatchObject({ mode: 5, bits: 6 })
  expect(query('mode=6&codec=adaptive&sync=1')).toMatchObject({ mode: 6, bits: 8, adaptive: true })
  expect(query('pixel=1&codec=adaptive')).toMatchObject({ kind: 'pixels', bits: 8, adaptive: false })
})

test.each(['mode=0', 'mode=7', 'mode=6&modes=5', 'modes=7', 'mode=5x', 'mode='])(
  'there is no colour mode for ?%s',
  (text) => {
    expect(query(text)).toBeUndefined()
  },
)

test('clients that show the same cells get the same bytes', () => {
  expect(query('mode=5')?.key).toBe(query('mode=6')?.key)
  expect(query('mode=5')?.key).not.toBe(query('mode=5&modes=6')?.key)
  expect(query('mode=5')?.key).not.toBe(query('mode=5&codec=adaptive')?.key)
})

test('the first adaptive frame is whole: tag 0 when deflate makes it no smaller, tag 1 when it does', () => {
  const cells = bytes('20 00 00 00 40 ff ff ff')
  const options = { cells: 2, cellBytes: 4 }
  expect(hex(new AdaptiveEncoder({ ...options, deflate: bare }).encode(cells))).toBe(
    '00 20 00 00 00 40 ff ff ff',
  )
  expect(hex(new AdaptiveEncoder({ ...options, deflate: tiny }).encode(cells))).toBe('01 20')
})

test('a delta is all numbers, least byte first, and then all values, absolute', () => {
  const encoder = new AdaptiveEncoder({ cells: 300, cellBytes: 4, deflate: bare })
  const cells = new Uint8Array(1200)
  encoder.encode(cells)
  cells.set([0x41, 1, 2, 3], 4 * 2)
  cells.set([0x42, 4, 5, 6], 4 * 258)
  expect(hex(encoder.encode(cells))).toBe('02 7a 7a 02 00 00 00 02 01 00 00 41 01 02 03 42 04 05 06')
})

test('nothing changed is an empty delta', () => {
  const encoder = new AdaptiveEncoder({ cells: 4, cellBytes: 4, deflate: bare })
  encoder.encode(new Uint8Array(16))
  expect(hex(encoder.encode(new Uint8Array(16)))).toBe('02 7a 7a')
})

test('every 48th frame is whole, changed or not', () => {
  const encoder = new AdaptiveEncoder({ cells: 4, cellBytes: 4, deflate: bare })
  const cells = Uint8Array.from({ length: 16 }, (_, at) => at)
  const tags = Array.from({ length: 2 * KEYFRAME_INTERVAL + 1 }, () => encoder.encode(cells)[0])
  expect(tags.flatMap((tag, frame) => (tag === 0 ? [frame] : []))).toEqual([0, 48, 96])
})

test('who joins gets the latest cells whole, and that disturbs nobody', () => {
  const watched = new AdaptiveEncoder({ cells: 4, cellBytes: 4, deflate: bare })
  const joined = new AdaptiveEncoder({ cells: 4, cellBytes: 4, deflate: bare })
  const cells = new Uint8Array(16)
  for (let frame = 0; frame < 60; frame += 1) {
    cells[(frame * 7) % 16] = frame + 1
    expect(hex(joined.encode(cells))).toBe(hex(watched.encode(cells)))
    if (frame === 50) {
      expect(hex(joined.full())).toBe(`00 ${hex(cells)}`)
      expect(joined.full()).toBe(joined.full())
    }
  }
})

test('a picture that changed all over is sent whole, not as a delta that is longer', () => {
  const encoder = new AdaptiveEncoder({ cells: 4, cellBytes: 4, deflate: bare })
  encoder.encode(new Uint8Array(16))
  expect(encoder.encode(bytes('09 08 07 06 05 04 03 02 01 09 08 07 06 05 04 03'))[0]).toBe(0)
})

test('runs are a count, least byte first, and one cell each, and sent when they deflate smallest', () => {
  const encoder = new AdaptiveEncoder({ cells: 304, cellBytes: 4, deflate: bare })
  const cells = new Uint8Array(1216)
  for (let at = 0; at < 1216; at += 4) cells.set([0x20, 0, 0, at < 1200 ? 1 : 2], at)
  // 300 = 0x012c cells that differ from the last four in nothing but their last byte.
  expect(hex(encoder.encode(cells))).toBe('03 7a 7a 2c 01 20 00 00 01 04 00 20 00 00 02')
})

test('a run ends at 65535 cells, and cells that repeat a part of themselves are none', () => {
  const room = new Uint8Array(24)
  expect(packRuns(new Uint8Array(3 * 65_537).fill(7), 3, room)).toBe(10)
  expect(hex(room.subarray(0, 10))).toBe('ff ff 07 07 07 02 00 07 07 07')
  expect(packRuns(bytes('01 02 03 01 02 04 01 02 04'), 3, room)).toBe(10)
  expect(hex(room.subarray(0, 10))).toBe('01 00 01 02 03 02 00 01 02 04')
  expect(packRuns(bytes('01 02 03 04 05 06 07 08'), 1, room)).toBe(24)
  expect(packRuns(bytes('01 02 03 04 05 06 07 08 09'), 1, room)).toBeUndefined()
})

test('the two frames of the README are what an encoder that deflates nothing sends', () => {
  const page = readFileSync(new URL('../../../vendor/asciline/README.md', import.meta.url), 'utf8')
  const wanted = /```hex stock\n([^`]+)```/.exec(page)?.[1] ?? ''
  let deflated = 0
  const encoder = new AdaptiveEncoder({
    cells: 3,
    cellBytes: 4,
    // The whole frame grows, so that it is sent as it is.
    deflate: (data) => (deflated++ === 0 ? Uint8Array.of(0, ...data) : data),
  })
  const cells = new Uint8Array(12)
  const frames = ['00 00 00', 'ff ff ff'].map((colour, frame) => {
    packGlyphCells(bytes(`00 00 00 00 00 00 ${colour}`), 8, cells)
    const message = Uint8Array.of(0, 0, 0, 0, ...encoder.encode(cells))
    writeFrameHeader(message, frame)
    return hex(message)
  })
  expect(frames).toEqual(
    wanted
      .trim()
      .split('\n')
      .map((line) => line.replaceAll(/ +/g, ' ')),
  )
})
