// What waits, what is late, what is thrown away: the store with nothing around it.

import { expect, test } from 'vitest'
import { REACH, SliceStore } from '../../../client/playback/slice-store.ts'
import { localTime, type SliceHeader, TAG_SLICE } from '../../../vendor/asciline/index.ts'

const now = localTime(0)
const message = new Uint8Array(100)

function header(frame: number, slice = 0, flags: Partial<SliceHeader> = {}): SliceHeader {
  const plain = {
    tag: TAG_SLICE,
    last: false,
    lumaOnly: false,
    join: false,
    epoch: 1,
    step: 8,
    first: 0,
    count: 1,
  }
  return { ...plain, frame, slice, ...flags }
}

test('a frame is complete when every slice up to the last is there, in any order', () => {
  const store = new SliceStore()
  store.push(header(5, 2, { last: true }), message, now)
  store.push(header(5, 0), message, now)
  expect(store.peek()).toMatchObject({ complete: false, missing: 1 })
  store.push(header(5, 1), message, localTime(7))
  expect(store.peek()).toMatchObject({ complete: true, missing: 0, completeAt: 7 })
})

test('without the last flag at least one more slice is missing', () => {
  const store = new SliceStore()
  store.push(header(5, 0), message, now)
  store.push(header(5, 3), message, now)
  expect(store.peek()?.missing).toBe(3)
})

test('a frame of which nothing came misses one slice', () => {
  const store = new SliceStore()
  store.push(header(5, 0, { last: true }), message, now)
  store.advance()
  expect(store.peek()).toMatchObject({ frame: 6, complete: false, missing: 1 })
})

test('the same slice twice is a duplicate and is held once', () => {
  const store = new SliceStore()
  expect(store.push(header(5), message, now)).toBe('held')
  expect(store.push(header(5), message, now)).toBe('duplicate')
  expect(store.heldBytes).toBe(100)
})

test('until something was presented an earlier frame may still become the first', () => {
  const store = new SliceStore()
  store.push(header(9), message, now)
  expect(store.push(header(8), message, now)).toBe('held')
  expect(store.next).toBe(8)
  store.advance()
  expect(store.push(header(7), message, now)).toBe('late')
})

test('beyond its reach on either side it takes nothing', () => {
  const store = new SliceStore()
  store.push(header(10_000), message, now)
  store.advance()
  expect(store.push(header(10_001 + REACH), message, now)).toBe('refused')
  expect(store.push(header(10_000 + REACH), message, now)).toBe('held')
  expect(store.push(header(10_000 - REACH), message, now)).toBe('refused')
  expect(store.push(header(10_001 - REACH), message, now)).toBe('late')
})

test('frame numbers work up to the end of 32 bits', () => {
  const store = new SliceStore()
  expect(store.push(header(0xffffffff), message, now)).toBe('held')
  expect(store.peek()?.frame).toBe(0xffffffff)
})

test('bytes and messages are bounded, and presenting makes room', () => {
  const store = new SliceStore()
  const large = new Uint8Array(1100)
  let held = 0
  for (let frame = 0; frame < 200; frame++) {
    for (let slice = 0; slice < 30; slice++) {
      if (store.push(header(frame, slice), large, now) === 'held') held += 1
    }
  }
  expect(held).toBeLessThanOrEqual(4096)
  expect(store.heldBytes).toBeLessThanOrEqual(4 * 1024 * 1024)
  while (store.heldBytes > 0) store.advance()
  expect(store.push(header(store.next!), large, now)).toBe('held')
})

test('a jump forgets what was held and says how far it went', () => {
  const store = new SliceStore()
  store.push(header(5), message, now)
  expect(store.jump(1005)).toBe(1000)
  expect(store.heldBytes).toBe(0)
  expect(store.next).toBe(1005)
})

test('join slices are held or painted but never counted', () => {
  const store = new SliceStore()
  expect(store.push(header(5, 0, { join: true }), message, now)).toBe('late')
  expect(store.next).toBe(6)
  expect(store.newest).toBe(-1)
  expect(store.push(header(8, 0, { join: true }), message, now)).toBe('held')
  expect(store.record(8)).toMatchObject({ received: 0 })
})
