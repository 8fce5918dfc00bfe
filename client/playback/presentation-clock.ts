// Says which moment of the programme the viewer should be seeing. The sound is the master while it sounds, because ears
// notice what eyes forgive, but within what nobody notices the picture keeps to the time that all viewers share. Without
// sound the server's clock is the master.

import type { LocalTime, MediaTime } from '../../vendor/asciline/index.ts'
import { localTime, mediaTime } from '../../vendor/asciline/index.ts'

/** Part of the error corrected in one display frame of {@link FRAME_MS}. */
const SLEW_PER_FRAME = 0.05
const FRAME_MS = 1000 / 60
/** An error above this is a seek or a stall, not drift: jump. */
const SNAP_SECONDS = 0.08
/**
 * How far the picture may stay from the sound, for the sake of other screens, while the sound is brought there: a quarter of
 * the 45 ms that viewers notice (ITU-R BT.1359).
 */
const LEAN_SECONDS = 0.012
/** A sound position that has not moved for this long is not sounding. */
const AUDIO_STALE_MS = 250

/** Who the clock follows: nobody yet, the server's clock, or the sound. */
export type Master = 'none' | 'server' | 'audio'

/** Steered free-running clock; pure, time is an argument. */
export class PresentationClock {
  /** Media seconds minus local seconds. */
  #offset: number | undefined
  #steeredAt = 0
  #audioMedia = Number.NaN
  #audioAt = Number.NEGATIVE_INFINITY
  #master: Master = 'none'

  /** Whom the last {@link take} followed. */
  get master(): Master {
    return this.#master
  }

  /** A reading of the sound's position, every display frame; undefined says it does not sound. */
  pushAudio(position: MediaTime | undefined, now: LocalTime): void {
    if (position === undefined || !Number.isFinite(position)) {
      this.#audioMedia = Number.NaN
      this.#audioAt = Number.NEGATIVE_INFINITY
    } else if (position !== this.#audioMedia) {
      // A repeated value is a coarse clock between two steps: the last real step stays the better reading.
      this.#audioMedia = position
      this.#audioAt = now
    }
  }

  /**
   * Programme time to show at `now`, steered a little towards the master; undefined while there is none. `shared` is where
   * the sound is steered to.
   */
  take(server: MediaTime | undefined, now: LocalTime, shared = server): MediaTime | undefined {
    const sounding = now - this.#audioAt <= AUDIO_STALE_MS
    const target = sounding ? this.#leant(this.#audioMedia + (now - this.#audioAt) / 1000, shared) : server
    const before = this.#master
    this.#master = sounding ? 'audio' : server === undefined ? 'none' : 'server'
    if (target === undefined) return this.read(now)
    const wanted = target - now / 1000
    if (this.#offset === undefined || before === 'none' || Math.abs(wanted - this.#offset) > SNAP_SECONDS) {
      this.#offset = wanted
    } else {
      // The share follows the time that passed, so a 120 Hz display does not steer twice as hard as a 60 Hz one.
      const frames = Math.max(0, now - this.#steeredAt) / FRAME_MS
      this.#offset += (wanted - this.#offset) * (1 - (1 - SLEW_PER_FRAME) ** frames)
    }
    this.#steeredAt = now
    return this.read(now)
  }

  #leant(sound: number, shared: MediaTime | undefined): number {
    if (shared === undefined) return sound
    return sound + Math.min(LEAN_SECONDS, Math.max(-LEAN_SECONDS, shared - sound))
  }

  /** Programme time at `now` without steering. */
  read(now: LocalTime): MediaTime | undefined {
    return this.#offset === undefined ? undefined : mediaTime(this.#offset + now / 1000)
  }

  /** Another programme: the next master is followed at once. */
  reset(): void {
    this.#offset = undefined
    this.#master = 'none'
    this.pushAudio(undefined, localTime(0))
  }
}
