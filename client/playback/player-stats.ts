// What one viewer has seen so far, counted where it happens and read by the overlay, the reports and the simulator.

import { Distribution } from './distribution.ts'

/** Running totals of a player; the loss figures settle when a late slice still arrives. */
export class PlayerStats {
  /** Frames whose time has come, counted once a message shows that they or later ones exist. */
  framesExpected = 0
  /** Frames that became the picture on the screen; the others were overtaken within one display frame. */
  framesPresented = 0
  /** Frames whose slices were all there at their time. */
  framesComplete = 0
  /** Frames that were completed after their time. */
  framesLate = 0
  /** Frames that lack a slice up to now. */
  framesMissing = 0
  /** Frames shown in time exactly as a loss-free decoder shows them; counted only with `verify`. */
  framesCorrect = 0
  slicesReceived = 0
  slicesLost = 0
  slicesLate = 0
  slicesDuplicate = 0
  /** Made out of a frame's parity instead of arriving. */
  slicesRecovered = 0
  /** Malformed, of another epoch, too old, too far ahead or beyond the store's limits. */
  slicesRefused = 0
  /** Frames of which something was asked for again, each time counted. */
  framesAskedFor = 0
  /** Payload bytes of all messages on the frames channel. */
  bytes = 0
  /** How long after its time on the presentation clock a complete frame was there to be seen. */
  readonly latenessMs = new Distribution()
  /** Difference of the arrival spacing of consecutive complete frames from their nominal spacing. */
  readonly jitterMs = new Distribution()
}
