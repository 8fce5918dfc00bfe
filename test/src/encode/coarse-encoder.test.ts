// The second encoding: there while somebody needs it, and complete from the frame on at which somebody comes.

import { expect, test } from 'vitest'
import { CoarseEncoder } from '../../../src/encode/coarse-encoder.ts'
import { PRESETS } from '../../../src/encode/preset.ts'
import { digestPicture, SliceDecoder } from '../../../vendor/asciline/index.ts'
import { filmlike } from '../../vendor/moving-pictures.ts'

const preset = PRESETS.high
const programme = filmlike(preset)
const EPOCH = 5

function decoder(): SliceDecoder {
  const made = new SliceDecoder(preset)
  made.epoch(EPOCH)
  return made
}

test('nothing is encoded while nobody needs it', () => {
  const coarse = new CoarseEncoder(preset)
  expect(coarse.encode(programme(0), 0, EPOCH, 0)).toBeUndefined()
  expect(coarse.encode(programme(1), 1, EPOCH, 1)?.isWhole).toBe(true)
  expect(coarse.encode(programme(2), 2, EPOCH, 1)?.isWhole).toBe(false)
  expect(coarse.encode(programme(3), 3, EPOCH, 0)).toBeUndefined()
  expect(coarse.encode(programme(4), 4, EPOCH, 1)?.isWhole).toBe(true)
})

test('who comes second gets a whole picture, and shows what the first one shows as soon as it has all of it', () => {
  const coarse = new CoarseEncoder(preset)
  const [first, second] = [decoder(), decoder()]
  for (let frame = 0; frame < 90; frame += 1) {
    const made = coarse.encode(programme(frame), frame, EPOCH, frame < 30 ? 1 : 2)
    expect(made?.isWhole).toBe(frame === 0 || frame === 30)
    for (const slice of made?.slices ?? []) {
      expect(first.decode(slice)).toBe(true)
      if (frame >= 30) second.decode(slice)
    }
  }
  expect(digestPicture(second.picture)).toBe(digestPicture(first.picture))
})

test('it takes less than half of what the budget of the preset allows', () => {
  const coarse = new CoarseEncoder(preset)
  let bytes = 0
  for (let frame = 0; frame < 120; frame += 1)
    for (const slice of coarse.encode(programme(frame), frame, EPOCH, 1)?.slices ?? [])
      bytes += slice.length + 93
  expect(bytes / 4).toBeLessThan(preset.bytesPerSecond * 0.5)
})
