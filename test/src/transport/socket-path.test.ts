import { expect, test } from 'vitest'
import { SocketPath } from '../../../src/transport/socket-path.ts'
import { localTime } from '../../../vendor/asciline/index.ts'

const at = (ms: number) => localTime(ms)

/** A path on which one frame has come back after `roundTripMs`. */
function measured(roundTripMs: number): SocketPath {
  const path = new SocketPath()
  path.push(1000, at(0))
  path.ack(0, at(roundTripMs))
  return path
}

test('everything counts as standing until the first acknowledgement', () => {
  const path = new SocketPath()
  expect(path.push(1000, at(0))).toBe(true)
  expect(path.push(500, at(0))).toBe(true)
  expect(path.standingBytes(at(0))).toBe(1500)
  expect(path.unackedBytes).toBe(1500)
})

test('on a long path what is under way does not stand', () => {
  const path = measured(200)
  for (let n = 0; n < 6; n += 1) path.push(3000, at(300 + n * 33))
  expect(path.unackedBytes).toBe(18_000)
  expect(path.standingBytes(at(500))).toBe(0)
  // The first of them is overdue now.
  expect(path.standingBytes(at(300 + 200 + 31))).toBe(3000)
})

test('an acknowledgement covers everything before it, and the round trip is that of the frame it names', () => {
  const path = measured(20)
  for (let n = 1; n <= 3; n += 1) path.push(100, at(1000 + n))
  expect(path.ack(2, at(1042))).toBe(true)
  expect(path.unackedBytes).toBe(100)
  expect(path.roundTripMs).toBe(20 + (40 - 20) / 8)
})

test('an acknowledgement of something else changes nothing', () => {
  const path = measured(20)
  path.push(100, at(50))
  for (const number of [0, 2, 0xffffffff, Number.NaN]) expect(path.ack(number, at(60))).toBe(false)
  expect(path.unackedBytes).toBe(100)
})

test('two acknowledgements within one tick of a coarse clock leave the figures finite', () => {
  const path = new SocketPath()
  for (let n = 0; n < 2; n += 1) {
    path.push(10, at(5))
    path.ack(n, at(5))
  }
  expect(path.roundTripMs).toBe(0)
  expect(path.standingBytes(at(5))).toBe(0)
})

test('the best round trip of another path is forgotten after a while', () => {
  const path = measured(10)
  let now = 100
  let number = 1
  // The car has left its hotspot: 100 ms from now on.
  for (; now < 25_000; now += 500) {
    path.push(1000, at(now))
    path.ack(number, at(now + 100))
    number += 1
  }
  path.push(1000, at(now))
  expect(path.standingBytes(at(now + 90))).toBe(0)
})

test('a viewer that acknowledges nothing is given up, not remembered for ever', () => {
  const path = new SocketPath()
  let pushed = 0
  while (path.push(1, at(0))) pushed += 1
  expect(pushed).toBe(512)
})
