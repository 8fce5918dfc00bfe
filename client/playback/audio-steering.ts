// Decides what the sound should do next: wait, start, play a hair faster or slower, jump, or be opened again.
// Pure, so that half an hour of drift is a loop in a test.

import type { LocalTime, MediaTime } from '../../vendor/asciline/index.ts'
import { mediaTime } from '../../vendor/asciline/index.ts'

/** Beyond this the picture would be visibly ahead of other viewers' and a jump is the lesser evil. */
const SEEK_SECONDS = 0.08
/** An error has to last this long: a reading taken while the element starts or the tab wakes is not drift. */
const SEEK_AFTER_MS = 400
/** Between two jumps, so that the second is decided on a position that has settled. */
const SEEK_PAUSE_MS = 1500
/** 0.5 % is 8 cents of pitch: not heard. */
const MAX_RATE_CHANGE = 0.005
/** Full correction at 50 ms of error. */
const RATE_PER_SECOND = 0.1
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
  #readAt = Number.NEGATIVE_INFINITY
  #seekAt = Number.NEGATIVE_INFINITY
  #offSince: number | undefined
  #still = Number.NaN
  #stillSince = 0
  #stillLimitMs = STILL_MS
  /** How long the element takes from a jump to sounding; learned from what the last jump left over. */
  #leadSeconds = 0.03
  #learning = false

  /** Smoothed error in seconds, positive when the sound is ahead. */
  get error(): number {
    return this.#error
  }

  get rate(): number {
    return this.#rate
  }

  /** A stream was opened (again): positions of the old one mean nothing. What was learned of the element stays. */
  opened(now: LocalTime): void {
    this.#rate = 1
    this.#rateAt = Number.NEGATIVE_INFINITY
    this.#seekAt = Number.NEGATIVE_INFINITY
    this.#offSince = undefined
    this.#learning = false
    this.#still = Number.NaN
    this.#stillSince = now
  }

  decide(reading: SoundReading, now: LocalTime): SoundAction {
    const { position, target, playing } = reading
    if (position !== this.#still) {
      this.#still = position
      this.#stillSince = now
      if (playing && now - this.#seekAt > SEEK_PAUSE_MS) this.#stillLimitMs = STILL_MS
    }
    if (now - this.#stillSince > this.#stillLimitMs * (playing ? 1 : START_PATIENCE)) {
      // The server may simply have nothing yet: ask less and less often.
      this.#stillLimitMs = Math.min(MAX_STILL_MS, this.#stillLimitMs * 2)
      this.#stillSince = now
      return { kind: 'reopen' }
    }
    if (!playing) return this.#start(reading, now)
    const error = position - target
    const sinceLastMs = now - this.#readAt
    this.#readAt = now
    this.#error =
      sinceLastMs > 500 ? error : this.#error + (error - this.#error) * Math.min(1, sinceLastMs / 200)
    return Math.abs(this.#error) > SEEK_SECONDS ? this.#jump(reading, now) : this.#nudge(now)
  }

  #start(reading: SoundReading, now: LocalTime): SoundAction {
    const to = reading.target + this.#leadSeconds
    if (to < reading.readyFrom || to + START_AHEAD_SECONDS > reading.readyTo) return NONE
    return this.#seek(to, now)
  }

  #jump(reading: SoundReading, now: LocalTime): SoundAction {
    this.#offSince ??= now
    // A jump does not wake what stands still; it would only hide it from the watchdog.
    if (now - this.#stillSince > STALLED_MS) return NONE
    if (now - this.#offSince < SEEK_AFTER_MS || now - this.#seekAt < SEEK_PAUSE_MS) return NONE
    if (this.#learning) this.#learn()
    const to = reading.target + this.#leadSeconds
    // Nothing ready there: behind us the stream has to be asked for again, ahead it is still on its way.
    if (to < reading.readyFrom) return { kind: 'reopen' }
    if (to + START_AHEAD_SECONDS > reading.readyTo) return NONE
    return this.#seek(to, now)
  }

  #nudge(now: LocalTime): SoundAction {
    this.#offSince = undefined
    if (this.#learning && now - this.#seekAt > SEEK_PAUSE_MS) this.#learn()
    if (now - this.#rateAt < RATE_PAUSE_MS) return NONE
    const change = Math.min(MAX_RATE_CHANGE, Math.max(-MAX_RATE_CHANGE, -this.#error * RATE_PER_SECOND))
    const rate = 1 + Math.round(change / RATE_STEP) * RATE_STEP
    if (rate === this.#rate) return NONE
    this.#rate = rate
    this.#rateAt = now
    return { kind: 'rate', rate }
  }

  #seek(to: number, now: LocalTime): SoundAction {
    this.#seekAt = now
    this.#offSince = undefined
    this.#learning = true
    return { kind: 'seek', to: mediaTime(to) }
  }

  #learn(): void {
    this.#learning = false
    this.#leadSeconds = Math.min(0.3, Math.max(0, this.#leadSeconds - this.#error))
  }
}
