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
  /** Only those below are open: one behind a zero. */
  #paths = PATHS
  /** Per candidate and path: what it codes, and which path of the candidate before it goes on. */
  readonly #coded = new Uint16Array(SIZE * PATHS)
  readonly #origins = new Uint8Array(SIZE * PATHS)

  /** `bitsPerSquare` is what a squared step of distortion is worth; `plane` and `busy` are those of the prices. */
  choose(candidates: number, plane: number, busy: number, bitsPerSquare: number): void {
    const zeroRun = zeroRunPrices(plane, busy)
    const bands = bandPrices(plane, busy)
    const magnitudes = magnitudePrices(plane)
    this.#cost[0] = CLOSED
    this.#cost[2] = CLOSED
    this.#paths = PATHS
    // As if a 1 came before the first index, and a 0 before that.
    this.#cost[1] = 0
    this.#before[1] = 0
    let best = BAND_PRICE[bands + BAND_AT[1] + ENDS]
    let bestEnd = -1
    let bestPath = 0
    let index = 1
    for (let candidate = 0; candidate < candidates; candidate += 1) {
      const target = this.indexes[candidate]
      if (index < target) {
        this.#codeZero(bands + BAND_AT[index])
        index += 1
      }
      if (index < target) {
        this.#cost[0] += BAND_PRICE[bands + BAND_AT[index] + ZERO + this.#before[0]]
        this.#cost[0] += ZERO_RUN_PRICE[zeroRun + target] - ZERO_RUN_PRICE[zeroRun + index + 1]
        this.#before[0] = 0
        index = target
      }
      this.#codeCandidate(candidate, bands + BAND_AT[index], magnitudes + MAGNITUDES_AT[index], bitsPerSquare)
      index += 1
      const ends = index < SIZE ? bands + BAND_AT[index] + ENDS : -1
      for (let path = 1; path < PATHS; path += 1) {
        const cost = this.#cost[path] + (ends < 0 ? 0 : BAND_PRICE[ends + path - 1])
        if (cost < best) {
          best = cost
          bestEnd = candidate
          bestPath = path
        }
      }
    }
    for (let candidate = bestEnd + 1; candidate < candidates; candidate += 1) this.magnitudes[candidate] = 0
    for (let candidate = bestEnd, path = bestPath; candidate >= 0; candidate -= 1) {
      this.magnitudes[candidate] = this.#coded[candidate * PATHS + path]
      path = this.#origins[candidate * PATHS + path]
    }
  }

  // The cheapest path goes on alone: all of them now have coded a zero.
  #codeZero(prices: number): void {
    let best = CLOSED
    let survivor = 0
    for (let path = 0; path < this.#paths; path += 1) {
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
    this.#paths = 1
  }

  #codeCandidate(candidate: number, prices: number, magnitudes: number, bitsPerSquare: number): void {
    const exact = this.exact[candidate]
    const high = Math.floor(exact + 0.5)
    const low = high > 1 && exact - high < CLEARLY_NEARER - 0.5 ? high - 1 : high
    const row = candidate * PATHS
    const next = this.#nextCost
    next[0] = CLOSED
    next[1] = CLOSED
    next[2] = CLOSED
    for (let path = 0; path < this.#paths; path += 1) {
      let open = this.#cost[path]
      if (open >= CLOSED) continue
      if (path > 0) open += BAND_PRICE[prices + GOES_ON + path - 1]
      const near = path + this.#before[path]
      if (high === 1) this.#extend(row, path, 0, 0, open + BAND_PRICE[prices + ZERO + near])
      open += BAND_PRICE[prices + NOT_ZERO + near]
      const byNear = magnitudes + (near > 2 ? 2 : near) * (HIGHEST_PRICED + 1)
      for (let magnitude = low; magnitude <= high; magnitude += 1) {
        const priced = magnitude > HIGHEST_PRICED ? HIGHEST_PRICED : magnitude
        const saved = (2 * exact - magnitude) * magnitude * bitsPerSquare
        const cost = open + MAGNITUDE_PRICE[byNear + priced] - saved
        this.#extend(row, path, magnitude > 1 ? 2 : 1, magnitude, cost)
      }
    }
    const cost = this.#cost
    this.#cost = next
    this.#nextCost = cost
    const before = this.#before
    this.#before = this.#nextBefore
    this.#nextBefore = before
    this.#origin[0] = 0
    this.#origin[1] = 1
    this.#origin[2] = 2
    this.#paths = PATHS
  }

  #extend(row: number, from: number, to: number, magnitude: number, cost: number): void {
    if (cost >= this.#nextCost[to]) return
    this.#nextCost[to] = cost
    this.#nextBefore[to] = from
    this.#coded[row + to] = magnitude
    this.#origins[row + to] = this.#origin[from]
  }
}
