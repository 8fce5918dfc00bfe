import { expect, test } from 'vitest'
import { type LossLevel, LossMeter } from '../../../src/transport/loss-meter.ts'
import { localTime } from '../../../vendor/asciline/index.ts'

/** 100 packets a second of which a share is lost, for so many seconds; says what it was after each of them. */
function run(
  meter: LossMeter,
  from: number,
  seconds: number,
  share: (second: number) => number,
): LossLevel[] {
  const levels: LossLevel[] = []
  for (let second = from; second < from + seconds; second += 1) {
    totals.sent += 100
    totals.lost += 100 * share(second)
    meter.look(totals, localTime(second * 1001))
    levels.push(meter.level)
  }
  return levels
}
let totals = { sent: 0, lost: 0, queueMs: 0 }
const start = () => {
  totals = { sent: 0, lost: 0, queueMs: 0 }
  return new LossMeter()
}

test('half a per cent is none, two are some, five are high, within some seconds', () => {
  expect(new Set(run(start(), 0, 60, () => 0.005))).toEqual(new Set(['none']))
  const two = run(start(), 0, 60, () => 0.02)
  expect(two.indexOf('some')).toBeLessThan(4)
  expect(two).not.toContain('high')
  const five = run(start(), 0, 60, () => 0.05).indexOf('high')
  expect(five).toBeGreaterThan(0)
  expect(five).toBeLessThan(8)
})

test('one bad second is a burst and not the path', () => {
  expect(run(start(), 0, 60, (second) => (second === 10 ? 0.1 : 0))).not.toContain('high')
})

test('some loss ends where nothing has been lost for a while', () => {
  const meter = start()
  expect(run(meter, 0, 30, () => 0.02).at(-1)).toBe('some')
  const after = run(meter, 30, 40, () => 0)
  expect(after.indexOf('none')).toBeGreaterThan(9)
  expect(after.at(-1)).toBe('none')
})

test('parity stays while the loss moves about the limit, and for ten seconds after', () => {
  const meter = start()
  expect(run(meter, 0, 30, () => 0.08).at(-1)).toBe('high')
  expect(new Set(run(meter, 30, 60, (second) => 0.02 + 0.015 * (second % 2)))).toEqual(new Set(['high']))
  const after = run(meter, 90, 40, () => 0)
  expect(after.findIndex((level) => level !== 'high')).toBeGreaterThan(9)
  expect(after.at(-1)).toBe('none')
})

test('a few packets say nothing', () => {
  const meter = start()
  for (let second = 0; second < 10; second += 1)
    meter.look({ sent: second, lost: second, queueMs: 0 }, localTime(second * 1001))
  expect(meter.level).toBe('none')
})

test('losses behind a queue come of sending too much: no parity, until that has been over for a while', () => {
  const meter = start()
  totals.queueMs = 80
  expect(new Set(run(meter, 0, 20, () => 0.1))).toEqual(new Set(['none']))
  expect(meter.congestedWindows).toBeGreaterThan(15)
  totals.queueMs = 3
  const after = run(meter, 20, 30, () => 0.1)
  expect(after.findIndex((level) => level !== 'none')).toBeGreaterThan(8)
  expect(after.at(-1)).toBe('high')
})
