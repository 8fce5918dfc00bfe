import { expect, test } from 'vitest'
import { FrameWindow } from '../../../src/transport/frame-window.ts'
import { frame } from './studio.ts'

/** Frames it lets through before it waits. */
function fill(window: FrameWindow): number {
  let index = 0
  while (window.push(frame(index)) !== undefined) index += 1
  return index
}

test('a few frames are under way at once, and the next waits', () => {
  const window = new FrameWindow()
  expect(window.push(frame(0))).toMatchObject({ number: 0, frame: { index: 0 } })
  const letThrough = fill(window)
  expect(letThrough).toBeGreaterThan(1)
  expect(letThrough).toBeLessThan(10)
  expect(window.replaced).toBe(0)
})

test('of a thousand frames that nobody takes one waits, the newest', () => {
  const window = new FrameWindow()
  const underWay = fill(window)
  for (let index = underWay + 1; index <= 1000; index += 1) expect(window.push(frame(index))).toBeUndefined()
  expect(window.replaced).toBe(1000 - underWay)
  expect(window.taken(0)).toMatchObject({ number: underWay, frame: { index: 1000 } })
  expect(window.taken(0)).toBeUndefined()
})

test('one acknowledgement stands for all before it', () => {
  const window = new FrameWindow()
  const underWay = fill(window)
  expect(window.taken(underWay - 1)?.number).toBe(underWay)
  expect(fill(window)).toBe(underWay - 1)
})

test('an acknowledgement of what was never sent, or was acknowledged before, makes no room', () => {
  const window = new FrameWindow()
  const underWay = fill(window)
  for (const number of [underWay, 1e9, -1, Number.NaN, 0.5 - 1]) expect(window.taken(number)).toBeUndefined()
  expect(window.taken(0)?.number).toBe(underWay)
  expect(window.push(frame(50))).toBeUndefined()
  expect(window.taken(0)).toBeUndefined()
})

test('when the other side is gone nothing is under way and nothing waits', () => {
  const window = new FrameWindow()
  const underWay = fill(window)
  window.clear()
  expect(window.taken(0)).toBeUndefined()
  // Numbers go on: an acknowledgement of the one before cannot be taken for one of the next.
  expect(window.push(frame(99))?.number).toBe(underWay)
})
