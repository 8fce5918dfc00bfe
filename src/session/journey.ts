// Goes from leg to leg of a programme until it is over: opens a source where the course says, stays with it, and goes on where it
// was lost. There is one loop, so never more than one source is open.

import { setTimeout as wait } from 'node:timers/promises'
import type { ControlFromServer } from '../../signaling/messages.ts'
import type { LocalTime } from '../../vendor/asciline/index.ts'
import type { FrameBus } from '../encode/frame-bus.ts'
import type { Log } from '../log.ts'
import type { Aim, Course } from './course.ts'
import type { Failure } from './failure.ts'
import type { Finder, Programme } from './finder.ts'
import type { Leg } from './leg.ts'
import type { LivePlaces } from './live-places.ts'
import { openLeg } from './open-leg.ts'
import { recover } from './recover.ts'
import { Retries } from './retries.ts'
import { type Leaving, stay } from './stay.ts'

export type JourneyOptions = {
  /** Of the run, for the log. */
  id: string
  finder: Finder
  places: LivePlaces
  course: Course
  paused: () => boolean
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
  /** Aborted when the run is closed. */
  signal: AbortSignal
}

const PAUSE_PATIENCE_MS = 60_000

/** Begins with a programme that has been found. */
export class Journey {
  readonly #options: JourneyOptions
  readonly #retries: Retries
  #leg: Leg | undefined
  #trouble: Failure | undefined
  #secondTry = false
  #verifying = false

  constructor(options: JourneyOptions) {
    this.#options = options
    this.#retries = new Retries({ waitsMs: options.retryMs })
  }

  /** What is on the air, or was last; undefined before the first. */
  get leg(): Leg | undefined {
    return this.#leg
  }

  /** Why nothing comes just now. */
  get trouble(): Failure | undefined {
    return this.#trouble
  }

  verify(wanted: boolean): void {
    this.#verifying = wanted
    this.#leg?.broadcast.verify(wanted)
  }

  /** Somebody has chosen another place. Resolves and throws like {@link Course.go}. */
  divert(aim: Aim): Promise<void> {
    this.#retries.reset()
    // Picture and sound stand still until the new place is there.
    this.#leg?.broadcast.pause()
    return this.#options.course.go(aim)
  }

  /** Off the air at once, and everybody is told; the source of the leg is still to be closed. */
  end(): void {
    const leg = this.#leg
    if (leg?.broadcast.timeline() !== undefined) this.#options.announce({ type: 'ended', epoch: leg.epoch })
    leg?.broadcast.close()
  }

  /** Resolves when the programme is over; throws what it failed with, or the signal's reason. */
  async travel(): Promise<void> {
    const { signal: closed, course, finder, paused, now } = this.#options
    const { pausePatienceMs = PAUSE_PATIENCE_MS } = this.#options
    let waitMs = 0
    let fresh = false
    let jumped = true
    for (;;) {
      const signal = AbortSignal.any([closed, course.depart()])
      let leaving: Leaving
      try {
        if (waitMs > 0) await wait(waitMs, undefined, { signal })
        if (fresh || finder.aged) await finder.find({ fresh: true, signal })
        const leg = await this.#open(signal, jumped)
        const warn = (text: string) => this.#warn(text)
        leaving = await stay({ leg, finder, paused, pausePatienceMs, signal, now, warn })
      } catch (error) {
        if (closed.aborted) throw error
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
    const { course, finder, onChange } = this.#options
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
      course.amend({ from: leg.reach, edge: false })
      void leg.park()
    }
    if (leaving.kind !== 'lost') return { waitMs: 0, fresh: false }
    const way = recover({
      error: leaving.error,
      at: course.aim.from,
      played,
      shown: leg !== undefined,
      remote: finder.remote,
      secondTry: this.#secondTry,
      retries: this.#retries,
    })
    this.#secondTry = true
    if (way.trouble !== undefined) {
      this.#trouble = way.trouble
      this.#warn(`${way.trouble.code}, next try in ${way.waitMs} ms`)
      onChange()
    }
    return way
  }

  /** Opens a source at the aim and puts it on the air when what was there before has been shown. */
  async #open(signal: AbortSignal, jumped: boolean): Promise<Leg> {
    const { signal: closed, course, finder, places, announce, onChange } = this.#options
    const programme = finder.programme as Programme
    const place = await places.find(programme, course.aim.edge ? undefined : course.aim.from, signal)
    if (place !== undefined) course.amend({ from: place.from })
    const leg = await openLeg({
      ...this.#options,
      ...programme,
      ...course.aim,
      liveStart: place?.index,
      before: this.#leg,
      jumped,
      // A run that was closed a moment ago must not speak over its successor.
      announce: (message) => {
        if (!closed.aborted) announce(message)
      },
      signal,
    })
    this.#leg = leg
    // Whatever leads back here later means this place, not the edge as it is then.
    course.amend({ edge: false })
    if (this.#verifying) leg.broadcast.verify(true)
    const arrived = course.arrival()
    void leg.broadcast.started.then(() => {
      arrived()
      onChange()
    })
    this.#trouble = undefined
    onChange()
    return leg
  }

  #warn(text: string): void {
    this.#options.log.warn(`run ${this.#options.id.slice(0, 4)}: ${text}`)
  }
}
