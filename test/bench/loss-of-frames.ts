// Whole-frame formats under loss: a frame is several packets and is lost with any of them, and a delta with its base.

import { deflateSync } from 'node:zlib'
import { GLYPH_OF_LUMA, luma } from '../../vendor/asciline/index.ts'
import { type Link, RTT } from './lossy-link.ts'
import { DEADLINE, NOTHING, ShownFrames, squaredError } from './shown-frames.ts'
import { type Trace, type Watched, wireBytes } from './trace.ts'

/** Bytes of one frame's message and whether it stands without the frame before. */
export type FrameMessage = { bytes: number; key: boolean }

/** What of a message one packet carries. */
const PACKET_BYTES = 1150
const SPACING = 0.0002
const KEY_INTERVAL = 48
/** Above this share of changed cells a delta is not tried. */
const MAX_CHANGED = 0.6
/** A lone loss is noticed by its successors; the tail of a frame only by the frame after it, and twice lost by a timer. */
const TAIL_TIMEOUT = 1

export function rawSizes({ rgb, preset }: Trace): FrameMessage[] {
  return rgb.map(() => ({ bytes: preset.cols * preset.rows * 4 + 4, key: true }))
}

/** RAW, ZLIB or DELTA, whatever is smallest, as an adaptive ASCILINE server would choose. */
export function adaptiveSizes({ rgb, preset }: Trace): FrameMessage[] {
  const cells = preset.cols * preset.rows
  let before: Uint8Array | undefined
  return rgb.map((frame, index) => {
    const now = cellsOf(frame, cells)
    const whole = Math.min(now.length, deflateSync(now, { level: 3 }).length) + 5
    const delta = before === undefined || index % KEY_INTERVAL === 0 ? undefined : deltaOf(before, now, cells)
    before = now
    if (delta === undefined) return { bytes: whole, key: true }
    const bytes = deflateSync(delta, { level: 3 }).length + 5
    return bytes < whole ? { bytes, key: false } : { bytes: whole, key: true }
  })
}

function cellsOf(rgb: Uint8Array, cells: number): Uint8Array {
  const packed = new Uint8Array(cells * 4)
  for (let cell = 0; cell < cells; cell += 1) {
    const [r, g, b] = [rgb[cell * 3], rgb[cell * 3 + 1], rgb[cell * 3 + 2]]
    packed.set([GLYPH_OF_LUMA[luma(r, g, b)], r, g, b], cell * 4)
  }
  return packed
}

function deltaOf(before: Uint8Array, now: Uint8Array, cells: number): Uint8Array | undefined {
  const changed: number[] = []
  for (let cell = 0; cell < cells; cell += 1) {
    const at = cell * 4
    if ([0, 1, 2, 3].some((byte) => before[at + byte] !== now[at + byte])) changed.push(cell)
  }
  if (changed.length > MAX_CHANGED * cells) return undefined
  const delta = new Uint8Array(changed.length * 8)
  const view = new DataView(delta.buffer)
  for (const [index, cell] of changed.entries()) {
    view.setUint32(index * 4, cell, true)
    delta.set(now.subarray(cell * 4, cell * 4 + 4), changed.length * 4 + index * 4)
  }
  return delta
}

/** One viewer watches frames of these sizes; `reliable` is an ordered channel that sends again what was lost. */
export function watchWholeFrames(
  { preset, sources }: Trace,
  frames: FrameMessage[],
  link: Link,
  { reliable }: { reliable: boolean },
): Watched {
  const sent = { bytes: 0 }
  const complete: number[] = []
  for (const [frame, { bytes }] of frames.entries()) {
    const done = arrivalOf(bytes, frame / preset.fps, preset.fps, link, reliable, sent)
    complete.push(reliable && frame > 0 ? Math.max(done, complete[frame - 1]) : done)
  }
  const counts = new ShownFrames(sources)
  const { macroblocks } = sources[0]
  let shown = NOTHING
  for (const frame of frames.keys()) {
    const now = frame / preset.fps + DEADLINE
    for (let next = shown + 1; next <= frame; next += 1) {
      if (complete[next] > now) continue
      if (frames[next].key || next === shown + 1) shown = next
    }
    const error = shown === NOTHING ? Number.POSITIVE_INFINITY : squaredError(sources[frame], sources[shown])
    const squares = Math.min(error, 128 ** 2 * preset.cols * preset.rows)
    counts.look(new Array(macroblocks).fill(shown), new Array(macroblocks).fill(frame), squares)
  }
  return counts.watched((sent.bytes / frames.length) * (preset.fps / 1000))
}

/** When the last packet of a message is there; Infinity when one is lost and nobody sends it again. */
function arrivalOf(
  bytes: number,
  began: number,
  fps: number,
  link: Link,
  reliable: boolean,
  sent: { bytes: number },
): number {
  const packets = Math.ceil(bytes / PACKET_BYTES)
  let done = 0
  for (let packet = 0; packet < packets; packet += 1) {
    const size = wireBytes(Math.min(PACKET_BYTES, bytes - packet * PACKET_BYTES))
    let sentAt = began + packet * SPACING
    let arrival = link.arrival(sentAt)
    sent.bytes += size
    for (let tries = 0; reliable && arrival === Number.POSITIVE_INFINITY; tries += 1) {
      const noticed = packets - packet > 4 ? 0.012 : 1 / fps
      sentAt += tries === 0 ? RTT + noticed : TAIL_TIMEOUT
      arrival = link.arrival(sentAt)
      sent.bytes += size
    }
    done = Math.max(done, arrival)
  }
  return done
}
