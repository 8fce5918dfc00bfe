// What a watched page comes to: skew per beep, for how many refreshes frames stayed, how soon a cut was over.

import type { Watched } from './sync-watch.ts'

/** A beep is taken for the flash within this distance. */
const SAME_SECOND_MS = 500
/** Displayed no sooner than this after the animation frame it was drawn in. */
const LEAST_LAG_MS = 1
const SAME_REFRESH_MS = 14
const IN_STEP_MS = 20
/** A position that stands still for longer is silence. */
const STILL_MS = 100
const AFTER_A_CUT_MS = 8000

export type Beep = { at: number; skewMs: number }
export type Recovery = { at: number; recoveredMs: number; silentMs: number }
/** Refreshes that a frame stayed, and how many frames did. */
export type Cadence = {
  fps: number
  refreshes: Record<number, number>
  skipped: number
  displayed: Record<number, number>
}

/**
 * Sound minus picture for every flash, positive when the sound is late. The flash begins with each frame that opens a second and
 * is seen when the display next takes a picture (`displayed`, on the page's clock); the beep is heard `outputLatencyMs` after the tap.
 */
export function skews(
  { refreshes, frames, beeps }: Watched,
  { fps, displayed, outputLatencyMs, drawnLaterMs }: SkewOptions,
): Beep[] {
  const found: Beep[] = []
  for (let i = 1; i < frames.length; i++) {
    const second = Math.floor(frames[i] / fps)
    if (frames[i - 1] < 0 || second === Math.floor(frames[i - 1] / fps)) continue
    // A frame that was skipped flashed in no refresh.
    if (frames[i] !== second * fps) continue
    const drawnAt = refreshes[i] + drawnLaterMs
    const seenAt = displayed.find((at) => at >= drawnAt + LEAST_LAG_MS)
    const heardAt = nearest(beeps, drawnAt - outputLatencyMs)
    if (seenAt === undefined || heardAt === undefined) continue
    const skewMs = heardAt + outputLatencyMs - seenAt
    if (Math.abs(skewMs) < SAME_SECOND_MS) found.push({ at: seenAt / 1000, skewMs })
  }
  return found
}

/**
 * The same without a tap, for every picture: how far the element's own position is behind a frame's time when the display takes
 * the frame. Its jitter is that of `currentTime` too.
 */
export function positionSkews(
  { refreshes, frames, positions, readAt }: Watched,
  { fps, displayed, drawnLaterMs }: SkewOptions,
): number[] {
  const found: number[] = []
  for (let i = 1, from = 0; i < frames.length; i++) {
    if (frames[i] === frames[i - 1] || frames[i - 1] < 0) continue
    const drawnAt = refreshes[i] + drawnLaterMs + LEAST_LAG_MS
    while (from < displayed.length && displayed[from] < drawnAt) from += 1
    // A picture in which nothing changed is not displayed anew.
    if (from === displayed.length || displayed[from] - drawnAt > SAME_REFRESH_MS) continue
    found.push((frames[i] / fps - positions[i]) * 1000 - (displayed[from] - readAt[i]))
  }
  return found
}

export type SkewOptions = {
  fps: number
  /** Rising, in milliseconds of the page's clock. */
  displayed: number[]
  outputLatencyMs: number
  /** What the rung waits before it draws. */
  drawnLaterMs: number
}

/** For how many refreshes each frame stayed, and how far apart, in refreshes, the display's pictures were. */
export function cadence(
  { refreshes, frames }: Watched,
  { fps, displayed, refreshMs }: { fps: number; displayed: number[]; refreshMs: number },
): Cadence {
  const stayed: Record<number, number> = {}
  let skipped = 0
  let since: number | undefined
  for (let i = 1; i < frames.length; i++) {
    if (frames[i] === frames[i - 1]) continue
    if (since !== undefined) count(stayed, (refreshes[i] - since) / refreshMs)
    if (since !== undefined) skipped += Math.max(0, frames[i] - frames[i - 1] - 1)
    since = refreshes[i]
  }
  const apart: Record<number, number> = {}
  for (let i = 1; i < displayed.length; i++) count(apart, (displayed[i] - displayed[i - 1]) / refreshMs)
  return { fps, refreshes: stayed, skipped, displayed: apart }
}

/** How long after each cut the sound last stood still or was out of step with the picture. */
export function recoveries(
  { refreshes, frames, positions }: Watched,
  fps: number,
  cuts: number[],
): Recovery[] {
  const distances = frames.map((frame, i) => (positions[i] - frame / fps) * 1000)
  const usual = median(distances.filter((_, i) => frames[i] >= 0))
  return cuts.map((cut) => {
    let badAt = cut
    let movedAt = cut
    let silentMs = 0
    for (let i = 1; i < refreshes.length; i++) {
      const at = refreshes[i]
      if (at < cut) movedAt = at
      if (at < cut || at > cut + AFTER_A_CUT_MS) continue
      if (positions[i] !== positions[i - 1]) movedAt = at
      silentMs = Math.max(silentMs, at - movedAt)
      // Between two frames the sound runs ahead of the picture by up to a frame.
      const off = Math.abs(distances[i] - usual) - 500 / fps
      if (off > IN_STEP_MS || at - movedAt > STILL_MS) badAt = at
    }
    return { at: cut / 1000, recoveredMs: badAt - cut, silentMs }
  })
}

/** The middle one; NaN of none. */
export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? Number.NaN
}

function nearest(values: number[], to: number): number | undefined {
  let best: number | undefined
  for (const value of values)
    if (best === undefined || Math.abs(value - to) < Math.abs(best - to)) best = value
  return best
}

function count(histogram: Record<number, number>, refreshes: number): void {
  const whole = Math.round(refreshes)
  histogram[whole] = (histogram[whole] ?? 0) + 1
}
