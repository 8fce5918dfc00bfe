// Which moment to show: the sound's while it sounds, else the server's, without jumping between them.

import { expect, test } from 'vitest'
import { PresentationClock } from '../../../client/playback/presentation-clock.ts'
import { localTime, mediaTime } from '../../../vendor/asciline/index.ts'

const FRAME = 1000 / 60

test('has no time before anybody tells it one', () => {
  const clock = new PresentationClock()
  expect(clock.take(undefined, localTime(5))).toBeUndefined()
  expect(clock.master).toBe('none')
})

test('takes over the server clock at once and runs on by itself', () => {
  const clock = new PresentationClock()
  expect(clock.take(mediaTime(3), localTime(1000))).toBe(3)
  expect(clock.read(localTime(1500))).toBe(3.5)
  expect(clock.take(undefined, localTime(2000))).toBe(4)
})

test('slews towards the sound by 5 % of the error per display frame', () => {
  const clock = new PresentationClock()
  let now = 0
  clock.take(mediaTime(0), localTime(now))
  // The sound is 40 ms behind.
  for (let i = 0; i < 14; i++) {
    now += FRAME
    clock.pushAudio(mediaTime(now / 1000 - 0.04), localTime(now))
    clock.take(mediaTime(now / 1000), localTime(now))
  }
  expect(clock.master).toBe('audio')
  const error = clock.read(localTime(now))! - (now / 1000 - 0.04)
  // 12 ms of the 40 are not asked for, 0.95^14 of the rest is left.
  expect(error).toBeCloseTo(0.012 + 0.028 * 0.95 ** 14, 4)
})

test('stays on the time that all viewers share while the sound is near it, and near the sound when it is not', () => {
  for (const [aheadSeconds, picture] of [
    [0.01, 0],
    [-0.01, 0],
    [0.03, 0.018],
    [-0.07, -0.058],
  ]) {
    const clock = new PresentationClock()
    let now = 0
    for (; now < 4000; now += FRAME) {
      clock.pushAudio(mediaTime(now / 1000 + aheadSeconds), localTime(now))
      clock.take(mediaTime(now / 1000 - 0.008), localTime(now), mediaTime(now / 1000))
    }
    expect(clock.master).toBe('audio')
    expect(clock.read(localTime(now))! - now / 1000, `${aheadSeconds}`).toBeCloseTo(picture, 4)
  }
})

test('slews as much per second on a 120 Hz display as on a 50 Hz one', () => {
  const after = (interval: number) => {
    const clock = new PresentationClock()
    clock.take(mediaTime(0), localTime(0))
    for (let now = interval; now <= 500; now += interval)
      clock.take(mediaTime(now / 1000 + 0.05), localTime(now))
    return clock.read(localTime(500))!
  }
  expect(after(1000 / 120)).toBeCloseTo(after(20), 2)
})

test('jumps when the error is a seek', () => {
  const clock = new PresentationClock()
  clock.take(mediaTime(0), localTime(0))
  expect(clock.take(mediaTime(10), localTime(16))).toBe(10)
  expect(clock.take(mediaTime(2), localTime(32))).toBe(2)
})

test('sound that stands still hands over to the server', () => {
  const clock = new PresentationClock()
  for (let now = 0; now <= 1000; now += FRAME) {
    clock.pushAudio(mediaTime(now / 1000), localTime(now))
    clock.take(mediaTime(now / 1000), localTime(now))
  }
  const stuck = mediaTime(1)
  for (let now = 1000; now <= 2000; now += FRAME) {
    clock.pushAudio(stuck, localTime(now))
    clock.take(mediaTime(now / 1000), localTime(now))
  }
  expect(clock.master).toBe('server')
  expect(clock.read(localTime(2000))).toBeCloseTo(2, 1)
})

test('a sound clock of 20 ms steps is read at its steps', () => {
  const clock = new PresentationClock()
  for (let now = 0; now < 3000; now += FRAME) {
    clock.pushAudio(mediaTime((Math.floor(now / 20) * 20) / 1000), localTime(now))
    clock.take(undefined, localTime(now))
  }
  // Between steps the true position lies up to 20 ms further; the clock stays within one step.
  expect(Math.abs(clock.read(localTime(3000))! - 3)).toBeLessThan(0.02)
})

test('what is not a number is silence', () => {
  const clock = new PresentationClock()
  clock.pushAudio(mediaTime(Number.NaN), localTime(0))
  clock.take(mediaTime(1), localTime(0))
  expect(clock.master).toBe('server')
})

test('after a reset the next master is followed at once', () => {
  const clock = new PresentationClock()
  clock.take(mediaTime(100), localTime(0))
  clock.reset()
  expect(clock.read(localTime(10))).toBeUndefined()
  expect(clock.take(mediaTime(100.05), localTime(10))).toBe(100.05)
})
