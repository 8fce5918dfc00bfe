// Chooses the levels of a block together: what each saves in distortion against what it costs in bits, given the others.
//
// Coefficients that round to zero anyway are zeros; every other one is a candidate for the level it rounds to and, where
// that is close, the one below. A path through the candidates is remembered by the magnitude it has just coded, 0, 1 or above: the
// price of what comes next depends on that and on the one before it, which is the survivor's. Three paths, then, of which
// one is left after a zero.

import {
  BAND_AT,
  BAND_PRICE,
  bandPrices,
  ENDS,
  GOES_ON,
  HIGHEST_PRICED,
  MAGNITUDE_PRICE,
  MAGNITUDES_AT,
  magnitudePrices,
  NOT_ZERO,
  ZERO,
  ZERO_RUN_PRICE,
  zeroRunPrices,
} from './level-prices.ts'

const PATHS = 3
const SIZE = 64
const CLOSED = 1e30
/** No level costs so many bits more than the one below that a coefficient this much nearer to it, in steps, would take that. */
const CLEARLY_NEARER = 0.2
const PRICES_PER_NEAR = HIGHEST_PRICED + 1

/** Fill `indexes` and `exact`, `choose`, read `magnitudes`. Allocates nothing after construction. */
export class Trellis {
  /** Zig-zag indexes of the candidates, ascending, and their coefficients without sign, in steps. */
  readonly indexes = new Uint8Array(SIZE)
  readonly exact = new Float64Array(SIZE)
  /** What `choose` made of them. */
  readonly magnitudes = new Uint16Array(SIZE)

  /** Per candidate and path: what it codes, and which path of the candidate before it goes on. */
  readonly #coded = new Uint16Array(SIZE * PATHS)
  readonly #origins = new Uint8Array(SIZE * PATHS)

  /**
   * `bitsPerSquare` is what a squared step of distortion is worth; `plane` and `busy` are those of the prices. Runs for every block
   * with a candidate, a few hundred a frame: the three paths are variables because arrays of three took twice as long.
   */
  choose(candidates: number, plane: number, busy: number, bitsPerSquare: number): void {
    const zeroRun = zeroRunPrices(plane, busy)
    const bands = bandPrices(plane, busy)
    const magnitudes = magnitudePrices(plane)
    const { indexes, exact } = this
    const coded = this.#coded
    const origins = this.#origins
    // By the magnitude last coded: bits so far, the magnitude before that, and the path at the candidate before.
    let cost0 = CLOSED
    let before0 = 0
    // As if a 1 came before the first index, and a 0 before that.
    let cost1 = 0
    let before1 = 0
    let cost2 = CLOSED
    let before2 = 0
    let best = BAND_PRICE[bands + BAND_AT[1] + ENDS]
    let bestEnd = -1
    let bestPath = 0
    let index = 1
    for (let candidate = 0; candidate < candidates; candidate += 1) {
      const target = indexes[candidate]
      let origin0 = 0
      if (index < target) {
        // All paths code a zero here, and the cheapest goes on alone.
        const prices = bands + BAND_AT[index]
        cost0 += BAND_PRICE[prices + ZERO + before0]
        cost1 += BAND_PRICE[prices + ZERO + 1 + before1] + BAND_PRICE[prices + GOES_ON]
        cost2 += BAND_PRICE[prices + ZERO + 2 + before2] + BAND_PRICE[prices + GOES_ON + 1]
        before0 = 0
        if (cost1 < cost0) {
          cost0 = cost1
          before0 = 1
        }
        if (cost2 < cost0) {
          cost0 = cost2
          before0 = 2
        }
        origin0 = before0
        cost1 = CLOSED
        cost2 = CLOSED
        index += 1
        if (index < target) {
          cost0 += BAND_PRICE[bands + BAND_AT[index] + ZERO + before0]
          cost0 += ZERO_RUN_PRICE[zeroRun + target] - ZERO_RUN_PRICE[zeroRun + index + 1]
          before0 = 0
          index = target
        }
      }
      const prices = bands + BAND_AT[index]
      const near0 = before0
      const near1 = 1 + before1
      const near2 = 2 + before2
      const open1 = cost1 + BAND_PRICE[prices + GOES_ON]
      const open2 = cost2 + BAND_PRICE[prices + GOES_ON + 1]
      const value = exact[candidate]
      const high = (value + 0.5) | 0
      const low = high > 1 && value - high < CLEARLY_NEARER - 0.5 ? high - 1 : high
      const row = candidate * PATHS
      let next0 = CLOSED
      let next1 = CLOSED
      let next2 = CLOSED
      let from0 = 0
      let from1 = 0
      let from2 = 0
      if (high === 1) {
        next0 = cost0 + BAND_PRICE[prices + ZERO + near0]
        const zero1 = open1 + BAND_PRICE[prices + ZERO + near1]
        const zero2 = open2 + BAND_PRICE[prices + ZERO + near2]
        if (zero1 < next0) {
          next0 = zero1
          from0 = 1
        }
        if (zero2 < next0) {
          next0 = zero2
          from0 = 2
        }
        coded[row] = 0
      }
      const entry0 = cost0 + BAND_PRICE[prices + NOT_ZERO + near0]
      const entry1 = open1 + BAND_PRICE[prices + NOT_ZERO + near1]
      const entry2 = open2 + BAND_PRICE[prices + NOT_ZERO + near2]
      const byNear = magnitudes + MAGNITUDES_AT[index]
      const row0 = byNear + near0 * PRICES_PER_NEAR
      const row1 = byNear + (near1 > 2 ? 2 : near1) * PRICES_PER_NEAR
      const row2 = byNear + 2 * PRICES_PER_NEAR
      for (let magnitude = low; magnitude <= high; magnitude += 1) {
        const priced = magnitude > HIGHEST_PRICED ? HIGHEST_PRICED : magnitude
        let cost = entry0 + MAGNITUDE_PRICE[row0 + priced]
        let from = 0
        const by1 = entry1 + MAGNITUDE_PRICE[row1 + priced]
        const by2 = entry2 + MAGNITUDE_PRICE[row2 + priced]
        if (by1 < cost) {
          cost = by1
          from = 1
        }
        if (by2 < cost) {
          cost = by2
          from = 2
        }
        cost -= (2 * value - magnitude) * magnitude * bitsPerSquare
        if (magnitude === 1) {
          next1 = cost
          from1 = from
          coded[row + 1] = 1
        } else if (cost < next2) {
          next2 = cost
          from2 = from
          coded[row + 2] = magnitude
        }
      }
      origins[row] = from0 === 0 ? origin0 : from0
      origins[row + 1] = from1 === 0 ? origin0 : from1
      origins[row + 2] = from2 === 0 ? origin0 : from2
      cost0 = next0
      cost1 = next1
      cost2 = next2
      before0 = from0
      before1 = from1
      before2 = from2
      index += 1
      const ends = bands + BAND_AT[index & 63] + ENDS
      const end1 = cost1 + (index < SIZE ? BAND_PRICE[ends] : 0)
      const end2 = cost2 + (index < SIZE ? BAND_PRICE[ends + 1] : 0)
      if (end1 < best) {
        best = end1
        bestEnd = candidate
        bestPath = 1
      }
      if (end2 < best) {
        best = end2
        bestEnd = candidate
        bestPath = 2
      }
    }
    this.#trace(candidates, bestEnd, bestPath)
  }

  #trace(candidates: number, end: number, endPath: number): void {
    for (let candidate = end + 1; candidate < candidates; candidate += 1) this.magnitudes[candidate] = 0
    for (let candidate = end, path = endPath; candidate >= 0; candidate -= 1) {
      this.magnitudes[candidate] = this.#coded[candidate * PATHS + path]
      path = this.#origins[candidate * PATHS + path]
    }
  }
}
