import { expect, test } from 'vitest'
import { JoinPace } from '../../../src/transport/join-pace.ts'
import { localTime } from '../../../vendor/asciline/index.ts'

test('who comes alone does not wait', () => {
  const pace = new JoinPace()
  expect([0, 20, 1000, 60_000].map((at) => pace.waitMs(localTime(at)))).toEqual([0, 0, 0, 0])
})

test('of thirty that come at once each waits behind the one before, and the last little more than half a second', () => {
  const pace = new JoinPace()
  const waits = Array.from({ length: 30 }, () => pace.waitMs(localTime(500)))
  expect(waits.slice(0, 4)).toEqual([0, 20, 40, 60])
  expect(waits.at(-1)).toBe(580)
})

test('the line is shorter for one who comes later', () => {
  const pace = new JoinPace()
  for (let i = 0; i < 5; i += 1) pace.waitMs(localTime(0))
  expect(pace.waitMs(localTime(70))).toBe(30)
})
