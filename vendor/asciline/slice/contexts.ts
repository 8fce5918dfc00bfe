// Which adaptive probability codes which decision. The layout is part of the wire format.
//
//   per kind of plane (luma, chroma), PLANE_CONTEXTS each
//     END        band * 3 + neighbour    no coefficient from here on is non-zero
//     NONZERO    band * 3 + neighbour    this coefficient is not zero
//     LARGER     band * 13 + k           magnitude is above k + 1, k = 0..12
//     DC         k                       DC difference: not zero, above 1, above 2, .. above 19
//   once
//     RUN        k                       macroblocks skipped: not zero, above 1, .. above 19
//
// band = frequency band of the zig-zag index; neighbour = previous coefficient of the block was 0, 1, or larger
// (1 before the first). A probability is of the decision being NO, in 1/2048.

/** Probabilities are of 11 bits. */
export const PROBABILITY_BITS = 11

/** An adapted probability moves by 1/16 of its distance to what was seen. */
export const ADAPTATION_SHIFT = 4

export const BANDS = 7

/** Frequency band of each zig-zag index. */
export const BAND_OF_INDEX: Uint8Array = Uint8Array.from({ length: 64 }, (_, index) => {
  const firstOfNextBand = [2, 4, 7, 11, 16, 32, 64]
  return firstOfNextBand.findIndex((first) => index < first)
})

/** Magnitudes up to this are coded in unary, what lies above in Exp-Golomb. */
export const UNARY_AC = 14
export const UNARY_DC = 20

export const END = 0
export const NONZERO = END + BANDS * 3
export const LARGER = NONZERO + BANDS * 3
export const DC = LARGER + BANDS * (UNARY_AC - 1)
export const PLANE_CONTEXTS = DC + UNARY_DC
export const LUMA = 0
export const CHROMA = PLANE_CONTEXTS
export const RUN = 2 * PLANE_CONTEXTS
export const CONTEXTS = RUN + UNARY_DC

/** Levels are limited to this, on both sides: a damaged slice must not count beyond what doubles hold exactly. */
export const MAX_LEVEL = 4095
