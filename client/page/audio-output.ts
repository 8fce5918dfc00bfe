// The speakers: opens the sound of a programme, keeps it on the shared clock, opens it again when it dies, and says where it
// is. The element stays outside WebAudio: its clock is ten times quieter there, and a car only controls a real one.

import type { Timeline } from '../../signaling/messages.ts'
import { type LocalTime, localTime, type MediaTime } from '../../vendor/asciline/index.ts'
import { AudioSteering, audioFrameAt } from '../playback/index.ts'
import { SoundStream } from './sound-stream.ts'

/** Pause before asking for a refused or cut stream again; it doubles up to the maximum. */
const RETRY_MS = 300
const MAX_RETRY_MS = 5000
const ENDED_PATIENCE_MS = 1000

/** What the overlay and the tests may know. */
export type SoundState = 'off' | 'waiting' | 'playing' | 'blocked' | 'paused'

export type AudioOutputOptions = {
  element: HTMLAudioElement
  /** Where every viewer should be now. */
  target: (now: LocalTime) => MediaTime | undefined
  onState: (state: SoundState) => void
}

/** Owns the audio element. `tick` runs in every display frame; everything else follows from it. */
export class AudioOutput {
  readonly #element: HTMLAudioElement
  readonly #options: AudioOutputOptions
  readonly #steering = new AudioSteering()
  #timeline: Timeline | undefined
  #stream: SoundStream | undefined
  #state: SoundState = 'off'
  #paused = false
  #retryAt = 0
  #retryMs = RETRY_MS
  #starting = false
  #reopened = 0
  #resumed = 0
  #endAt: number | undefined

  constructor(options: AudioOutputOptions) {
    this.#options = options
    this.#element = options.element
    // Stretching instead of resampling moves the position in 28 ms lumps.
    const pitch = this.#element as HTMLAudioElement & {
      webkitPreservesPitch?: boolean
      mozPreservesPitch?: boolean
    }
    pitch.preservesPitch = false
    pitch.webkitPreservesPitch = false
    pitch.mozPreservesPitch = false
  }

  get state(): SoundState {
    return this.#state
  }

  /** Streams opened again within a programme. */
  get reopened(): number {
    return this.#reopened
  }

  /** Cuts bridged from the buffer, without anything to be heard. */
  get resumed(): number {
    return this.#resumed
  }

  get rate(): number {
    return this.#element.playbackRate
  }

  /** Smoothed distance from the shared clock in milliseconds, positive when ahead. */
  get driftMs(): number {
    return this.#steering.error * 1000
  }

  get transport(): string {
    return this.#stream?.kind ?? 'none'
  }

  setVolume(volume: number, muted: boolean): void {
    this.#element.volume = Math.min(1, Math.max(0, volume))
    this.#element.muted = muted
  }

  /** A programme begins, or a new connection announces it again: an unbroken stream of the same one plays on. */
  begin(timeline: Timeline): void {
    const before = this.#timeline
    this.#timeline = timeline
    this.#endAt = undefined
    if (this.#stream !== undefined && before?.epoch === timeline.epoch && before.start === timeline.start)
      return
    this.#shut()
    this.#retryAt = 0
    this.#retryMs = RETRY_MS
    this.#reopened = 0
    this.#resumed = 0
    this.#move(this.#paused ? 'paused' : this.#state === 'blocked' ? 'blocked' : 'waiting')
    // Where the clock is known already, the sound need not wait for the next display frame.
    this.tick(localTime(performance.now()))
  }

  /** The programme is over. What viewers are still to see of it, `tailMs`, they also hear. */
  end(tailMs = 0): void {
    if (this.#timeline === undefined) return
    const endAt = performance.now() + tailMs
    this.#endAt = Math.min(endAt, this.#endAt ?? endAt)
    if (tailMs <= 0) this.#finish()
  }

  /** A person has touched the page: sound that the browser held back may play now. */
  unlock(): void {
    if (this.#state === 'blocked') this.#move(this.#timeline === undefined ? 'off' : 'waiting')
  }

  /** The viewer's own pause, e.g. a key on the steering wheel; the picture goes on. */
  pause(): void {
    this.#paused = true
    this.#shut()
    this.#move('paused')
  }

  resume(): void {
    this.#paused = false
    if (this.#state === 'paused' || this.#state === 'blocked') {
      this.#move(this.#timeline === undefined ? 'off' : 'waiting')
    }
  }

  /** Steers, and returns where the sound is; undefined while it does not sound. */
  tick(now: LocalTime): MediaTime | undefined {
    if (this.#endAt !== undefined && now >= this.#endAt) this.#finish()
    if (this.#timeline === undefined || (this.#state !== 'waiting' && this.#state !== 'playing'))
      return undefined
    const target = this.#options.target(now)
    if (target === undefined) return undefined
    if (this.#stream === undefined) {
      if (now >= this.#retryAt) this.#open(this.#timeline, target, now)
      return undefined
    }
    const element = this.#element
    if (element.ended) {
      // The programme's end is announced; without that the server has only let go of a listener who fell behind.
      this.#reopen(now, ENDED_PATIENCE_MS)
      return undefined
    }
    const { position } = this.#stream
    const playing = !element.paused && !this.#starting && !element.seeking && element.readyState >= 3
    const ready = this.#stream.ready(target)
    const action = this.#steering.decide(
      { position, target, readyFrom: ready.from, readyTo: ready.to, playing: playing || this.#starting },
      now,
    )
    if (action.kind === 'rate') element.playbackRate = action.rate
    else if (action.kind === 'seek') this.#seek(action.to)
    else if (action.kind === 'reopen') this.#reopen(now, 0)
    // Out of step, it will jump in a moment; the picture need not jump with it.
    return playing && this.#steering.inStep(now) ? position : undefined
  }

  close(): void {
    this.#finish()
    this.#move('off')
  }

  #finish(): void {
    this.#endAt = undefined
    this.#timeline = undefined
    this.#shut()
    if (this.#state !== 'blocked' && this.#state !== 'paused') this.#move('off')
  }

  #open(timeline: Timeline, target: MediaTime, now: LocalTime): void {
    this.#stream = new SoundStream({
      element: this.#element,
      timeline,
      from: audioFrameAt(timeline, target),
      onBroken: () => this.#broken(),
      onResume: () => (this.#resumed += 1),
    })
    this.#element.playbackRate = 1
    this.#steering.opened(now)
  }

  #seek(to: MediaTime): void {
    this.#stream?.seek(to)
    if (!this.#element.paused) return
    this.#starting = true
    const stream = this.#stream
    this.#element.play().then(
      () => {
        if (stream !== this.#stream) return
        this.#starting = false
        this.#retryMs = RETRY_MS
        this.#move('playing')
      },
      (error: unknown) => {
        if (stream !== this.#stream) return
        this.#starting = false
        if (!(error instanceof DOMException) || error.name !== 'NotAllowedError') return
        // Until somebody touches the page there is no point in fetching what cannot be heard.
        this.#shut()
        this.#move('blocked')
      },
    )
  }

  #reopen(now: LocalTime, pauseMs: number): void {
    this.#reopened += 1
    this.#shut()
    this.#retryAt = now + pauseMs
    this.#move('waiting')
  }

  #broken(): void {
    this.#shut()
    this.#reopened += 1
    this.#retryAt = performance.now() + this.#retryMs
    this.#retryMs = Math.min(MAX_RETRY_MS, this.#retryMs * 2)
    if (this.#state === 'playing') this.#move('waiting')
  }

  #shut(): void {
    this.#starting = false
    this.#stream?.close()
    this.#stream = undefined
  }

  #move(state: SoundState): void {
    if (this.#state === state) return
    this.#state = state
    this.#options.onState(state)
  }
}
