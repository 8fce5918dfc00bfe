import { expect, test } from 'vitest'
import type { EncodedFrame } from '../../../src/encode/frame-bus.ts'
import { Gate } from '../../../src/transport/gate.ts'
import { localTime } from '../../../vendor/asciline/index.ts'

const at = localTime
const frame = (index: number, dueAt: number): EncodedFrame => ({
  epoch: 1,
  index,
  slices: [],
  dueAt: at(dueAt),
})
const gate = () => new Gate({ playoutDelayMs: 120, thresholdBytes: 8192 })

test('a frame leaves at once while little stands unacknowledged', () => {
  const g = gate()
  g.push(frame(1, 0))
  expect(g.take(8191, at(0))?.index).toBe(1)
  expect(g.take(0, at(0))).toBeUndefined()
  expect(g.admitted).toBe(1)
})

test('a frame is held at the threshold and leaves when bytes are acknowledged', () => {
  const g = gate()
  g.push(frame(1, 0))
  expect(g.take(8192, at(0))).toBeUndefined()
  expect(g.holding).toBe(true)
  expect(g.take(8000, at(30))?.index).toBe(1)
  expect(g.dropped).toEqual({ replaced: 0, late: 0 })
})

test('a newer frame takes the place of an unsent one', () => {
  const g = gate()
  for (let index = 1; index <= 5; index += 1) g.push(frame(index, index * 33))
  expect(g.take(0, at(170))?.index).toBe(5)
  expect(g.take(0, at(170))).toBeUndefined()
  expect(g.dropped).toEqual({ replaced: 4, late: 0 })
})

test('a frame may leave until its presentation time and not a millisecond later', () => {
  const g = gate()
  g.push(frame(1, 1000))
  expect(g.take(0, at(1120))?.index).toBe(1)
  g.push(frame(2, 1000))
  expect(g.take(0, at(1120.01))).toBeUndefined()
  expect(g.dropped).toEqual({ replaced: 0, late: 1 })
  expect(g.holding).toBe(false)
})

test('a cleared gate sends nothing of the old programme and counts no drop', () => {
  const g = gate()
  g.push(frame(1, 0))
  g.clear()
  expect(g.take(0, at(0))).toBeUndefined()
  expect(g.dropped).toEqual({ replaced: 0, late: 0 })
})

test('when nothing moves although a round trip has passed, acknowledgements were lost: one frame leaves', () => {
  const g = gate()
  g.push(frame(1, 0))
  expect(g.take(12_000, at(10), 15)).toBeUndefined()
  expect(g.take(12_000, at(40), 25)?.index).toBe(1)
  g.push(frame(2, 33))
  expect(g.take(15_000, at(41), -30)).toBeUndefined()
})

test('on a dead path three frames leave that way and no more, until something is acknowledged', () => {
  const g = gate()
  let sent = 0
  for (let now = 0; now < 1000; now += 33) {
    g.push(frame(now, now))
    if (g.take(12_000, at(now), 500) !== undefined) sent += 1
  }
  expect(sent).toBe(3)
  g.push(frame(1000, 1000))
  expect(g.take(0, at(1000), -30)).toBeDefined()
  g.push(frame(1033, 1033))
  expect(g.take(12_000, at(1033), 500)).toBeDefined()
})

test('on a link half as fast as the source about every second frame passes, each whole and young', () => {
  // 30 fps of 4,000 bytes over 60,000 bytes/s with 20 ms each way: physics, not scheduling.
  const g = gate()
  const inFlight: { bytes: number; ackAt: number }[] = []
  let linkFreeAt = 0
  let sent = 0
  let worstAge = 0
  const release = (now: number) => {
    while (inFlight[0] !== undefined && inFlight[0].ackAt <= now) inFlight.shift()
    const standing = inFlight.reduce((sum, { bytes }) => sum + bytes, 0)
    const taken = g.take(standing, at(now))
    if (taken === undefined) return
    linkFreeAt = Math.max(linkFreeAt, now) + (4000 / 60_000) * 1000
    inFlight.push({ bytes: 4000, ackAt: linkFreeAt + 40 })
    sent += 1
    worstAge = Math.max(worstAge, linkFreeAt + 20 - taken.dueAt)
  }
  for (let now = 0; now < 10_000; now += 1) {
    if (now % 33 === 0) g.push(frame(now / 33, now))
    release(now)
  }
  const offered = Math.ceil(10_000 / 33)
  expect(sent).toBeGreaterThan(offered * 0.45)
  expect(sent).toBeLessThan(offered * 0.55)
  expect(g.dropped.late).toBe(0)
  expect(sent + g.dropped.replaced).toBeGreaterThanOrEqual(offered - 1)
  // Three frames on the way at most, and the age of the oldest of them bounded by that, not growing.
  expect(worstAge).toBeLessThan(3 * 67 + 20 + 33)
})
