import { expect, test } from 'vitest'
import { LossMeter } from '../../../src/transport/loss-meter.ts'
import { localTime } from '../../../vendor/asciline/index.ts'

/** 100 packets a second of which a share is lost, for so many seconds; says after which second parity was on. */
function run(meter: LossMeter, from: number, seconds: number, share: (second: number) => number): boolean[] {
  const on: boolean[] = []
  for (let second = from; second < from + seconds; second += 1) {
    totals.sent += 100
    totals.lost += 100 * share(second)
    meter.look(totals, localTime(second * 1001))
    on.push(meter.isHigh)
  }
  return on
}
let totals = { sent: 0, lost: 0, queueMs: 0 }
const start = () => {
  totals = { sent: 0, lost: 0, queueMs: 0 }
  return new LossMeter()
}

test('two per cent are not worth parity, five are within some seconds', () => {
  expect(run(start(), 0, 60, () => 0.02)).not.toContain(true)
  expect(run(start(), 0, 60, () => 0.05).indexOf(true)).toBeLessThan(8)
})

test('one bad second is a burst and not the path', () => {
  expect(run(start(), 0, 60, (second) => (second === 10 ? 0.1 : 0))).not.toContain(true)
})

test('parity stays while the loss moves about the limit, and for ten seconds after', () => {
  const meter = start()
  expect(run(meter, 0, 30, () => 0.08).at(-1)).toBe(true)
  expect(run(meter, 30, 60, (second) => 0.02 + 0.015 * (second % 2))).not.toContain(false)
  const after = run(meter, 90, 40, () => 0)
  expect(after.indexOf(false)).toBeGreaterThan(9)
  expect(after.at(-1)).toBe(false)
})

test('a few packets say nothing', () => {
  const meter = start()
  for (let second = 0; second < 10; second += 1)
    meter.look({ sent: second, lost: second, queueMs: 0 }, localTime(second * 1001))
  expect(meter.isHigh).toBe(false)
})

test('losses behind a queue come of sending too much: no parity, until that has been over for a while', () => {
  const meter = start()
  totals.queueMs = 80
  expect(run(meter, 0, 20, () => 0.1)).not.toContain(true)
  expect(meter.congestedWindows).toBeGreaterThan(15)
  totals.queueMs = 3
  const after = run(meter, 20, 30, () => 0.1)
  expect(after.indexOf(true)).toBeGreaterThan(8)
  expect(after.at(-1)).toBe(true)
})
