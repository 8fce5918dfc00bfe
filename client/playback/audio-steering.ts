// Decides what the sound should do next: wait, start, play a hair faster or slower, jump, or be opened again.
// Pure, so that half an hour of drift is a loop in a test.

import type { LocalTime, MediaTime } from '../../vendor/asciline/index.ts'
import { mediaTime } from '../../vendor/asciline/index.ts'

/** Beyond this the picture would be visibly ahead of other viewers' and a jump is the lesser evil. */
const SEEK_SECONDS = 0.08
/** Right after a start a jump costs least: nobody has got used to anything yet. */
const START_SEEK_SECONDS = 0.025
/** An error has to last this long: a reading taken while the tab wakes is not drift. */
const SEEK_AFTER_MS = 400
/** After a start or a jump the position is believed once it has run on for this long. */
const BELIEVE_AFTER_MS = 250
/** 0.5 % is 8 cents of pitch: not heard. */
const MAX_RATE_CHANGE = 0.005
/** Full correction from 25 ms of error on. */
const RATE_PER_SECOND = 0.2
const RATE_STEP = 0.0005
const RATE_PAUSE_MS = 500
/** Sound that must lie ready beyond the position before starting there. */
const START_AHEAD_SECONDS = 0.15
/** A position standing still for this long while playing: the element fires no error when its stream dies. */
const STILL_MS = 1000
const MAX_STILL_MS = 8000
const STALLED_MS = 200
/** A stream that has not started may still be on its way. */
const START_PATIENCE = 3
/** Out of step for this long, with no way to jump: better a picture in step with it than one without. */
const GIVE_IN_MS = 3000

export type SoundReading = {
  /** The element's position in programme time. */
  position: MediaTime
  /** Where every viewer should be. */
  target: MediaTime
  /** Programme time of the sound that lies ready around the target; equal when there is none. */
  readyFrom: MediaTime
  readyTo: MediaTime
  /** False while the element is paused or has not been started. */
  playing: boolean
}

/** The next thing to do. `seek` also starts an element that does not play yet. */
export type SoundAction =
  | { kind: 'none' }
  | { kind: 'seek'; to: MediaTime }
  | { kind: 'rate'; rate: number }
  | { kind: 'reopen' }

const NONE: SoundAction = { kind: 'none' }

/** Steers one audio element towards the shared clock, reading by reading. */
export class AudioSteering {
  #rate = 1
  #rateAt = Number.NEGATIVE_INFINITY
  #error = 0
  #readAt = 0
  #offSince: number | undefined
  #still = Number.NaN
  #stillSince = 0
  #stillLimitMs = STILL_MS
  /** How long the element takes from a command to sounding; learned from what the last one left over. */
  #leadSeconds = { start: 0.12, jump: 0.06 }
  /** The command whose outcome is awaited. */
  #awaiting: { kind: 'start' | 'jump'; to: number } | undefined
  #runningSince: number | undefined
  #fresh = true

  /** Smoothed error in seconds, positive when the sound is ahead. */
  get error(): number {
    return this.#error
  }

  get rate(): number {
    return this.#rate
  }

  /** True while the sound is where the picture should follow it: near the shared clock, or unable to get there. */
  inStep(now: LocalTime): boolean {
    if (this.#awaiting !== undefined || this.#runningSince === undefined) return false
    return this.#offSince === undefined || now - this.#offSince > GIVE_IN_MS
  }

  /** A stream was opened (again): positions of the old one mean nothing. What was learned of the element stays. */
  opened(now: LocalTime): void {
    this.#rate = 1
    this.#rateAt = Number.NEGATIVE_INFINITY
    this.#error = 0
    this.#offSince = undefined
    this.#awaiting = undefined
    this.#runningSince = undefined
    this.#still = Number.NaN
    this.#stillSince = now
    this.#fresh = true
  }

  decide(reading: SoundReading, now: LocalTime): SoundAction {
    const { position, playing } = reading
    if (position !== this.#still) {
      this.#still = position
      this.#stillSince = now
    }
    if (now - this.#stillSince > this.#stillLimitMs * (playing ? 1 : START_PATIENCE)) {
      // The server may simply have nothing yet: ask less and less often.
      this.#stillLimitMs = Math.min(MAX_STILL_MS, this.#stillLimitMs * 2)
      this.#stillSince = now
      return { kind: 'reopen' }
    }
    if (!playing) return this.#awaiting === undefined ? this.#start(reading, now) : NONE
    if (!this.#measure(reading, now)) return NONE
    const limit = this.#fresh ? START_SEEK_SECONDS : SEEK_SECONDS
    return Math.abs(this.#error) > limit ? this.#jump(reading, now) : this.#nudge(now)
  }

  /** Takes the error in; false while an element that was just told to play has not settled. */
  #measure({ position, target }: SoundReading, now: LocalTime): boolean {
    const error = position - target
    if (this.#awaiting !== undefined) {
      if (position <= this.#awaiting.to) return false
      this.#runningSince ??= now
      if (now - this.#runningSince < BELIEVE_AFTER_MS) return false
      const { kind } = this.#awaiting
      this.#leadSeconds[kind] = Math.min(0.4, Math.max(0, this.#leadSeconds[kind] - error))
      this.#awaiting = undefined
      this.#stillLimitMs = STILL_MS
      this.#error = error
      // What is wrong right after a command is wrong by a constant: there is nothing to wait for.
      this.#offSince = now - SEEK_AFTER_MS
    } else {
      this.#runningSince ??= now
      const sinceLastMs = now - this.#readAt
      // A second without readings (a hidden tab) leaves nothing worth smoothing with.
      const share = sinceLastMs > 500 ? 1 : Math.min(1, sinceLastMs / 200)
      this.#error += (error - this.#error) * share
    }
    this.#readAt = now
    return true
  }

  #start(reading: SoundReading, now: LocalTime): SoundAction {
    const to = reading.target + this.#leadSeconds.start
    if (to < reading.readyFrom || to + START_AHEAD_SECONDS > reading.readyTo) return NONE
    return this.#seek('start', to, now)
  }

  #jump(reading: SoundReading, now: LocalTime): SoundAction {
    this.#offSince ??= now
    // A jump does not wake what stands still; it would only hide it from the watchdog.
    if (now - this.#stillSince > STALLED_MS || now - this.#offSince < SEEK_AFTER_MS) return NONE
    this.#fresh = false
    const to = reading.target + this.#leadSeconds.jump
    // Nothing ready there: behind us the stream has to be asked for again, ahead it is still on its way.
    if (to < reading.readyFrom) return { kind: 'reopen' }
    if (to + START_AHEAD_SECONDS > reading.readyTo) return NONE
    return this.#seek('jump', to, now)
  }

  #nudge(now: LocalTime): SoundAction {
    this.#offSince = undefined
    this.#fresh = false
    if (now - this.#rateAt < RATE_PAUSE_MS) return NONE
    const change = Math.min(MAX_RATE_CHANGE, Math.max(-MAX_RATE_CHANGE, -this.#error * RATE_PER_SECOND))
    const rate = 1 + Math.round(change / RATE_STEP) * RATE_STEP
    if (rate === this.#rate) return NONE
    this.#rate = rate
    this.#rateAt = now
    return { kind: 'rate', rate }
  }

  #seek(kind: 'start' | 'jump', to: number, now: LocalTime): SoundAction {
    this.#awaiting = { kind, to }
    this.#runningSince = undefined
    this.#offSince = undefined
    this.#still = to
    this.#stillSince = now
    return { kind: 'seek', to: mediaTime(to) }
  }
}
