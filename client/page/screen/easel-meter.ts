// Counts what an easel draws and what the display takes of it.

import type { RungFigures } from './rung.ts'

/** Give it the times; it asks no clock. */
export class EaselMeter {
  #figures: RungFigures = { drawn: 0, presented: 0, busyMs: 0 }
  #fresh = false

  /** A picture was decoded and drawn within these milliseconds. */
  drew(ms: number): void {
    this.#figures.drawn += 1
    this.#figures.busyMs += ms
    this.#fresh = true
  }

  /** A display refresh; returns whether it had something new to show. */
  refresh(): boolean {
    const fresh = this.#fresh
    if (fresh) this.#figures.presented += 1
    this.#fresh = false
    return fresh
  }

  /** What happened since the last call. */
  take(): RungFigures {
    const figures = this.#figures
    this.#figures = { drawn: 0, presented: 0, busyMs: 0 }
    return figures
  }
}
