// Timeline arithmetic, including the priming that ADTS cannot express.

import { expect, test } from 'vitest'
import {
  audioFrameAt,
  audioFrameTime,
  frameAt,
  frameTime,
  serverTime,
} from '../../../client/playback/index.ts'
import { localTime, mediaTime } from '../../../vendor/asciline/index.ts'
import { baseTimeline } from './lossy-link.ts'

test('every frame is found again at its own time, at every rate on offer and after hours', () => {
  for (const fps of [24, 25, 29.97, 30, 50, 59.94, 60]) {
    const timeline = { ...baseTimeline, fps, start: 1234.567 }
    for (const frame of [0, 1, 2, 999, 100_000, 1_000_000]) {
      expect(frameAt(timeline, frameTime(timeline, frame))).toBe(frame)
      expect(frameAt(timeline, mediaTime(frameTime(timeline, frame + 1) - 0.001))).toBe(frame)
    }
  }
})

test('a frame is shown the playout delay after its anchor, on the server clock', () => {
  const timeline = { ...baseTimeline, frame: 50, at: 10_000, start: 100, playoutDelayMs: 120 }
  // The server's clock is 7,000 ms ahead of ours: frame 50 left at our 3,000 and is due at our 3,120.
  expect(serverTime(timeline, 7000, localTime(3120))).toBeCloseTo(102, 9)
  expect(frameAt(timeline, serverTime(timeline, 7000, localTime(3120)))).toBe(50)
  expect(frameAt(timeline, serverTime(timeline, 7000, localTime(3159)))).toBe(50)
  expect(frameAt(timeline, serverTime(timeline, 7000, localTime(3160)))).toBe(51)
})

test('before the programme the frame is negative', () => {
  expect(frameAt(baseTimeline, serverTime(baseTimeline, 0, localTime(0)))).toBeLessThan(0)
})

test('the sound of a moment lies in the frame that is asked for', () => {
  const timeline = { ...baseTimeline, start: 10 }
  for (const time of [10, 10.01, 12.345, 4000]) {
    const k = audioFrameAt(timeline, mediaTime(time))
    expect(audioFrameTime(timeline, k)).toBeLessThanOrEqual(time + 1e-9)
    expect(audioFrameTime(timeline, k + 1)).toBeGreaterThan(time)
  }
})

test('the first frame asked for holds sound, not priming', () => {
  expect(audioFrameAt(baseTimeline, mediaTime(0))).toBe(1)
  expect(audioFrameAt(baseTimeline, mediaTime(-5))).toBe(1)
  expect(audioFrameTime(baseTimeline, 1)).toBe(0)
  const odd = { ...baseTimeline, audio: { ...baseTimeline.audio, primingSamples: 2112 } }
  expect(audioFrameTime(odd, audioFrameAt(odd, mediaTime(0)))).toBeGreaterThanOrEqual(0)
})
