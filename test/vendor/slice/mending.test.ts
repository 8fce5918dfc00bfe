// Mending: macroblocks of frame n + 1 that stand in for frame n, painted before their time.

import { expect, test } from 'vitest'
import { SliceDecoder, SliceEncoder } from '../../../vendor/asciline/index.ts'
import { filmlike, LOW, seededRandom } from '../moving-pictures.ts'

test('no macroblock is older after mending than it was before, and none is newer than the frame that is due', () => {
  const encoder = new SliceEncoder({ ...LOW, bytesPerSecond: 1e6 })
  const programme = filmlike(LOW)
  const random = seededRandom(3)
  const frames = Array.from({ length: 80 }, (_, frame) =>
    encoder.encode(programme(Math.floor(frame / 2)), frame, 0).filter(() => random() < 0.6),
  )
  const decoder = new SliceDecoder(LOW)
  const stamps = () => Array.from({ length: decoder.picture.macroblocks }, (_, at) => decoder.paintedAt(at))
  let renewed = 0
  for (const [frame, messages] of frames.slice(0, -1).entries()) {
    for (const message of messages) decoder.decode(message)
    const before = stamps()
    for (const message of frames[frame + 1]) decoder.mend(message)
    for (const [macroblock, after] of stamps().entries()) {
      expect(after).toBeGreaterThanOrEqual(before[macroblock])
      if (after === before[macroblock]) continue
      expect(after === frame).toBe(true)
      renewed += 1
    }
  }
  expect(renewed).toBeGreaterThan(100)
})

test('a join mends nothing, nor does a slice of another epoch or a heartbeat', () => {
  const encoder = new SliceEncoder({ ...LOW, bytesPerSecond: 1e6 })
  const rgb = filmlike(LOW)(0)
  const first = encoder.encode(rgb, 0, 3)
  const second = encoder.encode(rgb, 1, 3)
  const decoder = new SliceDecoder(LOW)
  const blank = decoder.picture.y.slice()
  for (const message of [...first, ...second]) expect(decoder.mend(message)).toBe(false)
  decoder.epoch(3)
  for (const message of encoder.encodeJoin(3)) expect(decoder.mend(message)).toBe(false)
  expect(decoder.mend(Uint8Array.of(0, 0, 0, 1, 0x11, 0, 0x31, 0))).toBe(true)
  for (const message of first) decoder.mend(message)
  expect(decoder.picture.y).toEqual(blank)
  for (const message of second) expect(decoder.mend(message)).toBe(true)
  expect(decoder.picture.y).not.toEqual(blank)
})
