import { expect, test } from 'vitest'
import { RestartPace } from '../../../src/transport/restart-pace.ts'

test('one that worked is started again at once, however often', () => {
  const pace = new RestartPace()
  expect([60_000, 60_000, 60_000].map((lived) => pace.afterMs(lived))).toEqual([0, 0, 0])
})

test('one that never gets going is started ever more slowly, and never less than every five seconds', () => {
  const pace = new RestartPace()
  expect(Array.from({ length: 8 }, () => pace.afterMs(600))).toEqual([
    0, 250, 500, 1000, 2000, 4000, 5000, 5000,
  ])
})

test('after a time of work the first restart is at once again', () => {
  const pace = new RestartPace()
  for (let i = 0; i < 4; i += 1) pace.afterMs(0)
  expect(pace.afterMs(10_000)).toBe(0)
  expect(pace.afterMs(0)).toBe(250)
})
