// What can be gone back to in a live stream, in seconds of its programme: zero is the oldest there was when it was first looked
// at. Time is an argument.

import type { LocalTime } from '../../vendor/asciline/index.ts'
import type { HlsPlaylist } from './hls-playlist.ts'

/** Where to open the stream: segment `index` of the list, which begins at `from` seconds. */
export type LivePlace = { index: number; from: number }

/** Segments behind the newest that players keep, so that none is waited for (RFC 8216, section 6.3.3). */
const EDGE_SEGMENTS = 3
/** Less than this is no place to go back to. */
const MIN_SECONDS = 5

export class LiveWindow {
  #list: HlsPlaylist | undefined
  /** Programme seconds at which the first segment of the list begins. */
  #start = 0
  #readAt: LocalTime | undefined

  /** Takes what the list says now. Segment numbers tell how far it has moved on; where they break off the clock does. */
  update(list: HlsPlaylist, now: LocalTime): void {
    const before = this.#list
    if (before !== undefined) {
      const moved = list.first - before.first
      if (moved >= 0 && moved <= before.seconds.length) this.#start += sum(before.seconds.slice(0, moved))
      else this.#start += sum(before.seconds) + this.#since(now) - sum(list.seconds)
    }
    this.#list = list
    this.#readAt = now
  }

  /** What can be gone to at `now`; `end` is the live edge. Undefined when there is not enough. */
  range(now: LocalTime): { start: number; end: number } | undefined {
    const list = this.#list
    if (list === undefined) return undefined
    const passed = this.#since(now)
    // The oldest segment may be taken away while it is fetched.
    const start = list.growing ? this.#start : this.#start + passed + list.target
    const end = this.#start + sum(list.seconds.slice(0, -EDGE_SEGMENTS)) + passed
    return end - start < MIN_SECONDS ? undefined : { start: Math.max(0, start), end }
  }

  /** The live edge at `now`, also where there is nothing to go back to. */
  edge(now: LocalTime): number {
    const behind = this.#list?.seconds.slice(0, -EDGE_SEGMENTS) ?? []
    return this.#start + sum(behind) + this.#since(now)
  }

  /** Seconds from the end of what the list named to the live edge. */
  get latency(): number {
    return sum(this.#list?.seconds.slice(-EDGE_SEGMENTS) ?? [])
  }

  /** The segment that holds second `at`; the one at the edge when that is later, or not said. */
  place(at: number = Number.POSITIVE_INFINITY): LivePlace {
    const seconds = this.#list?.seconds ?? []
    const last = Math.max(0, seconds.length - EDGE_SEGMENTS)
    let from = this.#start
    let index = 0
    while (index < last && from + (seconds[index] as number) <= at) from += seconds[index++] as number
    return { index, from }
  }

  #since(now: LocalTime): number {
    return this.#readAt === undefined ? 0 : Math.max(0, now - this.#readAt) / 1000
  }
}

const sum = (seconds: readonly number[]) => seconds.reduce((total, one) => total + one, 0)
