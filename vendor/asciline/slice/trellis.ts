// Chooses the levels of a block together: what each saves in distortion against what it costs in bits, given the others.
//
// Coefficients that round to zero anyway are zeros; every other one is a candidate for the level it rounds to, the one
// below, and zero. A path through the candidates is remembered by the magnitude it has just coded, 0, 1 or above: the
// price of what comes next depends on that and on the one before it, which is the survivor's. Three paths, then, of which
// one is left after a zero.

import {
  BAND_PRICE,
  bandPrices,
  ENDS,
  GOES_ON,
  HIGHEST_PRICED,
  MAGNITUDE_PRICE,
  magnitudePrices,
  NOT_ZERO,
  ZERO,
  ZERO_RUN_PRICE,
  zeroRunPrices,
} from './level-prices.ts'

const PATHS = 3
const SIZE = 64
const CLOSED = 1e30
/** Above this a coefficient is not worth a zero. */
const NEVER_ZERO = 2

/** Fill `indexes` and `exact`, `choose`, read `magnitudes`. Allocates nothing after construction. */
export class Trellis {
  /** Zig-zag indexes of the candidates, ascending, and their coefficients without sign, in steps. */
  readonly indexes = new Uint8Array(SIZE)
  readonly exact = new Float64Array(SIZE)
  /** What `choose` made of them. */
  readonly magnitudes = new Uint16Array(SIZE)

  // By the magnitude last coded: bits so far, the magnitude before that, and the path at the candidate before.
  #cost = new Float64Array(PATHS)
  #before = new Uint8Array(PATHS)
  #origin = new Uint8Array(PATHS)
  #nextCost = new Float64Array(PATHS)
  #nextBefore = new Uint8Array(PATHS)
  /** Per candidate and path: what it codes, and which path of the candidate before it goes on. */
  readonly #coded = new Uint16Array(SIZE * PATHS)
  readonly #origins = new Uint8Array(SIZE * PATHS)

  /** `bitsPerSquare` is what a squared step of distortion is worth; `plane` and `busy` are those of the prices. */
  choose(candidates: number, plane: number, busy: number, bitsPerSquare: number): void {
    const zeroRun = zeroRunPrices(plane, busy)
    this.#cost.fill(CLOSED)
    // As if a 1 came before the first index, and a 0 before that.
    this.#cost[1] = 0
    this.#before[1] = 0
    let best = BAND_PRICE[bandPrices(plane, busy, 1) + ENDS]
    let bestEnd = -1
    let bestPath = 0
    let index = 1
    for (let candidate = 0; candidate < candidates; candidate += 1) {
      const target = this.indexes[candidate]
      if (index < target) {
        this.#codeZero(bandPrices(plane, busy, index))
        index += 1
      }
      if (index < target) {
        this.#cost[0] += BAND_PRICE[bandPrices(plane, busy, index) + ZERO + this.#before[0]]
        this.#cost[0] += ZERO_RUN_PRICE[zeroRun + target] - ZERO_RUN_PRICE[zeroRun + index + 1]
        this.#before[0] = 0
        index = target
      }
      this.#codeCandidate(candidate, plane, bandPrices(plane, busy, index), bitsPerSquare)
      index += 1
      const ends = index < SIZE ? bandPrices(plane, busy, index) + ENDS : -1
      for (let path = 1; path < PATHS; path += 1) {
        const cost = this.#cost[path] + (ends < 0 ? 0 : BAND_PRICE[ends + path - 1])
        if (cost < best) {
          best = cost
          bestEnd = candidate
          bestPath = path
        }
      }
    }
    this.magnitudes.fill(0, bestEnd + 1, candidates)
    for (let candidate = bestEnd, path = bestPath; candidate >= 0; candidate -= 1) {
      this.magnitudes[candidate] = this.#coded[candidate * PATHS + path]
      path = this.#origins[candidate * PATHS + path]
    }
  }

  // The cheapest path goes on alone: all of them now have coded a zero.
  #codeZero(prices: number): void {
    let best = CLOSED
    let survivor = 0
    for (let path = 0; path < PATHS; path += 1) {
      let cost = this.#cost[path] + BAND_PRICE[prices + ZERO + path + this.#before[path]]
      if (path > 0) cost += BAND_PRICE[prices + GOES_ON + path - 1]
      if (cost < best) {
        best = cost
        survivor = path
      }
    }
    this.#before[0] = survivor
    this.#origin[0] = this.#origin[survivor]
    this.#cost[0] = best
    this.#cost[1] = CLOSED
    this.#cost[2] = CLOSED
  }

  #codeCandidate(candidate: number, plane: number, prices: number, bitsPerSquare: number): void {
    const exact = this.exact[candidate]
    const high = Math.floor(exact + 0.5)
    const low = high > 1 ? high - 1 : 1
    const row = candidate * PATHS
    this.#nextCost.fill(CLOSED)
    for (let path = 0; path < PATHS; path += 1) {
      let open = this.#cost[path]
      if (open >= CLOSED) continue
      if (path > 0) open += BAND_PRICE[prices + GOES_ON + path - 1]
      const near = path + this.#before[path]
      if (high <= NEVER_ZERO) this.#extend(row, path, 0, 0, open + BAND_PRICE[prices + ZERO + near])
      open += BAND_PRICE[prices + NOT_ZERO + near]
      const magnitudes = magnitudePrices(plane, this.indexes[candidate], near)
      for (let magnitude = low; magnitude <= high; magnitude += 1) {
        const priced = magnitude > HIGHEST_PRICED ? HIGHEST_PRICED : magnitude
        const saved = (2 * exact - magnitude) * magnitude * bitsPerSquare
        const cost = open + MAGNITUDE_PRICE[magnitudes + priced] - saved
        this.#extend(row, path, magnitude > 1 ? 2 : 1, magnitude, cost)
      }
    }
    const cost = this.#cost
    this.#cost = this.#nextCost
    this.#nextCost = cost
    const before = this.#before
    this.#before = this.#nextBefore
    this.#nextBefore = before
    for (let path = 0; path < PATHS; path += 1) this.#origin[path] = path
  }

  #extend(row: number, from: number, to: number, magnitude: number, cost: number): void {
    if (cost >= this.#nextCost[to]) return
    this.#nextCost[to] = cost
    this.#nextBefore[to] = from
    this.#coded[row + to] = magnitude
    this.#origins[row + to] = this.#origin[from]
  }
}
