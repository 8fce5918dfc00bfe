// What waits, what is late, what is thrown away: the store with nothing around it.

import { expect, test } from 'vitest'
import { REACH, SliceStore } from '../../../client/playback/slice-store.ts'
import {
  encodeParity,
  localTime,
  parseParity,
  parseSliceHeader,
  type SliceHeader,
  TAG_SLICE,
} from '../../../vendor/asciline/index.ts'
import { writeSliceHeader } from '../../../vendor/asciline/protocol/slice-header.ts'

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

function joinOf(frame: number): Uint8Array {
  const bytes = new Uint8Array(30)
  writeSliceHeader(bytes, header(frame, 0, { join: true }))
  return bytes
}

/** A frame of slices with real headers and different lengths, and its parity. */
function parityFrame(frame: number, lengths: number[]) {
  const slices = lengths.map((length, slice) => {
    const bytes = new Uint8Array(length).fill(slice + 1)
    writeSliceHeader(bytes, header(frame, slice, { last: slice === lengths.length - 1 }))
    return bytes
  })
  const parity = encodeParity(slices)!
  const push = (store: SliceStore, slice: number) =>
    store.push(parseSliceHeader(slices[slice]!)!, slices[slice]!, now)
  return { slices, parity, push, info: parseParity(parity)! }
}

test('the one slice a frame lacks comes out of its parity, whichever came first', () => {
  const { slices, parity, push, info } = parityFrame(5, [40, 900, 33])
  const store = new SliceStore()
  push(store, 0)
  expect(store.pushParity(info, parity)).toBe('held')
  expect(store.recover(5)).toBeUndefined()
  push(store, 2)
  expect(store.recover(5)).toEqual(slices[1])
  expect(store.recover(5)).toBeUndefined()
  const later = new SliceStore()
  push(later, 1)
  push(later, 2)
  later.pushParity(info, parity)
  expect(later.recover(5)).toEqual(slices[0])
})

test('slices of a join do not stand in for those of the frame', () => {
  const { slices, parity, push, info } = parityFrame(5, [40, 50])
  const store = new SliceStore()
  push(store, 0)
  store.push(header(5, 0, { join: true }), joinOf(5), now)
  store.pushParity(info, parity)
  expect(store.recover(5)).toEqual(slices[1])
})

test('parity of a frame that is complete, past, far ahead or of nobody is not kept', () => {
  const { parity, push, info } = parityFrame(5, [40, 50])
  const store = new SliceStore()
  expect(store.pushParity(info, parity)).toBe('refused')
  push(store, 0)
  push(store, 1)
  expect(store.pushParity(info, parity)).toBe('duplicate')
  expect(store.pushParity({ ...info, frame: 5 + REACH }, parity)).toBe('refused')
  store.advance()
  expect(store.pushParity(info, parity)).toBe('refused')
  expect(store.recover(5)).toBeUndefined()
  expect(store.heldBytes).toBe(0)
})

test('parity counts among the held bytes, one message per frame, and goes with its frame', () => {
  const { parity, push, info } = parityFrame(5, [40, 50, 60])
  const store = new SliceStore()
  push(store, 0)
  store.pushParity(info, parity)
  expect(store.pushParity(info, parity)).toBe('duplicate')
  expect(store.heldBytes).toBe(40 + parity.length)
  store.advance()
  expect(store.heldBytes).toBe(0)
  let held = 0
  const flood = new SliceStore()
  push(flood, 0)
  for (let frame = 5; frame < 5 + REACH; frame += 1)
    if (flood.pushParity({ ...info, frame }, new Uint8Array(1106)) === 'held') held += 1
  expect(held).toBeLessThanOrEqual(REACH)
  flood.clear()
  expect(flood.heldBytes).toBe(0)
})
