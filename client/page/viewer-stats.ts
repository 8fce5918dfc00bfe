// Gathers what the overlay shows and `window.ascilineStats()` returns from the parts that know it.

import type { SessionStatus } from '../../signaling/messages.ts'
import type { Player, Recent } from '../playback/index.ts'
import type { AudioOutput } from './audio-output.ts'
import type { Link } from './link.ts'
import type { ScreenFigures } from './screen/screen.ts'
import type { ViewerStats } from './stats-overlay.ts'

export type ViewerStatsParts = {
  link: Link
  status: SessionStatus | undefined
  player: Player
  sound: AudioOutput
  recent: Recent
  screen: ScreenFigures
  frame: number
  /** Programme second on the screen; undefined while it shows something older. */
  second: number | undefined
}

/** The figures of this moment. */
export function viewerStats(parts: ViewerStatsParts): ViewerStats {
  const { link, status, player, sound, recent, screen, frame, second } = parts
  const { stats, timeline } = player
  const { fps, latenessMs, loss, bytesPerSecond } = recent
  return {
    link: link.kind,
    transport: link.kind === 'connected' ? link.way : 'none',
    state: status?.state ?? 'unknown',
    epoch: timeline?.epoch ?? null,
    preset: timeline?.preset ?? null,
    cols: timeline?.cols ?? 0,
    rows: timeline?.rows ?? 0,
    surface: screen.rung,
    drawMs: screen.drawn > 0 ? screen.busyMs / screen.drawn : 0,
    frame,
    mediaTime: second ?? null,
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
