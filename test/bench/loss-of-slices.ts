// Our slices under loss: each message paints what it brings whenever it comes; nothing waits for anything.

import { RepairingDecoder } from '../../client/playback/repairing-decoder.ts'
import { SliceDecoder } from '../../vendor/asciline/index.ts'
import { type Link, RTT } from './lossy-link.ts'
import { DEADLINE, NOTHING, ShownFrames, squaredError } from './shown-frames.ts'
import { type Trace, type Watched, wireBytes } from './trace.ts'

/** What may be added per viewer without encoding anew. */
export const SLICE_OPTIONS = {
  plain: 'slices',
  early: 'slices, mended early',
  nack: 'slices + NACK',
  parity: 'slices + parity',
} as const

export type SliceOption = keyof typeof SLICE_OPTIONS

/** Packets of one frame leave this far apart, seconds. */
const SPACING = 0.0002
/** A gap is noticed at the next arrival and reported after this. */
const NOTICE = 0.003
const TRIES = 3

type Arrival = { at: number; frame: number; message: Uint8Array }

/** One viewer watches the whole trace. */
export function watchSlices(trace: Trace, link: Link, option: SliceOption): Watched {
  const { preset, sources } = trace
  const sent = { bytes: 0 }
  const arrivals = deliver(trace, link, option, sent).sort((a, b) => a.at - b.at)
  const shown = new RepairingDecoder(preset)
  const wanted = new SliceDecoder(preset)
  const counts = new ShownFrames(sources)
  const { macroblocks } = shown.picture
  const [at, right] = [new Float64Array(macroblocks), new Float64Array(macroblocks)]
  let next = 0
  for (const [frame, messages] of trace.messages.entries()) {
    const now = frame / preset.fps + DEADLINE
    // A message is held until its own frame is due; what comes later than that still mends what it can.
    const early: Arrival[] = []
    for (; next < arrivals.length && arrivals[next].at <= now; next += 1) {
      if (arrivals[next].frame <= frame) shown.decode(arrivals[next].message)
      else early.push(arrivals[next])
    }
    arrivals.splice(next, 0, ...early)
    // What has come of the next frame may stand in for what is missing of this one.
    if (option !== 'plain') for (const next of early) if (next.frame === frame + 1) shown.mend(next.message)
    for (const message of messages) wanted.decode(message)
    for (let macroblock = 0; macroblock < macroblocks; macroblock += 1) {
      at[macroblock] = Math.max(NOTHING, shown.paintedAt(macroblock))
      right[macroblock] = wanted.paintedAt(macroblock)
    }
    counts.look(at, right, squaredError(sources[frame], shown.picture))
  }
  return counts.watched((sent.bytes / trace.messages.length) * (preset.fps / 1000))
}

function deliver(trace: Trace, link: Link, option: SliceOption, sent: { bytes: number }): Arrival[] {
  const arrivals: Arrival[] = []
  let missing: Arrival[] = []
  for (const [frame, messages] of trace.messages.entries()) {
    const began = frame / trace.preset.fps
    const lost: Arrival[] = []
    const last = { at: 0 }
    for (const [slice, message] of messages.entries()) {
      sent.bytes += wireBytes(message.length)
      const at = link.arrival(began + slice * SPACING)
      if (at === Number.POSITIVE_INFINITY) {
        lost.push({ at, frame, message })
        continue
      }
      arrivals.push({ at, frame, message })
      last.at = Math.max(last.at, at)
      if (option !== 'nack') continue
      for (const gap of missing.splice(0)) again(gap, at, link, arrivals, sent)
    }
    if (option === 'nack') missing = [...missing, ...lost]
    if (option !== 'parity') continue
    sent.bytes += wireBytes(8 + Math.max(...messages.map((message) => message.length)))
    const parity = link.arrival(began + messages.length * SPACING)
    // One parity message mends one loss of its frame, once all others are there.
    if (parity < Number.POSITIVE_INFINITY && lost.length === 1) {
      arrivals.push({ ...lost[0], at: Math.max(parity, last.at) })
    }
  }
  return arrivals
}

// The same bytes again, a few times at most; when they come too late for their frame they still paint what is stale.
function again(
  gap: Arrival,
  noticed: number,
  link: Link,
  arrivals: Arrival[],
  sent: { bytes: number },
): void {
  let resentAt = noticed + NOTICE + RTT / 2
  for (let attempt = 0; attempt < TRIES; attempt += 1, resentAt += RTT + 0.025) {
    sent.bytes += wireBytes(gap.message.length)
    const at = link.arrival(resentAt)
    if (at < Number.POSITIVE_INFINITY) {
      arrivals.push({ ...gap, at })
      return
    }
  }
}
