// Asks for slices that should have come by now: goes through the frames that are due or a little past it, and puts all that is
// missing into one question.

import type { FleetingFromViewer, Gap } from '../../signaling/messages.ts'
import type { LocalTime } from '../../vendor/asciline/index.ts'
import { type GapWatch, gapOf, MAX_GAPS } from './gap-watch.ts'
import type { FrameTimes } from './programme-clock.ts'
import type { SliceStore } from './slice-store.ts'

/** Frames that have been shown incomplete and are still asked for: what comes late repairs those after it. */
const LATE_FRAMES = 12
/** Of the frames after the newest seen, this many may be lost whole; beyond that the path or the source has stopped. */
const UNSEEN_FRAMES = 2

/**
 * The question to send now, if there is one. Runs on every message and tick, over a playout delay's worth of frames; `timesOf`
 * says when a frame left the server and when it is shown, by the local clock; what it returns is lent.
 */
export function questionFor(
  { store, gaps: watch }: { store: SliceStore; gaps: GapWatch },
  timesOf: (frame: number) => FrameTimes | undefined,
  { epoch, rttMs, now }: { epoch: number; rttMs: number; now: LocalTime },
): (FleetingFromViewer & { type: 'nack' }) | undefined {
  const { next } = store
  if (next === undefined) return undefined
  let gaps: Gap[] | undefined
  for (let frame = Math.max(0, next - LATE_FRAMES); frame <= store.newest + UNSEEN_FRAMES; frame++) {
    const record = store.record(frame)
    // Most are whole, always: what is asked here a hundred times a second must cost nothing.
    if (record.complete) continue
    const times = timesOf(frame)
    if (times === undefined || now < times.leftAt) break
    const isOvertaken = record.received <= record.highestSlice || frame < store.newest
    if (!watch.due(frame, times, rttMs, now, isOvertaken)) continue
    // A frame from before the join was never presented, and is nobody's loss.
    if (frame < next && !record.counted) continue
    gaps ??= []
    gaps.push(gapOf(record))
    watch.asked(frame, times, rttMs, now)
    if (gaps.length === MAX_GAPS) break
  }
  return gaps === undefined ? undefined : { type: 'nack', epoch, gaps }
}
