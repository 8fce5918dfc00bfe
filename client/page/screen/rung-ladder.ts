// Decides which rung draws: starts at the fastest the browser has, watches what is really shown, and steps down when a rung
// does not keep up. Pure; the page brings the figures once a second.

import type { RungName } from './rung.ts'

/** A rung that shows less than this share of what is due has lost frames one can see. */
const ENOUGH = 0.85
/** The first full second of a rung is its probe: a canvas capped at 30 shows half of 60, and need not be watched longer. */
const ENOUGH_IN_PROBE = 0.7
/** After that one bad second is a hiccup of the machine; these in a row are the rung. */
const BAD_SECONDS = 3
/** The first second of a rung has its start-up in it. */
const WARM_UP_SECONDS = 1
/** Fewer due pictures than this say nothing: a still scene, a pause. */
const MIN_DUE = 8

export type RungReading = {
  /** Pictures that the page handed over or should have shown in this second. */
  due: number
  /** Those that reached the display. */
  presented: number
}

/** `rungs` are what this browser can do, fastest first; at least one. */
export class RungLadder {
  readonly #rungs: readonly RungName[]
  readonly #best = new Map<RungName, number>()
  #at = 0
  #settled = false
  #seconds = 0
  #bad = 0

  constructor(rungs: readonly RungName[]) {
    this.#rungs = rungs
  }

  get rung(): RungName {
    return this.#rungs[this.#at]
  }

  /** One second of the present rung; returns the rung to change to, or undefined to stay. */
  push({ due, presented }: RungReading): RungName | undefined {
    if (due < MIN_DUE) return undefined
    this.#seconds += 1
    if (this.#seconds <= WARM_UP_SECONDS) return undefined
    const share = Math.min(1, presented / due)
    this.#best.set(this.rung, Math.max(share, this.#best.get(this.rung) ?? 0))
    this.#bad = share < ENOUGH ? this.#bad + 1 : 0
    const probing = this.#seconds === WARM_UP_SECONDS + 1
    const failed = probing ? share < ENOUGH_IN_PROBE : this.#bad >= BAD_SECONDS
    if (!failed || this.#settled) return undefined
    return this.#stepDown()
  }

  /** The present rung cannot be had at all: returns the next, or undefined after the last. */
  failed(): RungName | undefined {
    this.#best.set(this.rung, -1)
    return this.#stepDown()
  }

  #stepDown(): RungName | undefined {
    this.#seconds = 0
    this.#bad = 0
    const before = this.#at
    if (this.#at + 1 < this.#rungs.length) this.#at += 1
    else {
      // None keeps up: the machine is busy or slow. The one that came closest stays, or we would change for ever.
      this.#settled = true
      const share = (name: RungName) => this.#best.get(name) ?? 0
      for (const [index, name] of this.#rungs.entries()) if (share(name) > share(this.rung)) this.#at = index
    }
    return this.#at === before ? undefined : this.rung
  }
}
