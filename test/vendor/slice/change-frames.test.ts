// Whole frames and frames of changes take turns, so that a lost slice spoils as few frames as can be.

import { expect, test } from 'vitest'
import { fillPicture, Picture } from '../../../vendor/asciline/index.ts'
import { ChangeDetector } from '../../../vendor/asciline/slice/change-detector.ts'
import { ChangeFrames } from '../../../vendor/asciline/slice/change-frames.ts'
import { CHANGING, WHOLE } from '../../../vendor/asciline/slice/contexts.ts'
import { flat } from '../moving-pictures.ts'

// Ten macroblocks in a row.
const GRID = { cols: 160, rows: 8 }

/** A detector whose macroblocks last went out in these frames, and that has seen all of them move since. */
function movedSince(sentAt: number[], frame: number): { changes: ChangeDetector; addresses: Uint16Array } {
  const changes = new ChangeDetector({ ...GRID, refreshFrames: 30 })
  const picture = new Picture(GRID)
  const addresses = new Uint16Array(2 * picture.macroblocks)
  for (let at = 0; at < frame; at += 1) {
    changes.select(picture, at, addresses)
    for (const [macroblock, sent] of sentAt.entries())
      if (sent === at) changes.markSent(picture, macroblock, at)
  }
  fillPicture(picture, flat(GRID, 200))
  changes.select(picture, frame, addresses)
  return { changes, addresses }
}

function decided(sentAt: number[], modes: number[], frame: number): ChangeFrames {
  const { changes, addresses } = movedSince(sentAt, frame)
  const frames = new ChangeFrames()
  frames.begin(changes, Uint8Array.from(modes), addresses, sentAt.length, frame)
  return frames
}

test('behind a frame that was whole comes one of changes', () => {
  const frames = decided(new Array(10).fill(9), new Array(10).fill(WHOLE), 10)
  expect(frames.allows(9)).toBe(true)
})

test('behind a frame of changes comes a whole one, also where few bases are fresh', () => {
  const modes = new Array(10).fill(CHANGING)
  modes.fill(WHOLE, 0, 2)
  const frames = decided(new Array(10).fill(9), modes, 10)
  expect(frames.allows(9)).toBe(false)
})

test('a base that has been repeated by now may be changed in any frame', () => {
  const frames = decided([2, 2, ...new Array(8).fill(9)], [WHOLE, WHOLE, ...new Array(8).fill(CHANGING)], 10)
  expect(frames.allows(9)).toBe(false)
  expect(frames.allows(6)).toBe(true)
  expect(frames.allows(2)).toBe(true)
})

test('where nothing has moved nothing is built on', () => {
  const { changes, addresses } = movedSince(new Array(10).fill(9), 10)
  const frames = new ChangeFrames()
  frames.begin(changes, new Uint8Array(10), addresses, 0, 10)
  expect(frames.allows(9)).toBe(false)
})
