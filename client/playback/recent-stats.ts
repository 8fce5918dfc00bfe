// What the last few seconds were like: a viewer's totals, sampled and subtracted.

import type { LocalTime } from '../../vendor/asciline/index.ts'
import type { PlayerStats } from './player-stats.ts'

const SAMPLES = 12

/** Rates over the window; zero while nothing is known. */
export type Recent = {
  fps: number
  /** Mean lateness of complete frames in milliseconds. */
  latenessMs: number
  /** Slices lost per slices sent, 0..1. */
  loss: number
  bytesPerSecond: number
}

type Sample = {
  at: number
  presented: number
  bytes: number
  lost: number
  received: number
  late: number
  lates: number
}

/** Sliding window over {@link PlayerStats}; push about twice a second. */
export class RecentStats {
  #samples: Sample[] = []

  push(stats: PlayerStats, now: LocalTime): void {
    if (this.#samples.length >= SAMPLES) this.#samples.shift()
    this.#samples.push({
      at: now,
      presented: stats.framesPresented,
      bytes: stats.bytes,
      lost: stats.slicesLost,
      received: stats.slicesReceived,
      late: stats.latenessMs.sum,
      lates: stats.latenessMs.count,
    })
  }

  /** Another programme: what was before says nothing about it. */
  clear(): void {
    this.#samples = []
  }

  read(): Recent {
    const first = this.#samples[0]
    const last = this.#samples[this.#samples.length - 1]
    const seconds = first === undefined ? 0 : (last.at - first.at) / 1000
    if (seconds <= 0) return { fps: 0, latenessMs: 0, loss: 0, bytesPerSecond: 0 }
    const lates = last.lates - first.lates
    // A late slice takes a loss back, perhaps one of before the window.
    const lost = Math.max(0, last.lost - first.lost)
    const sent = lost + last.received - first.received
    return {
      fps: (last.presented - first.presented) / seconds,
      latenessMs: lates > 0 ? (last.late - first.late) / lates : 0,
      loss: sent > 0 ? lost / sent : 0,
      bytesPerSecond: (last.bytes - first.bytes) / seconds,
    }
  }
}
