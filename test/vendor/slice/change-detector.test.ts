import { beforeEach, expect, test } from 'vitest'
import { fillPicture, Picture } from '../../../vendor/asciline/index.ts'
import { ChangeDetector } from '../../../vendor/asciline/slice/change-detector.ts'
import { flat, LOW } from '../moving-pictures.ts'

const ALL = 56
let detector: ChangeDetector
let picture: Picture
const addresses = new Uint16Array(ALL)

/** What frame `frame` sends; all of it counts as sent. */
function send(frame: number): number[] {
  const chosen = Array.from(addresses.subarray(0, detector.select(picture, frame, addresses)))
  for (const macroblock of chosen) detector.markSent(picture, macroblock, frame)
  return chosen
}

beforeEach(() => {
  // A refresh slower than the test, so that only changes and repeats show.
  detector = new ChangeDetector({ ...LOW, refreshFrames: 100_000 })
  picture = new Picture(LOW)
  fillPicture(picture, flat(LOW, 100))
})

test('the first frame sends everything', () => {
  expect(send(0)).toEqual(Array.from({ length: ALL }, (_, macroblock) => macroblock))
})

test('everything is repeated 1 and 3 frames after its change, and then no more', () => {
  expect([0, 1, 2, 3, 4, 5, 6].map((frame) => send(frame).length)).toEqual([ALL, ALL, 0, ALL, 0, 0, 0])
})

test('a change during the repeats starts them anew, for that block alone', () => {
  for (let frame = 0; frame < 10; frame += 1) send(frame)
  picture.y[0] += 30
  expect(send(10)).toEqual([0])
  expect(send(11)).toEqual([0])
  picture.y[0] += 30
  expect([12, 13, 14, 15, 16, 17].map((frame) => send(frame))).toEqual([[0], [0], [], [0], [], []])
})

test('repeats that a skipped frame index passed over are made up for', () => {
  send(0)
  expect(send(2)).toHaveLength(ALL)
  expect(send(5)).toHaveLength(ALL)
  expect(send(6)).toHaveLength(0)
})

test.each([
  ['one luma sample by 25', 'y', 25, 1, true],
  ['one luma sample by 24', 'y', 24, 1, false],
  ['every luma sample by 3', 'y', 3, 128, false],
  ['every luma sample by 4', 'y', 4, 128, true],
  ['one chroma sample by 25', 'cr', 25, 1, true],
  ['one chroma sample by 24', 'cb', 24, 1, false],
  ['every sample of one chroma plane by 6', 'cb', 6, 64, false],
  ['every sample of one chroma plane by 7', 'cr', 7, 64, true],
] as const)('%s: %s %s over %s samples changes the block: %s', (_, plane, by, samples, changed) => {
  for (let frame = 0; frame < 10; frame += 1) send(frame)
  const stride = plane === 'y' ? picture.stride : picture.chromaStride
  const width = plane === 'y' ? 16 : 8
  for (let sample = 0; sample < samples; sample += 1) {
    picture[plane][Math.floor(sample / width) * stride + (sample % width)] += by
  }
  expect(send(10)).toEqual(changed ? [0] : [])
})

test('a slow drift is measured against what was last sent, so it counts in the end', () => {
  for (let frame = 0; frame < 10; frame += 1) send(frame)
  const sent: number[] = []
  for (let frame = 10; frame < 18; frame += 1) {
    picture.y.fill(100 + (frame - 9))
    if (send(frame).length > 0) sent.push(frame)
  }
  // Level 104 is the first more than 3 away; its repeats on frames 14 and 16 carry what the source is by then.
  expect(sent).toEqual([13, 14, 16])
})

test('what was chosen but not sent stays changed', () => {
  detector.select(picture, 0, addresses)
  detector.markSent(picture, 7, 0)
  expect(detector.wasSent(7)).toBe(true)
  expect(detector.wasSent(8)).toBe(false)
  expect(send(1)).toHaveLength(ALL)
})

test('after a reset everything goes out again', () => {
  for (let frame = 0; frame < 10; frame += 1) send(frame)
  detector.reset()
  expect(send(0)).toHaveLength(ALL)
})

test('a still picture is refreshed within a round, and then every round and a half, the oldest first', () => {
  const round = 24
  detector = new ChangeDetector({ ...LOW, refreshFrames: round })
  const sentAt = new Map<number, number[]>()
  for (let frame = 0; frame < 200; frame += 1) {
    const chosen = send(frame)
    if (frame > 3) expect(chosen.length).toBeLessThanOrEqual(Math.ceil(ALL / round))
    for (const macroblock of chosen) sentAt.set(macroblock, [...(sentAt.get(macroblock) ?? []), frame])
  }
  expect(sentAt.size).toBe(ALL)
  for (const frames of sentAt.values()) {
    // The change, the mending, the repeat; then the refresh.
    const [, , repeat, first, ...later] = frames
    expect(first - repeat).toBeLessThanOrEqual(1.5 * round)
    for (const [index, frame] of later.entries()) {
      const wait = frame - (index === 0 ? first : later[index - 1])
      expect(wait).toBeGreaterThan(1.4 * round)
      expect(wait).toBeLessThan(2 * round)
    }
  }
})

test('what moves all the time is not refreshed on top', () => {
  detector = new ChangeDetector({ ...LOW, refreshFrames: 24 })
  for (let frame = 0; frame < 60; frame += 1) {
    fillPicture(picture, flat(LOW, frame % 2 === 0 ? 50 : 200))
    expect(send(frame)).toHaveLength(ALL)
  }
})
