import { expect, test } from 'vitest'
import { formatInit, parseInit } from '../../../vendor/asciline/index.ts'

test('an INIT line names rate, mode, grid and whether cells are pixels', () => {
  expect(formatInit({ fps: 30, mode: 5, cols: 200, rows: 84, pixel: 0 })).toBe('INIT:30:5:200:84:0')
})

test('what is formatted parses to the same', () => {
  const init = { fps: 23.976, mode: 4, cols: 450, rows: 253, pixel: 1 as const }
  expect(parseInit(formatInit(init))).toEqual(init)
})

test('a newer field behind the fifth is left alone', () => {
  expect(parseInit('INIT:24:5:120:50:0:volume=3:x')).toEqual({
    fps: 24,
    mode: 5,
    cols: 120,
    rows: 50,
    pixel: 0,
  })
})

test.each([
  '',
  'INIT',
  'INIT:30:5:200:84',
  'INIT:30:5:200:84:2',
  'INIT:0:5:200:84:0',
  'INIT:30:0:200:84:0',
  'INIT:30:7:200:84:0',
  'INIT:30:5:0:84:0',
  'INIT:30:5:2001:84:0',
  'INIT:30:5:99999:84:0',
  'INIT:-30:5:200:84:0',
  'INIT:30:5:200:84:0\n',
  ' INIT:30:5:200:84:0',
  'INIT:1e3:5:200:84:0',
  `INIT:30:5:200:84:0:${'x'.repeat(100_000)}`,
])('not an INIT line: %j', (line) => {
  expect(parseInit(line)).toBeUndefined()
})
