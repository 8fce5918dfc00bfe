// When a viewer asks for a slice again: not before it should have come, not when it would come too late, not for ever.

import { expect, test } from 'vitest'
import { GapWatch, gapOf } from '../../../client/playback/gap-watch.ts'
import { FrameRecord } from '../../../client/playback/slice-store.ts'
import { localTime, type SliceHeader } from '../../../vendor/asciline/index.ts'

const times = { leftAt: 1000, shownAt: 1080 }
const RTT = 30

/** A path on which every frame takes 15 ms. */
function watchOfSteadyPath(): GapWatch {
  const watch = new GapWatch()
  for (let frame = 0; frame < 200; frame++) watch.arrived(frame, 15, localTime(0))
  return watch
}

function record(slices: number[], last?: number): FrameRecord {
  const made = new FrameRecord()
  made.reset(9)
  for (const slice of slices) {
    made.mark({ slice, last: slice === last } as SliceHeader, localTime(0))
  }
  return made
}

test('a frame is missed one usual delay after it left, and a little patience', () => {
  const watch = watchOfSteadyPath()
  expect(watch.due(500, times, RTT, localTime(1015))).toBe(false)
  expect(watch.due(500, times, RTT, localTime(1020))).toBe(true)
})

test('before any frame has come nothing is missed: nobody knows how long the path is', () => {
  expect(new GapWatch().due(500, times, RTT, localTime(1040))).toBe(false)
})

test('a path whose delay varies gets more patience', () => {
  const watch = new GapWatch()
  for (let frame = 0; frame < 200; frame++) watch.arrived(frame, frame % 2 === 0 ? 10 : 20, localTime(0))
  expect(watch.due(500, times, RTT, localTime(1022))).toBe(false)
  expect(watch.due(500, times, RTT, localTime(1036))).toBe(true)
})

test('what would come a little after its time is asked for, because it repairs the frames after it; later nothing is', () => {
  expect(watchOfSteadyPath().due(500, times, RTT, localTime(1300))).toBe(true)
  expect(watchOfSteadyPath().due(500, times, RTT, localTime(1350))).toBe(false)
})

test('while there is time to wait for the answer a question is repeated after it, ten times at most', () => {
  const watch = watchOfSteadyPath()
  const patient = { leftAt: 1000, shownAt: 2000 }
  watch.asked(500, patient, RTT, localTime(1020))
  expect(watch.due(500, patient, RTT, localTime(1040))).toBe(false)
  for (const at of [1060, 1100, 1140, 1180, 1220, 1260, 1300, 1340, 1380]) {
    expect(watch.due(500, patient, RTT, localTime(at)), `${at}`).toBe(true)
    watch.asked(500, patient, RTT, localTime(at))
  }
  expect(watch.due(500, patient, RTT, localTime(1500))).toBe(false)
})

test('when there is none, it is repeated a moment later, once, so that one loss does not hit both', () => {
  const watch = watchOfSteadyPath()
  watch.asked(500, times, RTT, localTime(1020))
  expect(watch.due(500, times, RTT, localTime(1028))).toBe(false)
  expect(watch.due(500, times, RTT, localTime(1030))).toBe(true)
  watch.asked(500, times, RTT, localTime(1030))
  expect(watch.due(500, times, RTT, localTime(1041))).toBe(false)
})

test('frames that needed the answer to a question do not make the path look slow', () => {
  const watch = watchOfSteadyPath()
  for (let frame = 500; frame < 540; frame++) {
    watch.asked(frame, times, RTT, localTime(1020))
    watch.arrived(frame, 400, localTime(1051))
  }
  expect(watch.due(600, times, RTT, localTime(1020))).toBe(true)
})

test('a path that has become longer is learned from frames that came before any answer could', () => {
  const watch = watchOfSteadyPath()
  for (let frame = 500; frame < 600; frame++) {
    watch.asked(frame, times, RTT, localTime(1020))
    watch.arrived(frame, 35, localTime(1035))
  }
  expect(watch.due(600, times, RTT, localTime(1034))).toBe(false)
})

test('a gap names the slices that are missing, and where the unknown end begins', () => {
  expect(gapOf(record([0, 2, 3], 3))).toEqual({ frame: 9, slices: [1] })
  expect(gapOf(record([1]))).toEqual({ frame: 9, slices: [0], from: 2 })
  expect(gapOf(record([]))).toEqual({ frame: 9, slices: [], from: 0 })
})
