// What the page decides without a browser: how long to wait, how large a cell is, what to say.

import { expect, test } from 'vitest'
import { BackOff } from '../../../client/page/back-off.ts'
import { fitCells } from '../../../client/page/screen/cell-size.ts'
import { type Situation, describe as words } from '../../../client/page/status-line.ts'
import type { SessionStatus } from '../../../signaling/messages.ts'

test('waits half a second at first, five at most, and starts over when it worked', () => {
  const backOff = new BackOff({ random: () => 0.5 })
  expect(Array.from({ length: 6 }, () => backOff.next())).toEqual([500, 1000, 2000, 4000, 5000, 5000])
  backOff.reset()
  expect(backOff.next()).toBe(500)
})

test('waits are spread by a fifth either way, and never above the most', () => {
  expect(new BackOff({ random: () => 0 }).next()).toBe(400)
  expect(new BackOff({ random: () => 0.999 }).next()).toBeCloseTo(600, 0)
  expect(new BackOff({ firstMs: 5000, random: () => 0.999 }).next()).toBe(5000)
})

test('cells are whole pixels, twice as tall as wide, and sharp on a desktop', () => {
  const box = { width: 1920, height: 1080 }
  expect(fitCells({ cols: 120, rows: 50 }, box)).toEqual({ width: 10, height: 20, scale: 1 })
  expect(fitCells({ cols: 160, rows: 68 }, box)).toEqual({ width: 7, height: 14, scale: 1 })
  expect(fitCells({ cols: 200, rows: 84 }, box)).toEqual({ width: 6, height: 12, scale: 1 })
  expect(fitCells({ cols: 240, rows: 100 }, box)).toEqual({ width: 5, height: 10, scale: 1 })
})

test('a dense display gets no more pixels than a weak processor can fill, and the picture still fills the box', () => {
  const box = { width: 2560, height: 1600 }
  for (const grid of [
    { cols: 120, rows: 50 },
    { cols: 160, rows: 68 },
    { cols: 240, rows: 100 },
  ]) {
    const { width, height, scale } = fitCells(grid, box)
    expect(grid.cols * width * grid.rows * height).toBeLessThanOrEqual(1_250_000)
    expect(scale).toBeGreaterThan(1)
    const filled = Math.max(
      (grid.cols * width * scale) / box.width,
      (grid.rows * height * scale) / box.height,
    )
    expect(filled).toBeCloseTo(1, 6)
  }
})

test('the smallest box and the largest grid still give a cell', () => {
  expect(fitCells({ cols: 2000, rows: 2000 }, { width: 10, height: 10 })).toMatchObject({
    width: 1,
    height: 2,
  })
})

const idle: SessionStatus = {
  state: 'idle',
  session_id: null,
  title: '',
  is_live: false,
  preset: 'med',
  duration: null,
  position: null,
  seekable: false,
  behind_live: null,
  viewers: 1,
}
const playing: SessionStatus = { ...idle, state: 'playing', session_id: '0123456789abcdef', title: 'Cats' }
const calm: Situation = {
  link: { kind: 'connected', way: 'webrtc' },
  status: idle,
  asking: undefined,
  refusal: undefined,
  notice: undefined,
  picture: false,
  stalled: false,
}

test.each<[string, Partial<Situation>, string, string]>([
  ['no answer yet', { link: { kind: 'connecting' }, status: undefined }, 'busy', 'Connecting …'],
  ['nothing on', {}, 'ready', 'Ready'],
  ['a command on its way', { asking: 'cats' }, 'busy', 'Looking for “cats” …'],
  [
    'a command refused',
    { refusal: { code: 'host-refused', message: 'That host is not allowed.' } },
    'error',
    'That host is not allowed.',
  ],
  [
    'a choice for later',
    { status: playing, picture: true, notice: 'HIGH from the next Play on' },
    'playing',
    'HIGH from the next Play on',
  ],
  ['resolving', { status: { ...idle, state: 'resolving' } }, 'busy', 'Looking for it …'],
  ['waiting for the first picture', { status: playing }, 'busy', 'Starting Cats …'],
  ['playing', { status: playing, picture: true }, 'playing', 'Cats'],
  [
    'a picture that stands still',
    { status: playing, picture: true, stalled: true },
    'busy',
    'Buffering · Cats',
  ],
  [
    'a source that was lost',
    {
      status: { ...playing, trouble: { code: 'network', message: 'Lost. Trying again (1 of 3).' } },
      picture: true,
    },
    'busy',
    'Lost. Trying again (1 of 3).',
  ],
  ['live', { status: { ...playing, is_live: true }, picture: true }, 'live', 'LIVE · Cats'],
  [
    'a picture that comes the long way',
    { link: { kind: 'connected', way: 'websocket' }, status: playing, picture: true },
    'playing',
    'Cats · over WebSocket',
  ],
  [
    'a link too narrow for all of it',
    { status: playing, picture: true, pace: 'coarse' },
    'playing',
    'Cats · coarser for a slow link',
  ],
  [
    'a lost connection while playing',
    { status: playing, picture: true, link: { kind: 'lost', reason: 'The server went silent.' } },
    'busy',
    'The server went silent. Trying again …',
  ],
])('%s is said in plain words', (_, situation, tone, text) => {
  expect(words({ ...calm, ...situation })).toMatchObject({ tone, text })
})

test('a query of any length fits the line', () => {
  expect(words({ ...calm, asking: 'x'.repeat(5000) }).text.length).toBeLessThan(90)
})
