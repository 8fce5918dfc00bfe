// The server's clock, learned from pings over paths that are slow in one direction.

import { expect, test } from 'vitest'
import { ClockSync } from '../../../client/playback/clock-sync.ts'
import { localTime } from '../../../vendor/asciline/index.ts'
import { seededRandom } from './lossy-link.ts'

test('knows nothing before the first answer', () => {
  const sync = new ClockSync()
  expect(sync.offsetMs).toBeUndefined()
  expect(sync.rttMs).toBeUndefined()
})

test('asks quickly at first and settles after some answers', () => {
  const sync = new ClockSync()
  const asked: number[] = []
  for (let now = 0; now < 20_000; now += 10) {
    if (!sync.pingDue(localTime(now))) continue
    asked.push(now)
    sync.push(now, now + 500, localTime(now + 8))
  }
  expect(asked[5]).toBeLessThan(500)
  expect(asked.at(-1)! - asked.at(-2)!).toBe(1500)
})

test('one quick answer tells the offset that ten slow ones hide', () => {
  const random = seededRandom(2)
  const sync = new ClockSync()
  let now = 0
  for (let i = 0; i < 16; i++) {
    now += 1500
    expect(sync.pingDue(localTime(now))).toBe(true)
    const queue = i === 9 ? 0 : 20 + random() * 80
    // 5 ms each way; the queue stands in the way out only, which skews the midpoint by half of it.
    sync.push(now, now + 5 + queue + 12_345, localTime(now + 10 + queue))
  }
  expect(sync.offsetMs).toBeCloseTo(12_345, 6)
  expect(sync.rttMs).toBe(10)
})

test('an old best answer goes, so that a drifting crystal is followed', () => {
  const sync = new ClockSync()
  let offset = 1000
  for (let now = 0; now < 600_000; now += 1500) {
    offset = 1000 + now * 50e-6
    sync.pingDue(localTime(now))
    sync.push(now, now + 5 + offset, localTime(now + (now === 0 ? 9 : 10)))
  }
  expect(Math.abs(sync.offsetMs! - offset)).toBeLessThan(1.5)
})

test('refuses answers to questions it did not ask, repeated ones, and impossible times', () => {
  const sync = new ClockSync()
  sync.pingDue(localTime(100))
  expect(sync.push(99, 5, localTime(110))).toBe(false)
  expect(sync.push(100, Number.NaN, localTime(110))).toBe(false)
  expect(sync.push(100, 5, localTime(90))).toBe(false)
  expect(sync.push(100, 5, localTime(110))).toBe(true)
  expect(sync.push(100, 7, localTime(111))).toBe(false)
})

test('two answers at one coarse clock value keep the offset finite', () => {
  const sync = new ClockSync()
  sync.pingDue(localTime(100))
  expect(sync.push(100, 400, localTime(100))).toBe(true)
  expect(sync.offsetMs).toBe(300)
  expect(sync.rttMs).toBe(0)
})

test('a clock that steps back does not silence the pings', () => {
  const sync = new ClockSync()
  expect(sync.pingDue(localTime(1_000_000))).toBe(true)
  expect(sync.pingDue(localTime(10))).toBe(true)
})
