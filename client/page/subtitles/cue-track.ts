// Which words belong to a moment. Pure.

import type { Cue } from '../programme/listings.ts'

/** Words that outlast their cue are an author's slip; words that come a frame early are ours. */
const MOST_AT_ONCE = 3

/** Looks up cues by time; made for time that goes on, and right for time that jumps. */
export class CueTrack {
  readonly #cues: readonly Cue[]
  /** The longest cue, in seconds: none that began earlier than that can still be on. */
  readonly #longest: number

  /** `cues` by start time. */
  constructor(cues: readonly Cue[]) {
    this.#cues = cues
    this.#longest = cues.reduce((longest, { start, end }) => Math.max(longest, end - start), 0)
  }

  get length(): number {
    return this.#cues.length
  }

  /** What is said at `second`, a line break between speakers; empty for silence. */
  at(second: number): string {
    const lines: string[] = []
    for (let index = this.#firstAfter(second) - 1; index >= 0; index--) {
      const { start, end, text } = this.#cues[index]
      if (start < second - this.#longest) break
      if (second < end) lines.unshift(text)
      if (lines.length === MOST_AT_ONCE) break
    }
    return lines.join('\n')
  }

  /** Index of the first cue that starts after `second`. */
  #firstAfter(second: number): number {
    let low = 0
    let high = this.#cues.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#cues[middle].start <= second) low = middle + 1
      else high = middle
    }
    return low
  }
}
