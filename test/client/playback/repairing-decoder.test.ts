// What comes after its time: put where it belongs, whatever was painted since.

import { expect, test } from 'vitest'
import { RepairingDecoder } from '../../../client/playback/repairing-decoder.ts'
import { digestPicture, SliceDecoder, SliceEncoder } from '../../../vendor/asciline/index.ts'
import { filmlike, LOW, seededRandom } from '../../vendor/moving-pictures.ts'

const EPOCH = 4
const FRAMES = 150
const programme = filmlike(LOW)

function encoded(): Uint8Array[][] {
  const encoder = new SliceEncoder({ ...LOW, fps: 25, bytesPerSecond: 1e6 })
  return Array.from({ length: FRAMES }, (_, frame) => encoder.encode(programme(frame), frame, EPOCH))
}

/** Pictures of a decoder that gets everything in time, frame by frame. */
function unharmed(frames: Uint8Array[][]): number[] {
  const decoder = new SliceDecoder(LOW)
  decoder.epoch(EPOCH)
  return frames.map((slices) => {
    for (const slice of slices) decoder.decode(slice)
    return digestPicture(decoder.picture)
  })
}

type Playing = {
  /** Share of slices that come late, and by how many frames at most. */
  late: number
  mostFrames: number
  /** What is missing is mended, as a player does. */
  mending: boolean
}

/** Plays with some slices late; says for each frame whether all slices up to it had come and whether it was right. */
function play(decoder: Pick<RepairingDecoder, 'decode' | 'mend' | 'picture'>, options: Playing) {
  const { late, mostFrames, mending } = options
  const random = seededRandom(5)
  const frames = encoded()
  const right = unharmed(frames)
  const waiting: { frame: number; at: number; slice: Uint8Array }[] = []
  const arrived = frames.map((slices, frame) =>
    slices.filter((slice) => {
      if (frame === 0 || random() >= late) return true
      waiting.push({ frame, at: frame + 1 + Math.floor(random() * mostFrames), slice })
      return false
    }),
  )
  return arrived.map((slices, frame) => {
    for (const { at, slice } of waiting) if (at === frame) decoder.decode(slice)
    for (const slice of slices) decoder.decode(slice)
    if (mending && slices.length < frames[frame]!.length)
      for (const slice of arrived[frame + 1] ?? []) decoder.mend(slice)
    const whole = !waiting.some((late) => late.frame <= frame && late.at > frame)
    return { whole, right: digestPicture(decoder.picture) === right[frame] }
  })
}

const repairing = () => {
  const decoder = new RepairingDecoder(LOW)
  decoder.epoch(EPOCH)
  return decoder
}

test.each([
  { late: 0.05, mostFrames: 6, mending: false },
  { late: 0.05, mostFrames: 6, mending: true },
  { late: 0.2, mostFrames: 3, mending: true },
])('with %o the picture is right whenever nothing is missing', (options) => {
  const frames = play(repairing(), options)
  expect(frames.filter(({ whole }) => whole).length).toBeGreaterThan(20)
  expect(frames.filter(({ whole }) => !whole).length).toBeGreaterThan(10)
  expect(frames.flatMap(({ whole, right }, frame) => (whole && !right ? [frame] : []))).toEqual([])
})

test('a plain decoder stays wrong for longer', () => {
  const plain = new SliceDecoder(LOW)
  plain.epoch(EPOCH)
  const frames = play(plain, { late: 0.2, mostFrames: 3, mending: true })
  expect(frames.filter(({ whole, right }) => whole && !right).length).toBeGreaterThan(0)
})

test('frames that were lost whole, of which one comes back, and a programme that goes on elsewhere', () => {
  const frames = encoded()
  const right = unharmed(frames)
  const decoder = repairing()
  const decode = (...numbers: number[]) => {
    for (const number of numbers) for (const slice of frames[number]!) decoder.decode(slice)
  }
  decode(0, 1, 4)
  decode(3)
  decode(2)
  expect(digestPicture(decoder.picture)).toBe(right[4])
  // Beyond what is waited for the base follows without the missing ones.
  decode(60)
  for (let frame = 61; frame < 120; frame += 1) decode(frame)
  expect(digestPicture(decoder.picture)).toBe(right[119])
})

test('refused slices are not kept, and another epoch forgets the ones that were', () => {
  const decoder = repairing()
  const [first, second] = encoded()
  expect(decoder.decode(first![0]!.subarray(0, 7))).toBe(false)
  for (const slice of second!) decoder.decode(slice)
  decoder.epoch(EPOCH + 1)
  expect(decoder.decode(first![0]!)).toBe(false)
  expect(decoder.mend(new Uint8Array(0))).toBe(false)
})

test('a flood of slices of one frame is kept only in part', () => {
  const decoder = repairing()
  const frames = encoded()
  const right = unharmed(frames)
  for (const slice of frames[0]!) for (let copy = 0; copy < 400; copy += 1) decoder.decode(slice)
  for (const slice of frames[1]!) decoder.decode(slice)
  expect(digestPicture(decoder.picture)).toBe(right[1])
})
