// Which TSNs have come in: everything up to one number, and runs beyond it.

import { tsnAfter } from './tsn.ts'

/** Gap blocks told in one SACK: with the header they fill a tenth of a packet. */
const MAX_BLOCKS = 32

export class ReceivedTsns {
  cumulative: number
  /** Runs beyond the cumulative TSN, ascending, neither touching nor overlapping; both ends included. */
  #runs: [number, number][] = []

  constructor(cumulative: number) {
    this.cumulative = cumulative >>> 0
  }

  /** True while something is missing before something received. */
  get hasGaps(): boolean {
    return this.#runs.length > 0
  }

  /** Notes one TSN; true when it had come in before. */
  mark(tsn: number): boolean {
    if (!tsnAfter(tsn, this.cumulative)) return true
    const runs = this.#runs
    let i = runs.length
    while (i > 0 && tsnAfter(runs[i - 1]![0], tsn)) i -= 1
    const before = runs[i - 1]
    if (before !== undefined && !tsnAfter(tsn, before[1])) return true
    const after = runs[i]
    const joinsBefore = before !== undefined && (before[1] + 1) >>> 0 === tsn
    const joinsAfter = after !== undefined && (tsn + 1) >>> 0 === after[0]
    if (joinsBefore && joinsAfter) {
      before[1] = after[1]
      runs.splice(i, 1)
    } else if (joinsBefore) before[1] = tsn
    else if (joinsAfter) after[0] = tsn
    else runs.splice(i, 0, [tsn, tsn])
    this.#settle()
    return false
  }

  /** The sender has given up everything up to `tsn`. */
  forward(tsn: number): void {
    if (tsnAfter(tsn, this.cumulative)) this.cumulative = tsn
    while (this.#runs.length > 0 && !tsnAfter(this.#runs[0]![1], this.cumulative)) this.#runs.shift()
    const first = this.#runs[0]
    if (first !== undefined && !tsnAfter(first[0], this.cumulative)) first[0] = (this.cumulative + 1) >>> 0
    this.#settle()
  }

  /** Gap blocks of a SACK: offsets from the cumulative TSN. */
  gaps(): [number, number][] {
    return this.#runs
      .slice(0, MAX_BLOCKS)
      .map(([from, to]) => [(from - this.cumulative) >>> 0, (to - this.cumulative) >>> 0])
  }

  #settle(): void {
    const first = this.#runs[0]
    if (first === undefined || first[0] !== (this.cumulative + 1) >>> 0) return
    this.cumulative = first[1]
    this.#runs.shift()
  }
}
