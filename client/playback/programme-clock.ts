// Says when a frame left the server and when it is shown here, by this machine's clock: from the timeline that was announced, from
// what the pings have told of the server's clock, and from how much later than the others this viewer sees everything.

import type { Timeline } from '../../signaling/messages.ts'
import type { LocalTime, MediaTime } from '../../vendor/asciline/index.ts'
import { ClockSync } from './clock-sync.ts'
import { OwnDelay } from './own-delay.ts'
import { frameAt, serverTime } from './programme.ts'

/** How a frame stands in time, all local: when it left the server, and when it is shown. */
export type FrameTimes = { leftAt: number; shownAt: number }

/** Knows no times before the first timeline and the first pong. */
export class ProgrammeClock {
  readonly sync = new ClockSync()
  readonly own = new OwnDelay()
  /** What was announced last. */
  timeline: Timeline | undefined
  readonly #times: FrameTimes = { leftAt: 0, shownAt: 0 }

  /** How long after its departure a frame is shown here, in milliseconds. */
  get playoutDelayMs(): number | undefined {
    return this.timeline === undefined ? undefined : this.timeline.playoutDelayMs + this.own.ms
  }

  /** Programme time to see at `now`. */
  time(now: LocalTime): MediaTime | undefined {
    const { offsetMs } = this.sync
    if (this.timeline === undefined || offsetMs === undefined) return undefined
    return serverTime(this.timeline, offsetMs - this.own.ms, now)
  }

  /** The frame to see at `now`. */
  frame(now: LocalTime): number | undefined {
    const time = this.time(now)
    return time === undefined || this.timeline === undefined ? undefined : frameAt(this.timeline, time)
  }

  /** Lent until the next call; undefined also while the programme is paused. */
  readonly timesOf = (frame: number): FrameTimes | undefined => {
    const { offsetMs } = this.sync
    const { timeline } = this
    if (timeline === undefined || offsetMs === undefined || timeline.paused) return undefined
    const leftAt = timeline.at + ((frame - timeline.frame) * 1000) / timeline.fps - offsetMs
    this.#times.leftAt = leftAt
    this.#times.shownAt = leftAt + timeline.playoutDelayMs + this.own.ms
    return this.#times
  }
}
