// Arithmetic of one announced timeline: which frame belongs to which moment, on the server's clock and on the programme's.

import type { Timeline } from '../../signaling/messages.ts'
import type { LocalTime, MediaTime } from '../../vendor/asciline/index.ts'
import { mediaTime } from '../../vendor/asciline/index.ts'

/** Frame n is shown from start + n/fps on; the margin keeps floating point from showing frame n one display frame late. */
const FRAME_EPSILON = 1e-4

/** Programme time of a frame's first instant. */
export function frameTime(timeline: Timeline, frame: number): MediaTime {
  return mediaTime(timeline.start + frame / timeline.fps)
}

/** Newest frame whose time, moved by `shift` frames, is not after `time`; negative before the programme starts. */
export function frameAt(timeline: Timeline, time: MediaTime, shift = 0): number {
  return Math.floor((time - timeline.start) * timeline.fps + shift + FRAME_EPSILON)
}

/** Programme time that every viewer should be seeing at local `now`, `offsetMs` being server clock minus local clock. */
export function serverTime(timeline: Timeline, offsetMs: number, now: LocalTime): MediaTime {
  const passedMs = now + offsetMs - timeline.at - timeline.playoutDelayMs
  // A paused programme goes on to the frame it was paused at, because that one is still on its way, and stands there.
  const sinceAnchorMs = timeline.paused ? Math.min(0, passedMs) : passedMs
  return mediaTime(timeline.start + timeline.frame / timeline.fps + sinceAnchorMs / 1000)
}

/** Programme time of the first sample that ADTS frame `k` of /audio decodes to. */
export function audioFrameTime({ start, audio }: Timeline, k: number): MediaTime {
  return mediaTime(start + (k * audio.samplesPerFrame - audio.primingSamples) / audio.sampleRate)
}

/** ADTS frame to ask /audio for so that the sound of `time` is in it; never one that starts before the programme. */
export function audioFrameAt({ start, audio }: Timeline, time: MediaTime): number {
  const frame = Math.floor(((time - start) * audio.sampleRate + audio.primingSamples) / audio.samplesPerFrame)
  return Math.max(Math.ceil(audio.primingSamples / audio.samplesPerFrame), frame)
}
