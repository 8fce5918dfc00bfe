// What whoever runs a player gives it: ways to send, and to be told.

import type { Timeline } from '../../signaling/messages.ts'
import type { SlicePainter } from './slice-painter.ts'

export type PlayerOptions = {
  /** Sends a text on the control channel; a channel that is not open may swallow it. */
  sendControl?: (text: string) => void
  /** Sends a text on the unordered channel, where it may be lost; without it nothing is asked for again. */
  sendFleeting?: (text: string) => void
  /** A programme begins or goes on from another point; `newEpoch` is false when only the anchor has moved. */
  onTimeline?: (timeline: Timeline, newEpoch: boolean) => void
  onEnded?: (epoch: number) => void
  /**
   * Called for every frame as its time passes, also for those overtaken within one tick; `inTime` is false for one that
   * was completed between its time and the tick.
   */
  onPresented?: (frame: number, inTime: boolean) => void
  /** Takes the slices whose time has come; without it they are decoded here and `Shown` brings the picture. */
  painter?: SlicePainter
  /**
   * Frames that the path brings too late for the session's playout delay are seen later than by other viewers, by as much as it
   * takes; without it they come late.
   */
  mayLag?: boolean
  /** Asks the server for digests and counts `stats.framesCorrect`; needs the picture, so no `painter`. */
  verify?: boolean
}
