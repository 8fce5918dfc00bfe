import { expect, test } from 'vitest'
import { ReceivedTsns } from '../../../src/transport/received-tsns.ts'
import { seededRandom } from './lossy-relay.ts'

test('TSNs in order leave no gap', () => {
  const tsns = new ReceivedTsns(99)
  for (let tsn = 100; tsn < 110; tsn += 1) expect(tsns.mark(tsn)).toBe(false)
  expect(tsns.cumulative).toBe(109)
  expect(tsns.gaps()).toEqual([])
})

test('gaps are told as offsets, across a change of the number of digits', () => {
  // As text '1000' sorts before '999': werift reports these gaps wrong, or never moves on.
  const tsns = new ReceivedTsns(997)
  for (const tsn of [1000, 999, 1003, 1002]) tsns.mark(tsn)
  expect(tsns.cumulative).toBe(997)
  expect(tsns.gaps()).toEqual([
    [2, 3],
    [5, 6],
  ])
  tsns.mark(998)
  expect(tsns.cumulative).toBe(1000)
  tsns.mark(1001)
  expect(tsns.cumulative).toBe(1003)
  expect(tsns.hasGaps).toBe(false)
})

test('the counter wraps', () => {
  const tsns = new ReceivedTsns(0xfffffffd)
  tsns.mark(0)
  tsns.mark(0xffffffff)
  tsns.mark(2)
  expect(tsns.gaps()).toEqual([
    [2, 3],
    [5, 5],
  ])
  tsns.mark(0xfffffffe)
  expect(tsns.cumulative).toBe(0)
  expect(tsns.gaps()).toEqual([[2, 2]])
})

test('what came before is known again, below the cumulative TSN and beyond it', () => {
  const tsns = new ReceivedTsns(10)
  tsns.mark(12)
  expect(tsns.mark(12)).toBe(true)
  expect(tsns.mark(10)).toBe(true)
  expect(tsns.mark(5)).toBe(true)
})

test('forwarding skips what was given up and joins what had come', () => {
  const tsns = new ReceivedTsns(10)
  for (const tsn of [13, 14, 17, 18]) tsns.mark(tsn)
  tsns.forward(12)
  expect(tsns.cumulative).toBe(14)
  tsns.forward(17)
  expect(tsns.cumulative).toBe(18)
  tsns.forward(3)
  expect(tsns.cumulative).toBe(18)
})

test('any order with losses and repeats gives what a plain set gives', () => {
  const random = seededRandom(11)
  for (let round = 0; round < 200; round += 1) {
    const start = Math.floor(random() * 2 ** 32)
    const tsns = new ReceivedTsns(start)
    const seen = new Set<number>()
    for (let i = 0; i < 60; i += 1) {
      const offset = 1 + Math.floor(random() * 40)
      expect(tsns.mark((start + offset) >>> 0)).toBe(seen.has(offset))
      seen.add(offset)
    }
    let cumulative = 0
    while (seen.has(cumulative + 1)) cumulative += 1
    expect(tsns.cumulative).toBe((start + cumulative) >>> 0)
    const told = tsns
      .gaps()
      .flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, n) => from + n))
    expect(told).toEqual(
      [...seen]
        .filter((o) => o > cumulative)
        .toSorted((a, b) => a - b)
        .map((o) => o - cumulative),
    )
  }
})
