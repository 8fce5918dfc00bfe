// Which adaptive probability codes which decision. The layout is part of the wire format.
//
//   per kind of plane (luma, chroma, change of luma, change of chroma), PLANE_CONTEXTS each
//     END        (busy * 10 + band) * 2 + large     no coefficient from here on is non-zero
//     NONZERO    (busy * 10 + band) * 5 + near      this coefficient is not zero
//     LARGER     band * 3 + min(near, 2)            magnitude is above 1
//     LARGEST    band * 12 + k                      magnitude is above k + 2, k = 0..11
//     DC         spread * 20 + k                    DC difference: not zero, above 1, above 2, .. above 19
//   once
//     RUN        k                                  macroblocks skipped: not zero, above 1, .. above 19
//     ONTO       mode of the macroblock before      this one is a change of what is shown
//     AGE        k                                  its base is more than k + 1 frames old, k = 0..18
//     MEND       mode of the macroblock before      this one stands in for the frame before
//     TOP                                           in a join: a change follows, onto what was just painted
//
// busy, spread: what the neighbouring blocks are like (neighbours.ts). band: frequency band of the zig-zag index. large: the
// previous coefficient was above 1. near: magnitudes of the previous two, each counted up to 2 (1 and 0 before the first).
// A probability is of the decision being NO.

/** Probabilities are of 16 bits, and coded with the upper 12. */
export const PROBABILITY_BITS = 12

/** A probability is the mean of a quick and a slow one, which move by 1/16 and 1/128 of their distance to what was seen. */
export const QUICK_SHIFT = 4
export const SLOW_SHIFT = 6

export const CLASSES = 4
export const BANDS = 10

/** Frequency band of each zig-zag index. */
export const BAND_OF_INDEX: Uint8Array = Uint8Array.from({ length: 64 }, (_, index) => {
  const firstOfNextBand = [2, 3, 5, 7, 10, 15, 21, 28, 40, 64]
  return firstOfNextBand.findIndex((first) => index < first)
})

/** Magnitudes up to this are coded in unary, what lies above in Exp-Golomb. */
export const UNARY_AC = 14
export const UNARY_DC = 20

export const SPREADS = 4

/** How a macroblock is coded: whole, standing in coarsely for the frame before, or as a change of what is shown. */
export const WHOLE = 0
export const MENDING = 1
export const CHANGING = 2
const MODES = 3

export const END = 0
export const NONZERO = END + CLASSES * BANDS * 2
export const LARGER = NONZERO + CLASSES * BANDS * 5
export const LARGEST = LARGER + BANDS * 3
export const DC = LARGEST + BANDS * (UNARY_AC - 2)
export const PLANE_CONTEXTS = DC + SPREADS * UNARY_DC
export const LUMA = 0
export const CHROMA = PLANE_CONTEXTS
export const ONTO_LUMA = 2 * PLANE_CONTEXTS
export const ONTO_CHROMA = 3 * PLANE_CONTEXTS
export const RUN = 4 * PLANE_CONTEXTS
export const ONTO = RUN + UNARY_DC
export const AGE = ONTO + MODES
export const MEND = AGE + UNARY_DC
export const TOP = MEND + MODES
export const CONTEXTS = TOP + 1

/** Levels are limited to this, on both sides: a damaged slice must not count beyond what doubles hold exactly. */
export const MAX_LEVEL = 4095
