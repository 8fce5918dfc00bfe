// One play, from its query to its end: finds the programme, opens it at one position after the other, and goes on where
// a source was lost. There is one loop; commands only say where it should be, so the last one wins and never more than
// one source is open.

import { setTimeout as wait } from 'node:timers/promises'
import type { ControlFromServer, PresetName, Timeline } from '../../signaling/messages.ts'
import type { LocalTime } from '../../vendor/asciline/index.ts'
import type { AdtsRing } from '../audio/adts-ring.ts'
import type { FrameBus } from '../encode/frame-bus.ts'
import type { Log } from '../log.ts'
import { CommandError, describeFailure, type Failure, superseded } from './failure.ts'
import { Finder, type FinderOptions, type Programme } from './finder.ts'
import type { Leg } from './leg.ts'
import { LivePlaces } from './live-places.ts'
import { openLeg } from './open-leg.ts'
import { recover } from './recover.ts'
import { Retries } from './retries.ts'
import { type Leaving, stay } from './stay.ts'

export type RunOptions = FinderOptions & {
  id: string
  preset: PresetName
  /** Programme seconds to start at. */
  from?: number
  /** Settles when nothing of an earlier run is alive; no source opens before. */
  before: Promise<void>
  ffmpeg: string
  playoutDelayMs: number
  /** A paused source is kept open this long. */
  pausePatienceMs?: number
  /** Pauses before the tries to open a lost source again. */
  retryMs?: readonly number[]
  /** A source that sends nothing for this long is lost. */
  watchdogSeconds?: number
  bus: FrameBus
  nextEpoch: () => number
  announce: (message: ControlFromServer) => void
  /** Something that the status shows has changed. */
  onChange: () => void
  now: () => LocalTime
  log: Log
}

export type RunEnd = { kind: 'ended' | 'closed' } | { kind: 'failed'; failure: Failure }

const PAUSE_PATIENCE_MS = 60_000
// The last picture of a film instead of none.
const END_MARGIN_SECONDS = 0.5

/** Starts at once. `done` settles when everything that it started is gone. */
export class Run {
  readonly id: string
  readonly done: Promise<RunEnd>
  readonly #options: RunOptions
  readonly #abort = new AbortController()
  readonly #retries: Retries
  #move = new AbortController()
  #aim: Aim
  readonly #places: LivePlaces
  #paused = false
  readonly #finder: Finder
  #leg: Leg | undefined
  /** A command that is not carried out before the next picture is on the air. */
  #waiting: PromiseWithResolvers<void> | undefined = patient()
  #trouble: Failure | undefined
  #secondTry = false
  #verifying = false
  #closed = false

  constructor(options: RunOptions) {
    this.#options = options
    this.id = options.id
    this.#aim = { from: options.from ?? 0, preset: options.preset, edge: true }
    this.#finder = new Finder(options)
    this.#places = new LivePlaces(options)
    this.#retries = new Retries({ waitsMs: options.retryMs })
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
    return this.#aim.preset
  }

  get trouble(): Failure | undefined {
    return this.#trouble
  }

  /** A picture has been on the air. */
  get shown(): boolean {
    return this.#leg !== undefined
  }

  get timeline(): Timeline | undefined {
    return this.#leg?.broadcast.timeline()
  }

  get joinSlices(): readonly Uint8Array[] | undefined {
    return this.#leg?.broadcast.joinSlices()
  }

  /** The sound of `epoch`, or undefined when that is not what plays. */
  audio(epoch: number): AdtsRing | undefined {
    return this.#leg?.epoch === epoch ? this.#leg.source.audio : undefined
  }

  /** Programme seconds; where it is going while it is on its way there. */
  get position(): number {
    return this.#leg === undefined || this.#waiting !== undefined ? this.#aim.from : this.#leg.position
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
    return this.#places.behind(this.position) ?? this.#leg?.behind ?? 0
  }

  /** Seconds from what a live stream has published to its edge. */
  get liveLatency(): number | undefined {
    return this.#places.latency
  }

  /** Resolves when the last command has been carried out; the first is to play. Throws like {@link resume}. */
  async settled(): Promise<void> {
    await this.#waiting?.promise
  }

  verify(wanted: boolean): void {
    this.#verifying = wanted
    this.#leg?.broadcast.verify(wanted)
  }

  pause(): void {
    if (this.#paused) return
    this.#paused = true
    this.#leg?.broadcast.pause()
    this.#options.onChange()
  }

  /** Resolves when the picture moves again. Throws CommandError `superseded`, or what the source failed with. */
  async resume(): Promise<void> {
    if (!this.#paused) return
    const position = this.position
    this.#paused = false
    const leg = this.#leg
    if (leg?.parked) return this.#goto({ ...this.#aim, from: position, edge: false })
    // Where it is going, it will move.
    if (this.#waiting === undefined) leg?.broadcast.resume()
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
    await this.#goto({ ...this.#aim, from, edge: this.live && from === end })
  }

  /** Leaves out what was missed of a live stream. Resolves and throws like {@link resume}. */
  async jumpToLive(): Promise<void> {
    if (!this.live) throw notSeekable(false)
    this.#paused = false
    await this.#goto({ ...this.#aim, from: this.position, edge: true })
  }

  /** The same place on another grid. Resolves and throws like {@link resume}. */
  async changePreset(preset: PresetName): Promise<void> {
    if (preset === this.#aim.preset) return
    const from = this.position
    if (this.programme === undefined) {
      this.#aim = { ...this.#aim, from, preset }
      this.#options.onChange()
      return
    }
    await this.#goto({ from, preset, edge: false })
  }

  /** Supersedes it: off the air at once; `done` tells when all is gone. May be called twice. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#waiting?.reject(superseded())
    this.#waiting = undefined
    if (this.timeline !== undefined)
      this.#options.announce({ type: 'ended', epoch: (this.#leg as Leg).epoch })
    this.#leg?.broadcast.close()
    this.#abort.abort()
  }

  #goto(aim: Aim): Promise<void> {
    this.#waiting?.reject(superseded())
    const waiting = patient()
    this.#waiting = waiting
    this.#aim = aim
    this.#retries.reset()
    // Picture and sound stand still until the new place is there.
    this.#leg?.broadcast.pause()
    this.#move.abort()
    this.#options.onChange()
    return waiting.promise
  }

  async #perform(): Promise<RunEnd> {
    try {
      await this.#finder.find({ fresh: false, signal: this.#abort.signal })
      await this.#options.before
      this.#abort.signal.throwIfAborted()
      await this.#play()
      return { kind: 'ended' }
    } catch (error) {
      if (this.#closed) return { kind: 'closed' }
      const failure = describeFailure(error)
      if (failure.code === 'internal') this.#options.log.error({ err: error }, 'run failed unexpectedly')
      this.#waiting?.reject(new CommandError(failure))
      return { kind: 'failed', failure }
    } finally {
      if (!this.#closed && this.timeline !== undefined)
        this.#options.announce({ type: 'ended', epoch: (this.#leg as Leg).epoch })
      await this.#leg?.close()
    }
  }

  /** Goes from leg to leg until the programme is over; throws what it failed with. */
  async #play(): Promise<void> {
    let waitMs = 0
    let fresh = false
    let jumped = true
    for (;;) {
      this.#move = new AbortController()
      const signal = AbortSignal.any([this.#abort.signal, this.#move.signal])
      let leaving: Leaving
      try {
        if (waitMs > 0) await wait(waitMs, undefined, { signal })
        if (fresh || this.#finder.aged) await this.#finder.find({ fresh: true, signal })
        const leg = await this.#open(signal, jumped)
        leaving = await stay({
          leg,
          finder: this.#finder,
          paused: () => this.#paused,
          pausePatienceMs: this.#options.pausePatienceMs ?? PAUSE_PATIENCE_MS,
          signal,
          now: this.#options.now,
          warn: (text) => this.#options.log.warn(`run ${this.id.slice(0, 4)}: ${text}`),
        })
      } catch (error) {
        if (this.#abort.signal.aborted) throw error
        if (signal.aborted) leaving = { kind: 'moved' }
        else leaving = { kind: 'lost', error }
      }
      if (leaving.kind === 'ended') return
      jumped = leaving.kind === 'moved'
      ;({ waitMs, fresh } = await this.#prepare(leaving))
    }
  }

  /** What has to happen before the next leg; throws when there is to be none. */
  async #prepare(leaving: Leaving): Promise<{ waitMs: number; fresh: boolean }> {
    const leg = this.#leg
    if (leaving.kind === 'moved') {
      await leg?.park()
      leg?.broadcast.close()
      return { waitMs: 0, fresh: false }
    }
    const played = leg === undefined || leg.parked ? 0 : leg.reach - leg.from
    // Its frames go on to be shown while the next source opens behind them.
    await leg?.source.close()
    if (leg !== undefined && !leg.parked) {
      this.#aim = { ...this.#aim, from: leg.reach, edge: false }
      void leg.park()
    }
    if (leaving.kind !== 'lost') return { waitMs: 0, fresh: false }
    const way = recover({
      error: leaving.error,
      at: this.#aim.from,
      played,
      shown: this.shown,
      remote: this.#finder.remote,
      secondTry: this.#secondTry,
      retries: this.#retries,
    })
    this.#secondTry = true
    if (way.trouble !== undefined) {
      this.#trouble = way.trouble
      this.#options.log.warn(`run ${this.id.slice(0, 4)}: ${way.trouble.code}, next try in ${way.waitMs} ms`)
      this.#options.onChange()
    }
    return way
  }

  /** Opens a source at the aim and puts it on the air when what was there before has been shown. */
  async #open(signal: AbortSignal, jumped: boolean): Promise<Leg> {
    const programme = this.programme as Programme
    const place = await this.#places.find(programme, this.#aim.edge ? undefined : this.#aim.from, signal)
    if (place !== undefined) this.#aim = { ...this.#aim, from: place.from }
    const leg = await openLeg({
      ...this.#options,
      ...programme,
      ...this.#aim,
      liveStart: place?.index,
      before: this.#leg,
      jumped,
      paused: () => this.#paused,
      // A run that was closed a moment ago must not speak over its successor.
      announce: (message) => {
        if (!this.#closed) this.#options.announce(message)
      },
      signal,
    })
    this.#leg = leg
    // Whatever leads back here later means this place, not the edge as it is then.
    this.#aim = { ...this.#aim, edge: false }
    if (this.#verifying) leg.broadcast.verify(true)
    const waiting = this.#waiting
    void leg.broadcast.started.then(() => {
      waiting?.resolve()
      if (this.#waiting === waiting) this.#waiting = undefined
      this.#options.onChange()
    })
    this.#trouble = undefined
    this.#options.onChange()
    return leg
  }
}

/** Somebody may have given the command and gone. */
function patient(): PromiseWithResolvers<void> {
  const waiting = Promise.withResolvers<void>()
  waiting.promise.catch(() => {})
  return waiting
}

/** `edge`: of a live stream not the place, but its newest. */
type Aim = { from: number; preset: PresetName; edge: boolean }

function notSeekable(live: boolean): CommandError {
  return new CommandError({
    code: 'not-seekable',
    message: live
      ? 'This live stream can only be joined where it is.'
      : 'There is no place to go to in this.',
  })
}
