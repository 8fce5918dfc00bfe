// The small counters: buckets, windows, digests, slices of epochs still to come.

import { expect, test } from 'vitest'
import { FrameBooks } from '../../../client/playback/frame-books.ts'
import { DisplayInterval, Distribution, RecentStats } from '../../../client/playback/index.ts'
import { PictureCheck } from '../../../client/playback/picture-check.ts'
import { PlayerStats } from '../../../client/playback/player-stats.ts'
import { FrameRecord } from '../../../client/playback/slice-store.ts'
import { UnannouncedSlices } from '../../../client/playback/unannounced-slices.ts'
import { blankSliceHeader, localTime } from '../../../vendor/asciline/index.ts'

test('percentiles are right to a quarter of a millisecond and the maximum is exact', () => {
  const distribution = new Distribution()
  for (let i = 1; i <= 1000; i++) distribution.add(i / 10)
  const { p50, p95, p99, max } = distribution.percentiles()
  expect(p50).toBeCloseTo(50, 0)
  expect(Math.abs(p95 - 95)).toBeLessThanOrEqual(0.25)
  expect(Math.abs(p99 - 99)).toBeLessThanOrEqual(0.25)
  expect(max).toBe(100)
})

test('no samples are zeros, not NaN', () => {
  expect(new Distribution().percentiles()).toEqual({ p50: 0, p95: 0, p99: 0, max: 0 })
})

test('samples out of range or out of their mind do no harm', () => {
  const distribution = new Distribution()
  for (const odd of [-3, Number.NaN, 1e12]) distribution.add(odd)
  expect(distribution.count).toBe(2)
  expect(distribution.percentiles()).toEqual({ p50: 0.25, p95: 1e12, p99: 1e12, max: 1e12 })
})

test('recent figures are those of the window, whatever came before', () => {
  const stats = new PlayerStats()
  const recent = new RecentStats()
  expect(recent.read()).toEqual({ fps: 0, latenessMs: 0, loss: 0, bytesPerSecond: 0 })
  stats.slicesLost = 5000
  for (let i = 0; i <= 40; i++) {
    recent.push(stats, localTime(i * 500))
    stats.framesPresented += 15
    stats.bytes += 20_000
    stats.slicesReceived += 99
    stats.slicesLost += 1
    stats.latenessMs.add(4)
  }
  const { fps, latenessMs, loss, bytesPerSecond } = recent.read()
  expect([fps, latenessMs, loss, bytesPerSecond]).toEqual([30, 4, 0.01, 40_000])
  recent.clear()
  expect(recent.read().fps).toBe(0)
})

test('a frame that was missing before the books were opened anew is not taken back from the new ones', () => {
  const books = new FrameBooks()
  books.begin(30)
  const header = { ...blankSliceHeader(), slice: 0 }
  const [before, after] = [4, 5].map((frame) => {
    const record = new FrameRecord()
    record.reset(frame)
    record.mark(header, localTime(0))
    return record
  }) as [FrameRecord, FrameRecord]
  books.present(before, 0, localTime(100))
  books.restart()
  books.present(after, 0, localTime(133))
  expect([books.stats.framesMissing, books.stats.slicesLost]).toEqual([1, 1])
  for (const record of [before, after]) {
    record.mark({ ...header, slice: 1, last: true }, localTime(150))
    books.cameLate(record, 20)
  }
  // Below zero, a report that says so is no report to the server, and a page without reports is taken for frozen.
  expect([books.stats.framesMissing, books.stats.slicesLost, books.stats.framesLate]).toEqual([0, 0, 1])
})

test('a frame is right only when both digests agree, whichever comes first', () => {
  const check = new PictureCheck()
  check.pushShown(1, 77)
  check.pushMeant(1, 77)
  check.pushMeant(2, 5)
  check.pushShown(2, 6)
  check.pushShown(3, 9)
  expect([check.correct, check.wrong]).toEqual([1, 1])
})

test('signed and unsigned writings of a digest are the same digest', () => {
  const check = new PictureCheck()
  check.pushShown(1, -1)
  check.pushMeant(1, 0xffffffff)
  expect(check.correct).toBe(1)
})

test('a digest from behind the window does not disturb a newer frame', () => {
  const check = new PictureCheck()
  check.pushShown(1025, 4)
  check.pushMeant(1, 4)
  check.pushMeant(1025, 4)
  expect([check.correct, check.wrong]).toEqual([1, 0])
})

test('slices of unannounced epochs are given back in order and bounded', () => {
  const slices = new UnannouncedSlices()
  for (let i = 0; i < 1000; i++) slices.push(i % 2, Uint8Array.of(i & 255))
  const own = slices.take(1)
  expect(own).toHaveLength(64)
  expect(own.at(-1)).toEqual(Uint8Array.of(999 & 255))
  expect(slices.take(0)).toEqual([])
})

test('the display interval is learned through skipped frames and hiccups', () => {
  for (const hertz of [50, 60, 90, 120]) {
    const display = new DisplayInterval()
    let now = 0
    for (let i = 0; i < 200; i++) {
      now += (1000 / hertz) * (i % 7 === 0 ? 2 : 1) + (i % 50 === 0 ? 300 : 0)
      display.push(now)
    }
    expect(display.ms).toBeCloseTo(1000 / hertz, 6)
  }
})

test('a page whose animation frames are throttled is not a display of one picture a second', () => {
  const display = new DisplayInterval()
  expect(display.ms).toBeCloseTo(16.7, 1)
  for (let now = 0; now < 100_000; now += 1000) display.push(now)
  expect(display.ms).toBeLessThan(34)
})
