// Aims at the display: what is handed over now is seen a little later and until the next refresh, and a frame that changes too
// close to a refresh would be shown once too often or not at all.

import type { Timeline } from '../../signaling/messages.ts'
import type { MediaTime } from '../../vendor/asciline/index.ts'
import { mediaTime } from '../../vendor/asciline/index.ts'
import { FramePhase } from './frame-phase.ts'

/** Where there is no display all is zero, and frames change exactly at their time. */
export class DisplayAim {
  /** How long after a tick what it returns can be seen, in milliseconds: on a display, until its next refresh. */
  lagMs = 0
  /** From one refresh of the display to the next, in milliseconds: each shows the frame nearest to it. */
  refreshMs = 0
  /** The viewer's own correction in milliseconds: positive shows the picture later. */
  avOffsetMs = 0
  readonly #phase = new FramePhase()
  readonly #serverPhase = new FramePhase()
  #shift = 0
  #serverShift = 0

  /** How far beyond the clock to look. */
  get aheadMs(): number {
    return this.lagMs + this.refreshMs / 2 - this.avOffsetMs
  }

  /** Frames by which their changes are moved. */
  get shift(): number {
    return this.#shift
  }

  /** Seconds by which they would be, were the picture on the server's clock. */
  get serverShift(): number {
    return this.#serverShift
  }

  /** Once a tick: `time` by the presentation clock, `server` what all viewers should see. */
  aim({ start, fps }: Timeline, time: MediaTime, server: MediaTime | undefined): void {
    if (this.refreshMs <= 0) return
    const perRefresh = (fps * this.refreshMs) / 1000
    const frames = (at: MediaTime) => (this.seenAt(at) - start) * fps
    this.#shift = this.#phase.shift(frames(time), perRefresh)
    if (server !== undefined) this.#serverShift = this.#serverPhase.shift(frames(server), perRefresh) / fps
  }

  /** Programme time that what is handed over at `time` should be of. */
  seenAt(time: MediaTime): MediaTime {
    return mediaTime(time + this.aheadMs / 1000)
  }

  /** Another programme. */
  reset(): void {
    this.#phase.reset()
    this.#serverPhase.reset()
  }
}
