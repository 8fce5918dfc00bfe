// What the pacer does next, as arithmetic: given the time and what is buffered, wait, anchor, send or end.

import { type LocalTime, localTime } from '../../vendor/asciline/index.ts'

/** Frame `frame` is due at `at`; every other frame's time follows from it and the rate. */
export type Anchor = { frame: number; at: LocalTime }

export type PaceInput = {
  now: LocalTime
  fps: number
  /** undefined: the schedule stands still until enough is buffered. */
  anchor: Anchor | undefined
  /** Index of the frame to send next. */
  next: number
  /** Index of the newest frame there is. */
  newest: number
  /** No frame will come after `newest`. */
  finished: boolean
  /** Frames that must be there before the schedule starts (again). */
  startFrames: number
}

export type Pace =
  | { do: 'buffer' }
  | { do: 'anchor'; anchor: Anchor }
  | { do: 'sleep'; until: LocalTime }
  | { do: 'send'; frame: number; dueAt: LocalTime; skipped: number }
  | { do: 'end' }

// setTimeout counts whole milliseconds, so a wake-up may be this early; sleeping again would make it late instead.
const EARLY_MS = 0.5

/** When frame `frame` is due, in the same clock as the anchor. */
export function dueTime({ anchor, fps, frame }: { anchor: Anchor; fps: number; frame: number }): LocalTime {
  return localTime(anchor.at + ((frame - anchor.frame) * 1000) / fps)
}

/**
 * Decides one step. A frame more than one frame late is skipped together with all before the newest due one; a
 * schedule that finds nothing buffered at its time stops (`buffer`) and is anchored anew.
 */
export function pace({ now, fps, anchor, next, newest, finished, startFrames }: PaceInput): Pace {
  const buffered = newest - next + 1
  if (anchor === undefined) {
    if (finished && buffered <= 0) return { do: 'end' }
    if (buffered >= startFrames || finished) return { do: 'anchor', anchor: { frame: next, at: now } }
    return { do: 'buffer' }
  }
  const dueAt = dueTime({ anchor, fps, frame: next })
  // Also when nothing is buffered: the frame may still come in time, and the last one is shown for its whole duration.
  if (now < dueAt - EARLY_MS) return { do: 'sleep', until: dueAt }
  if (buffered <= 0) return finished ? { do: 'end' } : { do: 'buffer' }
  const newestDue = anchor.frame + Math.floor(((now - anchor.at) * fps) / 1000)
  const frame = newestDue - next > 1 ? Math.min(newestDue, newest) : next
  return { do: 'send', frame, dueAt: dueTime({ anchor, fps, frame }), skipped: frame - next }
}
