// A page that takes frames and shows none: the gate stops, but for a frame a second, until it shows something else.

import { expect, test } from 'vitest'
import { PageWatch } from '../../../src/transport/page-watch.ts'
import { localTime } from '../../../vendor/asciline/index.ts'

const epoch = 3

/** Frames every 33 ms from one second to another, as far as they are allowed; returns when they left. */
function play(
  watch: PageWatch,
  from: number,
  to: number,
  reports: (now: number) => number | undefined,
): number[] {
  const left: number[] = []
  for (let now = from; now < to; now += 33) {
    const frame = reports(now)
    if (frame !== undefined) watch.reported({ epoch, frame }, localTime(now))
    if (!watch.allows(localTime(now))) continue
    watch.sent(localTime(now))
    left.push(now)
  }
  return left
}

const moving = (now: number) => Math.floor(now / 33)

test('a page that shows what it gets is left alone, and so is one that never says', () => {
  expect(play(new PageWatch(), 0, 20_000, moving)).toHaveLength(607)
  expect(play(new PageWatch(), 0, 20_000, () => undefined)).toHaveLength(607)
})

test('a page that falls silent gets two seconds of frames and then one a second', () => {
  const watch = new PageWatch()
  play(watch, 0, 5000, moving)
  const left = play(watch, 5000, 15_000, () => undefined)
  expect(left.filter((at) => at < 7100).length).toBeGreaterThan(55)
  expect(left.filter((at) => at >= 7100).length).toBeLessThan(10)
})

test('a page that talks and shows the same frame is as frozen, and is back with the next one it shows', () => {
  const watch = new PageWatch()
  play(watch, 0, 5000, moving)
  expect(play(watch, 8000, 12_000, () => 150).length).toBeLessThan(70)
  const back = play(watch, 12_000, 14_000, moving)
  expect(back.length).toBeGreaterThan(55)
})

test('after a pause of the programme frames leave at once', () => {
  const watch = new PageWatch()
  play(watch, 0, 5000, moving)
  watch.reported({ epoch, frame: 150 }, localTime(6500))
  const left = play(watch, 60_000, 61_500, () => undefined)
  expect(left.length).toBeGreaterThan(40)
})

test('a page whose reports are lost and whose questions come is not taken for frozen', () => {
  const watch = new PageWatch()
  play(watch, 0, 5000, moving)
  let left = 0
  for (let now = 5000; now < 15_000; now += 33) {
    if (now % 1500 < 33) watch.asked(localTime(now))
    if (!watch.allows(localTime(now))) continue
    watch.sent(localTime(now))
    left += 1
  }
  expect(left).toBe(304)
})
