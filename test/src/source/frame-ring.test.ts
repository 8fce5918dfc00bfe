import { expect, test } from 'vitest'
import { FrameRing } from '../../../src/source/frame-ring.ts'

const bytes = (...values: number[]) => Uint8Array.from(values)

test('frames are cut from the stream wherever the chunks are cut', () => {
  const ring = new FrameRing({ frameBytes: 3, capacity: 4 })
  for (const chunk of [bytes(1), bytes(1, 1, 2, 2), bytes(2, 3, 3)]) expect(ring.push(chunk)).toBe(true)
  expect(ring.newest).toBe(1)
  expect(ring.get(0)).toEqual(bytes(1, 1, 1))
  expect(ring.get(1)).toEqual(bytes(2, 2, 2))
  expect(ring.get(2)).toBeUndefined()
})

test('a full ring says so, keeps what it was given, and wants more once there is room', () => {
  let asked = 0
  const ring = new FrameRing({ frameBytes: 2, capacity: 2, onRoom: () => (asked += 1) })
  expect(ring.push(bytes(1, 1, 2, 2, 3, 3, 4, 4, 5))).toBe(false)
  expect(ring.wantsData).toBe(false)
  expect(ring.newest).toBe(1)
  ring.release(0)
  expect(ring.get(0)).toBeUndefined()
  expect(ring.get(2)).toEqual(bytes(3, 3))
  expect(asked).toBe(0)
  ring.release(2)
  expect(asked).toBe(1)
  expect(ring.wantsData).toBe(true)
  ring.push(bytes(5))
  expect(ring.get(3)).toEqual(bytes(4, 4))
  ring.release(3)
  expect(ring.get(4)).toEqual(bytes(5, 5))
})

test('a chunk that comes in spite of a full ring is kept in order', () => {
  const ring = new FrameRing({ frameBytes: 2, capacity: 1 })
  ring.push(bytes(1, 1, 2))
  ring.push(bytes(2, 3))
  ring.push(bytes(3, 4, 4))
  ring.finish()
  for (const value of [1, 2, 3, 4]) {
    expect(ring.finished).toBe(value === 4)
    expect(ring.get(value - 1)).toEqual(bytes(value, value))
    ring.release(value - 1)
  }
})

test('half a frame at the end is dropped, and the end is told', () => {
  const ring = new FrameRing({ frameBytes: 4, capacity: 2 })
  let told = 0
  const leave = ring.onAvailable(() => (told += 1))
  ring.push(bytes(1, 1, 1, 1, 2, 2))
  ring.finish()
  ring.finish()
  expect(told).toBe(2)
  expect([ring.newest, ring.finished]).toEqual([0, true])
  leave()
  ring.release(0)
  expect(told).toBe(2)
})

test('releasing twice, backwards or beyond the newest does no harm', () => {
  const ring = new FrameRing({ frameBytes: 1, capacity: 3 })
  ring.push(bytes(0, 1))
  ring.release(7)
  ring.release(1)
  ring.release(0)
  expect([ring.oldest, ring.newest]).toEqual([2, 1])
  ring.push(bytes(2, 3, 4))
  expect([2, 3, 4].map((index) => ring.get(index)?.[0])).toEqual([2, 3, 4])
})
