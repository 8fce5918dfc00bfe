// How much later than the others a viewer at the end of a long path sees everything: enough, no more, and not for every breeze.

import { expect, test } from 'vitest'
import { OwnDelay } from '../../../client/playback/own-delay.ts'
import { LossyLink, seededRandom } from './lossy-link.ts'

const FRAME = 40
const needs = { offsetMs: 0, playoutDelayMs: 120, aheadMs: 20, answerMs: 200 }

type Path = { delayMs: (frame: number) => number; asked?: (frame: number) => boolean }

/** Frames of `seconds` arrive over the path, from frame `from` on. */
function receive(own: OwnDelay, seconds: number, { delayMs, asked = () => false }: Path, from = 0): number {
  const to = from + (seconds * 1000) / FRAME
  for (let frame = from; frame < to; frame++) {
    const now = frame * FRAME + delayMs(frame)
    own.arrived(frame * FRAME, asked(frame), now)
    own.learn(needs, now)
  }
  return to
}

test('a path that is short enough costs nothing, not even with a frame in thirty late', () => {
  const own = new OwnDelay()
  receive(own, 60, { delayMs: (frame) => (frame % 30 === 17 ? 300 : 90) })
  expect(own.ms).toBe(0)
})

test('a path that is too long is known after sixty-four frames, and is not too long any more then', () => {
  const own = new OwnDelay()
  const at = receive(own, 2.4, { delayMs: () => 130 })
  expect(own.ms).toBe(0)
  receive(own, 0.4, { delayMs: () => 130 }, at)
  // 130 on the way, 20 for the display, 120 of which everybody has.
  expect(own.ms).toBeGreaterThanOrEqual(30)
  expect(own.ms).toBeLessThan(50)
})

test('one that trembles gets what nineteen of twenty frames need, once it has done so for a while', () => {
  const random = seededRandom(5)
  const own = new OwnDelay()
  const trembling = { delayMs: () => 40 + 160 * random() ** 3 }
  const at = receive(own, 9, trembling)
  expect(own.ms).toBe(0)
  receive(own, 20, trembling, at)
  expect(own.ms).toBeGreaterThan(50)
  expect(own.ms).toBeLessThan(110)
})

test('a page that is held up while it starts is not far away', () => {
  const own = new OwnDelay()
  receive(own, 10, { delayMs: (frame) => Math.max(50, 1500 - frame * FRAME) })
  expect(own.ms).toBe(0)
})

test('a bad moment of some seconds changes nothing', () => {
  const own = new OwnDelay()
  receive(own, 60, { delayMs: (frame) => (frame > 300 && frame < 400 && frame % 2 === 0 ? 250 : 50) })
  expect(own.ms).toBe(0)
})

test('comes back to the others in small steps when the path has been short again for a while', () => {
  const own = new OwnDelay()
  let at = receive(own, 20, { delayMs: () => 180 })
  const long = own.ms
  expect(long).toBeGreaterThanOrEqual(80)
  at = receive(own, 18, { delayMs: () => 30 }, at)
  expect(own.ms).toBe(long)
  let before = own.ms
  for (let second = 0; second < 60; second++) {
    at = receive(own, 1, { delayMs: () => 30 }, at)
    expect(before - own.ms).toBeLessThanOrEqual(20)
    before = own.ms
  }
  expect(own.ms).toBeLessThan(20)
})

test('where slices are lost it waits for the answer to a question, as long as they are', () => {
  const own = new OwnDelay()
  let at = receive(own, 20, { delayMs: () => 75, asked: (frame) => frame % 50 === 0 })
  // 75 on the way, 200 until the answer, 20 for the display.
  expect(own.ms).toBeGreaterThanOrEqual(175)
  expect(own.ms).toBeLessThan(195)
  at = receive(own, 120, { delayMs: () => 75 }, at)
  expect(own.ms).toBeLessThan(20)
  // No delay is long enough for that: what is lost is lost.
  const far = new OwnDelay()
  for (let frame = 0; frame < 500; frame++) {
    const now = frame * FRAME + 60
    far.arrived(frame * FRAME, frame % 50 === 0, now)
    far.learn({ ...needs, answerMs: 600 }, now)
  }
  expect(far.ms).toBe(0)
})

test('is never longer than 0.4 s, whatever the path is like', () => {
  const own = new OwnDelay()
  receive(own, 20, { delayMs: () => 5000 })
  expect(own.ms).toBe(400)
})

test('what the clocks are said to differ by may change: it is applied to what has been', () => {
  const own = new OwnDelay()
  const first = { ...needs, offsetMs: -1e6 + 100 }
  for (let frame = 0; frame < 200; frame++) {
    const now = 1e6 + frame * FRAME + 60
    own.arrived(frame * FRAME, false, now)
    // The first guess was wrong by a tenth of a second.
    own.learn(frame < 4 ? first : { ...needs, offsetMs: -1e6 }, now)
  }
  expect(own.ms).toBe(0)
})

test('a viewer far away has every frame in time, and without being allowed to lag none', () => {
  const watch = (mayLag: boolean) => {
    const link = new LossyLink({ delayMs: 130, player: { mayLag } })
    link.advance(4000)
    link.player.restartStats()
    link.advance(6000)
    return link.player
  }
  const late = watch(false).stats
  expect(late.framesLate).toBeGreaterThan(140)
  const player = watch(true)
  expect(player.stats.framesExpected).toBeGreaterThan(140)
  expect(player.stats.framesComplete).toBe(player.stats.framesExpected)
  expect(player.ownDelayMs).toBeGreaterThan(9)
  expect(player.ownDelayMs).toBeLessThan(30)
  expect(player.playoutDelayMs).toBe(120 + player.ownDelayMs)
})

test('a paused picture is the one it was paused at, however late its viewer is', () => {
  const link = new LossyLink({ delayMs: 180, player: { mayLag: true } })
  link.advance(4000)
  link.stopSending()
  const paused = { ...link.timeline, frame: 100, at: 100 * FRAME + 1e6, paused: true }
  link.control(paused)
  link.advance(1000)
  expect(link.player.serverTime(link.now as never)).toBeCloseTo(4, 6)
})
