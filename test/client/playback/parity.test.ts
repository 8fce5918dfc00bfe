// What the player makes of parity: a lost slice is shown in time, and what is none is refused.

import { expect, test } from 'vitest'
import { Player } from '../../../client/playback/index.ts'
import {
  digestPicture,
  encodeParity,
  localTime,
  SliceDecoder,
  SliceEncoder,
} from '../../../vendor/asciline/index.ts'
import { filmlike, HIGH, unhex } from '../../vendor/moving-pictures.ts'
import { baseTimeline } from './lossy-link.ts'

const timeline = { ...baseTimeline, cols: HIGH.cols, rows: HIGH.rows }
const shownAt = (frame: number) => localTime((frame * 1000) / timeline.fps + timeline.playoutDelayMs + 1)

function startedPlayer(): Player {
  const player = new Player()
  player.onControlMessage(JSON.stringify(timeline), localTime(0))
  player.tick(localTime(0))
  player.onControlMessage(JSON.stringify({ type: 'pong', sent: 0, at: 0.5 }), localTime(1))
  return player
}

function encoded(frames: number): Uint8Array[][] {
  const encoder = new SliceEncoder({ ...HIGH, fps: timeline.fps, bytesPerSecond: 200_000 })
  const programme = filmlike(HIGH)
  return Array.from({ length: frames }, (_, frame) => encoder.encode(programme(frame), frame, timeline.epoch))
}

test('with one slice of every frame lost and its parity there, every picture is the right one', () => {
  const player = startedPlayer()
  const reference = new SliceDecoder(HIGH)
  reference.epoch(timeline.epoch)
  for (const [frame, slices] of encoded(25).entries()) {
    const parity = encodeParity(slices)!
    const arrived = frame === 0 ? slices : slices.filter((_, at) => at !== frame % slices.length)
    // Behind the slices, or before them.
    for (const message of frame % 2 === 0 ? [...arrived, parity] : [parity, ...arrived])
      player.onFrameMessage(message, localTime(frame * 40 + 20))
    for (const slice of slices) reference.decode(slice)
    const shown = player.tick(shownAt(frame))
    expect(shown?.frame).toBe(frame)
    expect(digestPicture(shown!.picture!), `frame ${frame}`).toBe(digestPicture(reference.picture))
  }
  expect(player.stats.slicesRecovered).toBe(24)
  expect(player.stats.framesMissing).toBe(0)
})

test('a real slice that comes after its place was filled is a duplicate', () => {
  const player = startedPlayer()
  const slices = encoded(1)[0]!
  for (const message of [...slices.slice(1), encodeParity(slices)!, slices[0]!])
    player.onFrameMessage(message, localTime(20))
  expect(player.stats.slicesRecovered).toBe(1)
  expect(player.stats.slicesDuplicate).toBe(1)
})

test.each([
  ['of another epoch', '00 00 00 01 12 01 50 00 00 08 11 00 51 00'],
  ['of no length a slice has', '00 00 00 01 12 01 10 00 ff ff 11 00 11 00'],
  ['that is cut short', '00 00 00 01 12 01 10 00 00 08'],
])('parity %s is refused', (_, hex) => {
  const player = startedPlayer()
  for (const slice of encoded(1)[0]!) player.onFrameMessage(slice, localTime(20))
  player.onFrameMessage(unhex(hex), localTime(60))
  expect(player.stats.slicesRecovered).toBe(0)
  player.tick(shownAt(3))
  expect(player.stats.framesMissing).toBeLessThanOrEqual(1)
})

test.each([
  ['a join', '00 00 00 01 12 01 10 00 00 08 11 00 15 00'],
  ['a slice of another epoch', '00 00 00 01 12 01 10 00 00 08 11 00 51 00'],
  ['parity', '00 00 00 01 12 01 10 00 00 08 12 00 11 00'],
])('parity that gives %s gives nothing', (_, hex) => {
  const player = startedPlayer()
  for (const slice of encoded(1)[0]!) player.onFrameMessage(slice, localTime(20))
  player.onFrameMessage(unhex(hex), localTime(60))
  expect(player.stats.slicesRecovered).toBe(0)
  expect(player.stats.slicesRefused).toBe(1)
})
