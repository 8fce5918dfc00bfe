// Gathers what the overlay shows and `window.ascilineStats()` returns from the parts that know it.

import type { Facts } from './programme/programme-state.ts'
import type { Projector } from './projector.ts'
import type { ViewerStats } from './stats-overlay.ts'

/** The figures of this moment. */
export function viewerStats(
  { link, status }: Facts,
  { player, sound, loop, screen }: Projector,
): ViewerStats {
  const { stats, timeline } = player
  const { fps, latenessMs, loss, bytesPerSecond } = loop.recent.read()
  const { rung, drawn, busyMs } = screen.figures
  return {
    link: link.kind,
    transport: link.kind === 'connected' ? link.way : 'none',
    state: status?.state ?? 'unknown',
    epoch: timeline?.epoch ?? null,
    preset: timeline?.preset ?? null,
    cols: timeline?.cols ?? 0,
    rows: timeline?.rows ?? 0,
    surface: rung,
    drawMs: drawn > 0 ? busyMs / drawn : 0,
    frame: loop.frame,
    mediaTime: loop.second ?? null,
    fpsNominal: timeline?.fps ?? 0,
    fpsPresented: fps,
    latenessMs: { mean: latenessMs, ...stats.latenessMs.percentiles() },
    jitterMs: stats.jitterMs.percentiles(),
    lossPercent: loss * 100,
    bytesPerSecond,
    rttMs: player.rttMs ?? null,
    pace: player.pace,
    ownDelayMs: player.ownDelayMs,
    clockOffsetMs: player.clockOffsetMs ?? null,
    master: player.master,
    avOffsetMs: player.soundAheadMs ?? null,
    displayLagMs: player.aim.lagMs,
    sound: {
      state: sound.state,
      transport: sound.transport,
      rate: sound.rate,
      driftMs: sound.driftMs,
      reopened: sound.reopened,
      resumed: sound.resumed,
    },
    totals: {
      framesExpected: stats.framesExpected,
      framesPresented: stats.framesPresented,
      framesComplete: stats.framesComplete,
      framesLate: stats.framesLate,
      framesMissing: stats.framesMissing,
      slicesReceived: stats.slicesReceived,
      slicesLost: stats.slicesLost,
      slicesLate: stats.slicesLate,
      slicesRefused: stats.slicesRefused,
      bytes: stats.bytes,
    },
  }
}
