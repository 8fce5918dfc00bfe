// Where the programme stands and where it can be gone to, from the last status and the picture on the screen. Pure.

import type { SessionStatus } from '../../../signaling/messages.ts'
import type { LocalTime } from '../../../vendor/asciline/index.ts'
import { isOn } from './programme-state.ts'

export type PositionFacts = {
  status: SessionStatus
  /** When the status came. */
  statusAt: LocalTime
  /** Programme second of the picture on the screen; undefined without one. */
  shown: number | undefined
}

/** Seconds from `start` to `end` that can be gone to. */
export type SeekRange = { start: number; end: number }

/** What a progress bar shows. */
export type Progress = {
  position: number | undefined
  range: SeekRange | undefined
  /** Seconds behind the newest place; undefined unless live. */
  behind: number | undefined
}

/** The picture and the status agree within a status' age; further apart, somebody has gone elsewhere. */
const SAME_PLACE_SECONDS = 2

/** All there is to know of it at once: nothing, while no programme is on. */
export function progressAt(
  { status, statusAt, shown }: Omit<PositionFacts, 'status'> & { status: SessionStatus | undefined },
  now: LocalTime,
): Progress {
  if (status === undefined || !isOn(status))
    return { position: undefined, range: undefined, behind: undefined }
  const facts = { status, statusAt, shown }
  return {
    position: presentPosition(facts, now),
    range: seekRange(facts, now),
    behind: secondsBehind(facts, now),
  }
}

/** Programme second to show as the present one: the picture's, or where the session is going. */
export function presentPosition(
  { status, statusAt, shown }: PositionFacts,
  now: LocalTime,
): number | undefined {
  const told = status.position?.media
  if (told === undefined) return undefined
  const position = status.state === 'playing' ? told + Math.max(0, now - statusAt) / 1000 : told
  if (shown !== undefined && Math.abs(shown - position) <= SAME_PLACE_SECONDS) return Math.max(0, shown)
  const { duration } = status
  return Math.max(0, duration === null ? position : Math.min(position, duration))
}

/** What the progress bar spans; undefined where there are no places to go to. The range of a live stream moves on with time. */
export function seekRange({ status, statusAt }: PositionFacts, now: LocalTime): SeekRange | undefined {
  const { seek_range: range, duration, is_live: live, seekable } = status
  if (range !== undefined) {
    const passed = live ? Math.max(0, now - statusAt) / 1000 : 0
    return { start: range.start + passed, end: range.end + passed }
  }
  return seekable && duration !== null ? { start: 0, end: duration } : undefined
}

/** Seconds a live programme is behind the newest place, 0 at the edge; undefined unless live. */
export function secondsBehind({ status, statusAt }: PositionFacts, now: LocalTime): number | undefined {
  if (status.behind_live === null) return undefined
  // While it stands still the stream goes on.
  const more = status.state === 'paused' ? Math.max(0, now - statusAt) / 1000 : 0
  return Math.max(0, status.behind_live + more)
}

/** 0:07, 12:30 or 1:02:03. */
export function clockText(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  const minutes = Math.floor(whole / 60)
  const two = (value: number) => String(value).padStart(2, '0')
  return minutes < 60
    ? `${minutes}:${two(whole % 60)}`
    : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}`
}

/** The same for ears: "1 hour 2 minutes 3 seconds". */
export function spokenTime(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  const parts = [
    [Math.floor(whole / 3600), 'hour'],
    [Math.floor(whole / 60) % 60, 'minute'],
    [whole % 60, 'second'],
  ] as const
  const said = parts
    .filter(([value]) => value > 0)
    .map(([value, unit]) => `${value} ${unit}${value === 1 ? '' : 's'}`)
  return said.length === 0 ? '0 seconds' : said.join(' ')
}
