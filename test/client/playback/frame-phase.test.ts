// What a display shows of a programme, refresh by refresh, for every pairing that has an even pattern.

import { expect, test } from 'vitest'
import { FramePhase } from '../../../client/playback/frame-phase.ts'
import { seededRandom } from '../../vendor/moving-pictures.ts'

type Pairing = {
  fps: number
  hz: number
  start?: number
  seconds?: number
  jitterMs?: number
  driftPpm?: number
}

/** How many refreshes each frame lasts, and how many frames are passed over, once the lock has settled. */
function cadence({ fps, hz, start = 0, seconds = 60, jitterMs = 1.5, driftPpm = 0 }: Pairing) {
  const random = seededRandom(7)
  const phase = new FramePhase()
  const lasted = new Map<number, number>()
  let newest = -1
  for (let refresh = 0; refresh < seconds * hz; refresh++) {
    const jitter = (random() - 0.5) * 2 * jitterMs
    const position = (start + ((refresh * 1000) / hz) * (1 + driftPpm * 1e-6) + jitter) * (fps / 1000)
    const shift = phase.shift(position, fps / hz)
    newest = Math.max(newest, Math.floor(position + shift))
    if (refresh > hz) lasted.set(newest, (lasted.get(newest) ?? 0) + 1)
  }
  const frames = [...lasted.keys()]
  const runs = [...lasted.values()].slice(1, -1)
  return { runs, skipped: frames[frames.length - 1] - frames[0] + 1 - frames.length }
}

const STARTS = [0, 1, 3.7, 8.3, 16.6, 20.8, 33.3]

test.each([
  [30, 60, 2],
  [25, 50, 2],
  [50, 50, 1],
  [60, 60, 1],
  [60, 120, 2],
  [24, 120, 5],
  [30, 90, 3],
  [24, 48, 2],
])('%d frames a second on %d Hz last %d refreshes each, wherever the programme starts', (fps, hz, each) => {
  for (const start of STARTS) {
    const { runs, skipped } = cadence({ fps, hz, start, jitterMs: 200 / hz })
    expect(new Set(runs), `start ${start}`).toEqual(new Set([each]))
    expect(skipped).toBe(0)
  }
})

test('24 on 60 Hz last two and three refreshes strictly in turn', () => {
  for (const start of STARTS) {
    const { runs } = cadence({ fps: 24, hz: 60, start })
    for (let i = 1; i < runs.length; i++) expect(runs[i - 1] + runs[i], `frame ${i}, start ${start}`).toBe(5)
    expect(new Set(runs)).toEqual(new Set([2, 3]))
  }
})

test('without the lock the same jitter breaks the pattern: the test can fail', () => {
  const random = seededRandom(7)
  const runs = new Map<number, number>()
  for (let refresh = 0; refresh < 600; refresh++) {
    const frame = Math.floor((refresh * (1000 / 60) + (random() - 0.5) * 3) * 0.03)
    runs.set(frame, (runs.get(frame) ?? 0) + 1)
  }
  expect(new Set(runs.values()).size).toBeGreaterThan(1)
})

test('a display that drifts by 100 ppm costs at most one frame a minute', () => {
  const { runs, skipped } = cadence({ fps: 60, hz: 60, driftPpm: 100 })
  expect(skipped + runs.filter((run) => run !== 1).length).toBeLessThanOrEqual(1)
})

test('the shift stays within one refresh, and is none where there is no pattern', () => {
  const phase = new FramePhase()
  for (let i = 0; i < 1000; i++) expect(Math.abs(phase.shift(i * 1.0003, 1))).toBeLessThanOrEqual(0.7)
  for (let i = 0; i < 100; i++) expect(phase.shift(i * 0.3471, 0.3471)).toBe(0)
})
