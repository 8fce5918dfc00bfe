// What levels cost in bits before a slice has adapted: the start table read as a price list, to choose codings by.

import {
  BAND_OF_INDEX,
  BANDS,
  CLASSES,
  END,
  LARGER,
  LARGEST,
  NONZERO,
  PLANE_CONTEXTS,
  UNARY_AC,
} from './contexts.ts'
import { START_TABLE } from './start-table.ts'

const PLANES = 4
const LEVELS_PER_BLOCK = 64

/** Larger magnitudes are priced like this one: between two neighbours up there bits decide nothing. */
export const HIGHEST_PRICED = 15

/** What stands where in the prices of one band: */
export const ZERO = 0
export const NOT_ZERO = 5
export const GOES_ON = 10
export const ENDS = 12
const BAND_PRICES = 14

/**
 * Per plane, busyness and band, from `bandPrices` and BAND_AT on: a zero and another level (with its sign, without its magnitude) by
 * `near`; that the block goes on, and that it ends, after a magnitude of 1 and above.
 */
export const BAND_PRICE: Float64Array = new Float64Array(PLANES * CLASSES * BANDS * BAND_PRICES)

/** Per plane, band and `near` up to 2, from `magnitudePrices` and MAGNITUDES_AT on: magnitudes 1 to HIGHEST_PRICED. */
export const MAGNITUDE_PRICE: Float64Array = new Float64Array(PLANES * BANDS * 3 * (HIGHEST_PRICED + 1))

/** Per plane and busyness, from `zeroRunPrices` on: zeros after two zeros, of all zig-zag indexes below. */
export const ZERO_RUN_PRICE: Float64Array = new Float64Array(PLANES * CLASSES * LEVELS_PER_BLOCK)

/** Added to where a plane's prices begin: the band of a zig-zag index. */
export const BAND_AT: Uint16Array = Uint16Array.from(BAND_OF_INDEX, (band) => band * BAND_PRICES)
export const MAGNITUDES_AT: Uint16Array = Uint16Array.from(
  BAND_OF_INDEX,
  (band) => band * 3 * (HIGHEST_PRICED + 1),
)

/** Where prices begin; `plane` is where the contexts of its kind do. */
export function bandPrices(plane: number, busy: number): number {
  return ((plane / PLANE_CONTEXTS) * CLASSES + busy) * BANDS * BAND_PRICES
}

export function magnitudePrices(plane: number): number {
  return (plane / PLANE_CONTEXTS) * BANDS * 3 * (HIGHEST_PRICED + 1)
}

export function zeroRunPrices(plane: number, busy: number): number {
  return ((plane / PLANE_CONTEXTS) * CLASSES + busy) * LEVELS_PER_BLOCK
}

const noBits = (context: number) => -Math.log2(START_TABLE[context] / 65_536)
const yesBits = (context: number) => -Math.log2(1 - START_TABLE[context] / 65_536)

function writeBand(plane: number, busy: number, index: number): void {
  const at = bandPrices(plane, busy) + BAND_AT[index]
  const row = busy * BANDS + BAND_OF_INDEX[index]
  for (let near = 0; near < 5; near += 1) {
    BAND_PRICE[at + ZERO + near] = noBits(plane + NONZERO + row * 5 + near)
    BAND_PRICE[at + NOT_ZERO + near] = yesBits(plane + NONZERO + row * 5 + near) + 1
  }
  for (let large = 0; large < 2; large += 1) {
    BAND_PRICE[at + GOES_ON + large] = noBits(plane + END + row * 2 + large)
    BAND_PRICE[at + ENDS + large] = yesBits(plane + END + row * 2 + large)
  }
}

function writeMagnitudes(plane: number, index: number, near: number): void {
  const at = magnitudePrices(plane) + MAGNITUDES_AT[index] + near * (HIGHEST_PRICED + 1)
  const band = BAND_OF_INDEX[index]
  const larger = plane + LARGER + band * 3 + near
  const largest = plane + LARGEST + band * (UNARY_AC - 2)
  MAGNITUDE_PRICE[at + 1] = noBits(larger)
  let above = yesBits(larger)
  for (let magnitude = 2; magnitude <= HIGHEST_PRICED; magnitude += 1) {
    const decision = largest + Math.min(magnitude, UNARY_AC - 1) - 2
    MAGNITUDE_PRICE[at + magnitude] = above + noBits(decision)
    above += yesBits(decision)
  }
}

for (let kind = 0; kind < PLANES; kind += 1) {
  const plane = kind * PLANE_CONTEXTS
  for (let index = 1; index < LEVELS_PER_BLOCK; index += 1) {
    for (let near = 0; near < 3; near += 1) writeMagnitudes(plane, index, near)
    for (let busy = 0; busy < CLASSES; busy += 1) writeBand(plane, busy, index)
  }
  for (let busy = 0; busy < CLASSES; busy += 1) {
    const at = zeroRunPrices(plane, busy)
    for (let index = 2; index < LEVELS_PER_BLOCK; index += 1) {
      const before = BAND_PRICE[bandPrices(plane, busy) + BAND_AT[index - 1] + ZERO]
      ZERO_RUN_PRICE[at + index] = ZERO_RUN_PRICE[at + index - 1] + before
    }
  }
}

/**
 * Per plane and zig-zag index, from `lonelyPrices` on: how many bits a 1 behind two zeros costs more than another zero, where it is
 * cheapest.
 */
export const LONELY_PRICE: Float64Array = Float64Array.from(
  { length: PLANES * LEVELS_PER_BLOCK },
  (_, at) => {
    const index = at % LEVELS_PER_BLOCK
    if (index === 0) return 0
    const plane = Math.floor(at / LEVELS_PER_BLOCK) * PLANE_CONTEXTS
    const one = MAGNITUDE_PRICE[magnitudePrices(plane) + MAGNITUDES_AT[index] + 1]
    const dearer = Array.from({ length: CLASSES }, (_, busy) => {
      const prices = bandPrices(plane, busy) + BAND_AT[index]
      return BAND_PRICE[prices + NOT_ZERO] - BAND_PRICE[prices + ZERO]
    })
    return Math.min(...dearer) + one
  },
)

export function lonelyPrices(plane: number): number {
  return (plane / PLANE_CONTEXTS) * LEVELS_PER_BLOCK
}
