// Down when the link is too narrow, up again cautiously: arithmetic over seconds.

import { expect, test } from 'vitest'
import { ViewerPace } from '../../../src/transport/viewer-pace.ts'
import { localTime } from '../../../vendor/asciline/index.ts'

/** A viewer of 30 frames a second; `share(pace)` of them are kept back. Returns where it was, second by second. */
function run(seconds: number, share: (pace: string, second: number) => number): string[] {
  const pace = new ViewerPace()
  const paces: string[] = []
  const totals = { offered: 0, dropped: 0, congested: 0 }
  for (let second = 0; second < seconds; second += 1) {
    for (let frame = 0; frame < 30; frame += 1) {
      totals.offered += 1
      totals.dropped += share(pace.pace, second)
      pace.look(totals, localTime((second * 30 + frame) * 33.4))
    }
    paces.push(pace.pace)
  }
  return paces
}

test('a link that carries everything is left alone', () => {
  expect(new Set(run(60, () => 0.03))).toEqual(new Set(['full']))
})

test('one bad second is no reason, two are', () => {
  expect(new Set(run(20, (_, second) => (second === 5 ? 0.9 : 0)))).toEqual(new Set(['full']))
  expect(run(20, (_, second) => (second === 5 || second === 6 ? 0.9 : 0))).toContain('coarse')
})

test('what still does not fit is halved, and there is nothing below that', () => {
  const paces = run(30, () => 0.5)
  expect(paces.indexOf('coarse')).toBeLessThan(paces.indexOf('half'))
  expect(paces.at(-1)).toBe('half')
})

test('on a link for the coarse picture it tries the full one less and less often', () => {
  const paces = run(300, (pace) => (pace === 'full' ? 0.5 : 0))
  const seconds = paces.filter((pace) => pace === 'full').length
  expect(seconds).toBeLessThan(20)
  const ups = paces.flatMap((pace, at) => (pace === 'full' && paces[at - 1] === 'coarse' ? [at] : []))
  expect(ups.length).toBeGreaterThanOrEqual(3)
  const waits = ups.slice(1).map((at, index) => at - ups[index]!)
  expect(waits.every((wait, index) => index === 0 || wait > waits[index - 1]!)).toBe(true)
})

test('when the link is wide again everything comes back, a step at a time', () => {
  const paces = run(60, (_, second) => (second < 15 ? 0.5 : 0))
  expect(paces[14]).toBe('half')
  expect(paces.indexOf('coarse', 15)).toBeGreaterThan(20)
  expect(paces.at(-1)).toBe('full')
})

test('a path that loses what it cannot carry is too narrow, whatever the gate sees of it', () => {
  const pace = new ViewerPace()
  for (let second = 0; second < 5; second += 1)
    pace.look({ offered: 30 * second, dropped: 0, congested: second }, localTime(second * 1000))
  expect(pace.pace).toBe('coarse')
})

test('an outage is no narrow link', () => {
  const pace = new ViewerPace()
  for (let second = 0; second < 20; second += 1) {
    const totals = { offered: 30 * second, dropped: 30 * second, congested: 0 }
    if (second % 2 === 1) pace.forget(totals, localTime(second * 1000))
    expect(pace.look(totals, localTime(second * 1000))).toBe('full')
  }
})

test('a pause says nothing about the link', () => {
  const pace = new ViewerPace()
  for (let second = 0; second < 100; second += 1)
    expect(pace.look({ offered: 30, dropped: 30, congested: 0 }, localTime(second * 1000))).toBe('full')
})
