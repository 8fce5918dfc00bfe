// Keeps black black beside a picture: what lies below black is cut off by every viewer, so black samples may aim there.
//
// A block that holds the edge of a letterbox rings into the bar, by a few levels up and down, and the ups show as specks: glyphs
// where there should be none. Aimed half a step below zero, nearly all of them stay at or under it, and nobody sees how far.

import { forwardDctOfChange } from './dct.ts'

/** In steps. */
const BELOW = 0.5

const aims = new Uint8Array(64)
const zeros = new Uint8Array(64)
const transformedAims = new Float64Array(64)

/** Lowers the black samples of an 8x8 block in `transformed`, its transform; `quarters` is the step. */
export function aimBelowBlack(
  samples: Uint8Array,
  at: number,
  stride: number,
  quarters: number,
  transformed: Float64Array,
): void {
  const below = Math.round((BELOW * quarters) / 4)
  let black = 0
  for (let row = 0, from = at, to = 0; row < 8; row += 1, from += stride) {
    for (let sample = from; sample < from + 8; sample += 1, to += 1) {
      const value = samples[sample]
      aims[to] = value === 0 ? below : 0
      black += value === 0 ? 1 : 0
    }
  }
  if (black === 0) return
  // The transform of a difference is the difference of the transforms.
  forwardDctOfChange(aims, zeros, 0, 8, transformedAims)
  for (let index = 0; index < 64; index += 1) transformed[index] -= transformedAims[index]
}
