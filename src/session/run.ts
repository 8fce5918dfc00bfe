// One play, from its query to its end: finds the programme and goes through it, and answers to whoever asks where it stands or wants
// to have it elsewhere.

import type { PresetName, Timeline } from '../../signaling/messages.ts'
import type { AdtsRing } from '../audio/adts-ring.ts'
import { type Aim, Course } from './course.ts'
import { CommandError, describeFailure, type Failure } from './failure.ts'
import { Finder, type FinderOptions, type Programme } from './finder.ts'
import { Journey, type JourneyOptions } from './journey.ts'
import { LivePlaces } from './live-places.ts'

export type RunOptions = FinderOptions &
  Omit<JourneyOptions, 'finder' | 'places' | 'course' | 'paused' | 'signal'> & {
    preset: PresetName
    /** Programme seconds to start at. */
    from?: number
    /** Settles when nothing of an earlier run is alive; no source opens before. */
    before: Promise<void>
  }

export type RunEnd = { kind: 'ended' | 'closed' } | { kind: 'failed'; failure: Failure }

// The last picture of a film instead of none.
const END_MARGIN_SECONDS = 0.5

/** Starts at once. `done` settles when everything that it started is gone. */
export class Run {
  readonly id: string
  readonly done: Promise<RunEnd>
  readonly #options: RunOptions
  readonly #abort = new AbortController()
  readonly #finder: Finder
  readonly #places: LivePlaces
  readonly #course: Course
  readonly #journey: Journey
  #paused = false

  constructor(options: RunOptions) {
    this.#options = options
    this.id = options.id
    this.#finder = new Finder(options)
    this.#places = new LivePlaces(options)
    this.#course = new Course({ from: options.from ?? 0, preset: options.preset, edge: true })
    this.#journey = new Journey({
      ...options,
      finder: this.#finder,
      places: this.#places,
      course: this.#course,
      paused: () => this.#paused,
      signal: this.#abort.signal,
    })
    this.done = this.#perform()
  }

  get programme(): Programme | undefined {
    return this.#finder.programme
  }

  /** Finds the programme again. */
  get query(): string {
    return this.#finder.query
  }

  get paused(): boolean {
    return this.#paused
  }

  get preset(): PresetName {
    return this.#course.aim.preset
  }

  get trouble(): Failure | undefined {
    return this.#journey.trouble
  }

  /** A picture has been on the air. */
  get shown(): boolean {
    return this.#journey.leg !== undefined
  }

  get timeline(): Timeline | undefined {
    return this.#journey.leg?.broadcast.timeline()
  }

  get joinSlices(): readonly Uint8Array[] | undefined {
    return this.#journey.leg?.broadcast.joinSlices()
  }

  /** The sound of `epoch`, or undefined when that is not what plays. */
  audio(epoch: number): AdtsRing | undefined {
    return this.#journey.leg?.epoch === epoch ? this.#journey.leg.source.audio : undefined
  }

  /** Programme seconds; where it is going while it is on its way there. */
  get position(): number {
    const leg = this.#journey.leg
    return leg === undefined || this.#course.underway ? this.#course.aim.from : leg.position
  }

  get live(): boolean {
    return this.programme?.info.live ?? false
  }

  get duration(): number | undefined {
    return this.live ? undefined : this.programme?.info.duration
  }

  get seekable(): boolean {
    if (this.live) return this.seekRange !== undefined
    return this.duration !== undefined || this.programme?.media.kind === 'demo'
  }

  /** Programme seconds that can be gone to; undefined when there are none, or no end. */
  get seekRange(): { start: number; end: number } | undefined {
    if (this.live) return this.#places.range
    return this.duration === undefined ? undefined : { start: 0, end: this.duration }
  }

  get behindLive(): number | undefined {
    if (!this.live) return undefined
    return this.#places.behind(this.position) ?? this.#journey.leg?.behind ?? 0
  }

  /** Seconds from what a live stream has published to its edge. */
  get liveLatency(): number | undefined {
    return this.#places.latency
  }

  /** Resolves when the last command has been carried out; the first is to play. Throws like {@link resume}. */
  async settled(): Promise<void> {
    await this.#course.settled()
  }

  verify(wanted: boolean): void {
    this.#journey.verify(wanted)
  }

  pause(): void {
    if (this.#paused) return
    this.#paused = true
    this.#journey.leg?.broadcast.pause()
    this.#options.onChange()
  }

  /** Resolves when the picture moves again. Throws CommandError `superseded`, or what the source failed with. */
  async resume(): Promise<void> {
    if (!this.#paused) return
    const position = this.position
    this.#paused = false
    const { leg } = this.#journey
    if (leg?.parked) return this.#goto({ ...this.#course.aim, from: position, edge: false })
    // Where it is going, it will move.
    if (!this.#course.underway) leg?.broadcast.resume()
    this.#options.onChange()
    await this.settled()
  }

  /** Goes to `to` seconds, or `by` from here. Resolves and throws like {@link resume}; `not-seekable` besides. */
  async seek(target: { to: number } | { by: number }): Promise<void> {
    if (!this.seekable) throw notSeekable(this.live)
    const wanted = 'to' in target ? target.to : this.position + target.by
    const { start, end } = this.seekRange ?? { start: 0, end: Number.POSITIVE_INFINITY }
    const last = this.live ? end : end - END_MARGIN_SECONDS
    const from = Math.max(start, Math.min(wanted, last))
    await this.#goto({ ...this.#course.aim, from, edge: this.live && from === end })
  }

  /** Leaves out what was missed of a live stream. Resolves and throws like {@link resume}. */
  async jumpToLive(): Promise<void> {
    if (!this.live) throw notSeekable(false)
    this.#paused = false
    await this.#goto({ ...this.#course.aim, from: this.position, edge: true })
  }

  /** The same place on another grid. Resolves and throws like {@link resume}. */
  async changePreset(preset: PresetName): Promise<void> {
    if (preset === this.#course.aim.preset) return
    if (this.programme === undefined) {
      this.#course.amend({ preset })
      this.#options.onChange()
      return
    }
    await this.#goto({ from: this.position, preset, edge: false })
  }

  /** Supersedes it: off the air at once; `done` tells when all is gone. May be called twice. */
  close(): void {
    if (this.#abort.signal.aborted) return
    this.#course.close()
    this.#journey.end()
    this.#abort.abort()
  }

  #goto(aim: Aim): Promise<void> {
    const arrived = this.#journey.divert(aim)
    this.#options.onChange()
    return arrived
  }

  async #perform(): Promise<RunEnd> {
    try {
      await this.#finder.find({ fresh: false, signal: this.#abort.signal })
      await this.#options.before
      this.#abort.signal.throwIfAborted()
      await this.#journey.travel()
      return { kind: 'ended' }
    } catch (error) {
      if (this.#abort.signal.aborted) return { kind: 'closed' }
      const failure = describeFailure(error)
      if (failure.code === 'internal') this.#options.log.error({ err: error }, 'run failed unexpectedly')
      this.#course.fail(new CommandError(failure))
      return { kind: 'failed', failure }
    } finally {
      if (!this.#abort.signal.aborted) this.#journey.end()
      await this.#journey.leg?.close()
    }
  }
}

function notSeekable(live: boolean): CommandError {
  return new CommandError({
    code: 'not-seekable',
    message: live
      ? 'This live stream can only be joined where it is.'
      : 'There is no place to go to in this.',
  })
}
