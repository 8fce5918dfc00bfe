// The model of TCP that the comparison with `ws` stands on.

import { expect, test } from 'vitest'
import { TcpPath } from './tcp-path.ts'

test('bytes come out in order, after the delay', () => {
  const path = new TcpPath({ delayMs: 15 }, 1)
  expect(path.push(100, 0)).toBe(15)
  expect(path.push(100, 40)).toBe(55)
})

test('a lost segment comes a round trip later, and what is behind it waits', () => {
  const path = new TcpPath({ delayMs: 15, loss: 0.2 }, 1)
  let before = 0
  const waits: number[] = []
  for (let now = 0; now < 3000; now += 10) {
    const out = path.push(1000, now)
    expect(out).toBeGreaterThanOrEqual(before)
    before = out
    waits.push(out - now)
  }
  expect(waits.filter((wait) => wait === 15).length).toBeGreaterThan(75)
  expect(waits.filter((wait) => wait === 35).length).toBeGreaterThan(20)
  expect(waits.filter((wait) => wait === 45).length).toBeGreaterThan(20)
})

test('a narrow link makes bytes wait, and loses none of them', () => {
  const path = new TcpPath({ bitsPerSecond: 80_000 }, 1)
  const segment = 1448 + 52
  expect(path.push(1448, 0)).toBe(segment / 10)
  expect(path.push(2 * 1448, 0)).toBe((3 * segment) / 10)
})
