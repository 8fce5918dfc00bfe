// One play, from its query to its end: finds the programme, opens it at one position after the other, and goes on where
// a source was lost. There is one loop; commands only say where it should be, so the last one wins and never more than
// one source is open.

import { setTimeout as wait } from 'node:timers/promises'
import type { ControlFromServer, PresetName, Timeline } from '../../signaling/messages.ts'
import type { LocalTime } from '../../vendor/asciline/index.ts'
import type { AdtsRing } from '../audio/adts-ring.ts'
import type { FrameBus } from '../encode/frame-bus.ts'
import { PRESETS } from '../encode/preset.ts'
import type { Log } from '../log.ts'
import type { Media } from '../resolve/media.ts'
import type { MediaInfo } from '../source/media-info.ts'
import { probe } from '../source/probe.ts'
import { openSource, type SourceOutcome } from '../source/source.ts'
import { CommandError, describeFailure, type Failure, superseded } from './failure.ts'
import { Leg } from './leg.ts'
import { Retries, refreshAt } from './retries.ts'

export type Resolve = (query: string, signal: AbortSignal, options: { fresh: boolean }) => Promise<Media>

export type Programme = { media: Media; info: MediaInfo }

export type RunOptions = {
  id: string
  query: string
  preset: PresetName
  /** Programme seconds to start at. */
  from?: number
  /** Settles when nothing of an earlier run is alive; no source opens before. */
  before: Promise<void>
  resolve: Resolve
  ffmpeg: string
  ffprobe: string
  maxSourceHeight: number
  playoutDelayMs: number
  /** A paused source is kept open this long. */
  pausePatienceMs?: number
  bus: FrameBus
  nextEpoch: () => number
  announce: (message: ControlFromServer) => void
  /** Something that the status shows has changed. */
  onChange: () => void
  now: () => LocalTime
  /** Milliseconds since 1970, what addresses expire by. */
  wallNow: () => number
  log: Log
}

export type RunEnd = { kind: 'ended' | 'closed' } | { kind: 'failed'; failure: Failure }

/** What made the loop leave a leg that was on the air. */
type Leaving = { kind: 'moved' | 'ended' | 'renewed' } | { kind: 'lost'; error: unknown }

/** What has happened to the leg that is on the air. */
type Seen = { outcome?: SourceOutcome; over: boolean; renewal: 'none' | 'asked' | 'there' }

const PAUSE_PATIENCE_MS = 60_000
const LOOK_MS = 250
const RENEW_AGAIN_MS = 60_000
// The last picture of a film instead of none.
const END_MARGIN_SECONDS = 0.5

/** Starts at once. `done` settles when everything that it started is gone. */
export class Run {
  readonly id: string
  readonly query: string
  readonly done: Promise<RunEnd>
  readonly #options: RunOptions
  readonly #abort = new AbortController()
  readonly #retries = new Retries()
  #move = new AbortController()
  #aim: { from: number; preset: PresetName }
  #paused = false
  #programme: Programme | undefined
  #refreshAt: number | undefined
  #leg: Leg | undefined
  /** A command that is not carried out before the next picture is on the air. */
  #waiting: PromiseWithResolvers<void> | undefined
  #trouble: Failure | undefined
  #secondTry = false
  #verifying = false
  #closed = false

  constructor(options: RunOptions) {
    this.#options = options
    this.id = options.id
    this.query = options.query
    this.#aim = { from: options.from ?? 0, preset: options.preset }
    this.done = this.#perform()
  }

  get programme(): Programme | undefined {
    return this.#programme
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
    return this.#programme?.info.live ?? false
  }

  get duration(): number | undefined {
    return this.live ? undefined : this.#programme?.info.duration
  }

  get seekable(): boolean {
    return !this.live && (this.duration !== undefined || this.#programme?.media.kind === 'demo')
  }

  get behindLive(): number | undefined {
    return this.live ? (this.#leg?.behind ?? 0) : undefined
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
    if (leg?.parked) return this.#goto({ ...this.#aim, from: position })
    // Where it is going, it will move.
    if (this.#waiting === undefined) leg?.broadcast.resume()
    this.#options.onChange()
    await this.#waiting?.promise
  }

  /** Goes to `to` seconds, or `by` from here. Resolves and throws like {@link resume}; `not-seekable` besides. */
  async seek(target: { to: number } | { by: number }): Promise<void> {
    if (!this.seekable) throw notSeekable(this.live)
    const wanted = 'to' in target ? target.to : this.position + target.by
    const last = this.duration === undefined ? Number.POSITIVE_INFINITY : this.duration - END_MARGIN_SECONDS
    await this.#goto({ ...this.#aim, from: Math.max(0, Math.min(wanted, last)) })
  }

  /** Leaves out what was missed of a live stream. Resolves and throws like {@link resume}. */
  async jumpToLive(): Promise<void> {
    if (!this.live) throw notSeekable(false)
    this.#paused = false
    await this.#goto({ ...this.#aim, from: this.position })
  }

  /** The same place on another grid. Resolves and throws like {@link resume}. */
  async changePreset(preset: PresetName): Promise<void> {
    if (preset === this.#aim.preset) return
    const from = this.position
    if (this.#programme === undefined) {
      this.#aim = { from, preset }
      this.#options.onChange()
      return
    }
    await this.#goto({ from, preset })
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

  #goto(aim: { from: number; preset: PresetName }): Promise<void> {
    this.#waiting?.reject(superseded())
    const waiting = Promise.withResolvers<void>()
    // Somebody may have given the command and gone.
    waiting.promise.catch(() => {})
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
      await this.#find({ fresh: false, signal: this.#abort.signal })
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
    for (;;) {
      this.#move = new AbortController()
      const signal = AbortSignal.any([this.#abort.signal, this.#move.signal])
      let leaving: Leaving
      try {
        if (waitMs > 0) await wait(waitMs, undefined, { signal })
        if (fresh || this.#addressesAge) await this.#find({ fresh: true, signal })
        const leg = await this.#open(signal)
        leaving = await this.#stay(leg, signal)
      } catch (error) {
        if (this.#abort.signal.aborted) throw error
        if (signal.aborted) leaving = { kind: 'moved' }
        else {
          leaving = { kind: 'lost', error }
        }
      }
      if (leaving.kind === 'ended') return
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
      this.#aim = { ...this.#aim, from: leg.reach }
      void leg.park()
    }
    if (leaving.kind !== 'lost') return { waitMs: 0, fresh: false }
    const failure = describeFailure(leaving.error)
    const network = this.#programme?.media.kind !== 'file' && this.#programme?.media.kind !== 'demo'
    if (!this.shown) {
      // The addresses of an answer from the cache may have died since; those of a new one have not.
      if (network && failure.code === 'source-failed' && !this.#secondTry) {
        this.#secondTry = true
        return { waitMs: 0, fresh: true }
      }
      throw new CommandError(failure)
    }
    if (failure.code === 'internal') throw leaving.error
    const waitMs = this.#retries.next(played)
    if (waitMs === undefined) {
      throw new CommandError({
        code: failure.code,
        message: `It broke off at ${clock(this.#aim.from)} and could not be opened again in ${this.#retries.used} tries. ${failure.message}`,
      })
    }
    this.#trouble = {
      code: failure.code,
      message: `${failure.message} Trying again (${this.#retries.used} of 3).`,
    }
    this.#options.log.warn(`run ${this.id.slice(0, 4)}: ${failure.code}, next try in ${waitMs} ms`)
    this.#options.onChange()
    return { waitMs, fresh: network }
  }

  async #find({ fresh, signal }: { fresh: boolean; signal: AbortSignal }): Promise<void> {
    const { resolve, query, ffprobe, maxSourceHeight, wallNow } = this.#options
    const media = await resolve(query, signal, { fresh })
    const info = await probe(media, { ffprobe, signal, maxSourceHeight })
    this.#programme = { media, info }
    this.#refreshAt = refreshAt(media.expiresAt, wallNow())
  }

  /** Opens a source at the aim and puts it on the air when what was there before has been shown. */
  async #open(signal: AbortSignal): Promise<Leg> {
    const { ffmpeg, log, nextEpoch, announce, playoutDelayMs, bus, now } = this.#options
    const { media, info } = this.#programme as Programme
    const { from, preset } = this.#aim
    const options = { media, info, preset: PRESETS[preset], from, ffmpeg, signal, log }
    const source = await openSource(options)
    try {
      await source.started
      signal.throwIfAborted()
      if (source.frames.newest < 0) throw asError(await source.ended)
      const before = this.#leg
      if (before !== undefined) {
        await Promise.race([before.broadcast.over, aborted(signal)])
        signal.throwIfAborted()
        before.broadcast.close()
      }
      const leg = new Leg({
        source,
        epoch: nextEpoch(),
        preset,
        from,
        paused: this.#paused,
        playoutDelayMs,
        bus,
        // A run that was closed a moment ago must not speak over its successor.
        announce: (message) => {
          if (!this.#closed) announce(message)
        },
        now,
      })
      this.#leg = leg
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
    } catch (error) {
      await source.close()
      throw error
    }
  }

  /** Resolves when the leg is to be left, and says why. */
  async #stay(leg: Leg, signal: AbortSignal): Promise<Leaving> {
    const { now, pausePatienceMs = PAUSE_PATIENCE_MS } = this.#options
    let wake = () => {}
    const seen: Seen = { over: false, renewal: 'none' }
    const note = (news: Partial<Seen>) => {
      Object.assign(seen, news)
      wake()
    }
    signal.addEventListener('abort', () => wake(), { once: true })
    void leg.source.ended.then((outcome) => note({ outcome }))
    void leg.broadcast.over.then(() => note({ over: true }))
    let pausedSince: LocalTime | undefined
    for (;;) {
      if (signal.aborted) return { kind: 'moved' }
      const kind = seen.outcome?.kind
      if (seen.over && kind === 'ended') return { kind: 'ended' }
      pausedSince = this.#paused ? (pausedSince ?? now()) : undefined
      if (!leg.parked && pausedSince !== undefined) {
        // A file waits as long as its viewers do; the server behind an address does not.
        const patience = this.#programme?.media.kind === 'file' ? Number.POSITIVE_INFINITY : pausePatienceMs
        if (kind === 'failed' || now() - pausedSince > patience) await leg.park()
      } else if (!leg.parked) {
        if (seen.outcome?.kind === 'failed') return { kind: 'lost', error: asError(seen.outcome) }
        if (seen.renewal === 'there') return { kind: 'renewed' }
        if (seen.renewal === 'none' && kind === undefined && this.#addressesAge) {
          // Asked for while the old ones still play: finding them may take longer than the rings last.
          seen.renewal = 'asked'
          this.#find({ fresh: true, signal }).then(
            () => note({ renewal: 'there' }),
            (error: unknown) => {
              seen.renewal = 'none'
              if (signal.aborted) return
              this.#refreshAt = this.#options.wallNow() + RENEW_AGAIN_MS
              this.#options.log.warn(
                `run ${this.id.slice(0, 4)}: no new addresses: ${describeFailure(error).message}`,
              )
            },
          )
        }
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, LOOK_MS)
        wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }

  get #addressesAge(): boolean {
    return this.#refreshAt !== undefined && this.#options.wallNow() >= this.#refreshAt
  }
}

function asError({ code, message }: SourceOutcome): CommandError {
  return new CommandError({ code: code ?? 'source-lost', message: message ?? 'The media stopped coming.' })
}

function notSeekable(live: boolean): CommandError {
  return new CommandError({
    code: 'not-seekable',
    message: live ? 'A live stream can only be joined where it is.' : 'There is no place to go to in this.',
  })
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/** 3:07 or 1:02:03. */
function clock(seconds: number): string {
  const whole = Math.floor(seconds)
  const fields = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  if (fields[0] === 0) fields.shift()
  return fields
    .map((field, index) => (index === 0 ? String(field) : String(field).padStart(2, '0')))
    .join(':')
}
