// The one session this server has: idle, resolving, playing or error. A new play supersedes whatever runs, at once.

import { randomBytes } from 'node:crypto'
import { ERROR_CODES, type ErrorCode } from '../../signaling/error-codes.ts'
import type { ControlFromServer, PresetName, SessionStatus, Timeline } from '../../signaling/messages.ts'
import { type LocalTime, mediaTime } from '../../vendor/asciline/index.ts'
import type { AdtsRing } from '../audio/adts-ring.ts'
import { Broadcast } from '../encode/broadcast.ts'
import type { FrameBus } from '../encode/frame-bus.ts'
import { PRESETS } from '../encode/preset.ts'
import type { Log } from '../log.ts'
import type { Media } from '../resolve/media.ts'
import { probe } from '../source/probe.ts'
import { openSource, type Source } from '../source/source.ts'

type Failure = { code: ErrorCode; message: string }

/** What holds in each state; `id` names the play that led there. */
type State =
  | { name: 'idle' }
  | { name: 'resolving'; id: string; query: string }
  | { name: 'playing'; id: string; media: Media; duration: number | null }
  | { name: 'error'; id: string; query: string; failure: Failure }

/** One play from command to end. Whatever it started dies with `abort`; `gone` settles when all of it is dead. */
type Run = {
  id: string
  abort: AbortController
  broadcast?: Broadcast
  source?: Source
  epoch?: number
  gone: Promise<void>
}

export type SessionOptions = {
  resolve: (query: string, signal: AbortSignal) => Promise<Media>
  ffmpeg: string
  ffprobe: string
  maxSourceHeight: number
  preset: PresetName
  playoutDelayMs: number
  bus: FrameBus
  announce: (message: ControlFromServer) => void
  onStatus: (status: SessionStatus) => void
  viewers: () => number
  now: () => LocalTime
  log: Log
}

export class Session {
  readonly #options: SessionOptions
  #state: State = { name: 'idle' }
  #preset: PresetName
  #run: Run | undefined
  #verifying = false
  #changedAt: LocalTime
  // Epochs rise across restarts too, so that an address a page remembers from before never names a new programme.
  #epoch = Math.floor(Date.now() / 1000)
  /** Teardown of everything that came before: the next source opens only behind it, so two never run at once. */
  #teardown: Promise<void> = Promise.resolve()

  constructor(options: SessionOptions) {
    this.#options = options
    this.#preset = options.preset
    this.#changedAt = options.now()
  }

  status(): SessionStatus {
    const state = this.#state
    return {
      state: state.name,
      session_id: state.name === 'idle' ? null : state.id,
      title: state.name === 'playing' ? state.media.title : 'query' in state ? state.query : '',
      is_live: state.name === 'playing' && state.media.live,
      preset: this.#preset,
      duration: state.name === 'playing' ? state.duration : null,
      ...(state.name === 'error' ? { error: state.failure } : {}),
      viewers: this.#options.viewers(),
    }
  }

  /** Starts on `query`, superseding what runs; answers at once with the state `resolving`. */
  play(query: string, preset: PresetName = this.#preset): SessionStatus {
    this.#supersede()
    this.#preset = preset
    const run: Run = {
      id: randomBytes(8).toString('hex'),
      abort: new AbortController(),
      gone: Promise.resolve(),
    }
    this.#run = run
    this.#move({ name: 'resolving', id: run.id, query })
    run.gone = this.#perform(run, query)
    return this.status()
  }

  /** Ends what runs, from every state. */
  stop(): SessionStatus {
    this.#supersede()
    this.#move({ name: 'idle' })
    return this.status()
  }

  timeline(): Timeline | undefined {
    return this.#run?.broadcast?.timeline()
  }

  joinSlices(): readonly Uint8Array[] | undefined {
    return this.#run?.broadcast?.joinSlices()
  }

  /** The sound of `epoch`, or undefined when that is not what plays. */
  audio(epoch: number): AdtsRing | undefined {
    return this.#run?.epoch === epoch ? this.#run.source?.audio : undefined
  }

  /** Whether anybody compares pictures with the reference. */
  verify(wanted: boolean): void {
    this.#verifying = wanted
    this.#run?.broadcast?.verify(wanted)
  }

  /** Ends everything and resolves when no child process is left. */
  async close(): Promise<void> {
    this.#supersede()
    await this.#teardown
  }

  #supersede(): void {
    const old = this.#run
    if (old === undefined) return
    this.#run = undefined
    if (old.broadcast?.timeline() !== undefined)
      this.#options.announce({ type: 'ended', epoch: old.epoch as number })
    old.broadcast?.close()
    old.abort.abort()
    const before = this.#teardown
    this.#teardown = Promise.allSettled([before, old.gone]).then(() => undefined)
  }

  async #perform(run: Run, query: string): Promise<void> {
    const { signal } = run.abort
    const { log } = this.#options
    try {
      const media = await this.#options.resolve(query, signal)
      const { ffmpeg, ffprobe, maxSourceHeight } = this.#options
      const info = await probe(media, { ffprobe, signal, maxSourceHeight })
      await this.#teardown
      signal.throwIfAborted()
      const preset = PRESETS[this.#preset]
      run.source = await openSource({ media, info, preset, ffmpeg, signal, log })
      signal.throwIfAborted()
      await this.#broadcast(run, media, info.duration ?? media.duration)
    } catch (error) {
      if (!signal.aborted) this.#fail(run, query, error)
    } finally {
      run.broadcast?.close()
      await run.source?.close()
    }
  }

  async #broadcast(run: Run, media: Media, duration: number | undefined): Promise<void> {
    const { bus, announce, playoutDelayMs, now, log } = this.#options
    const source = run.source as Source
    this.#epoch += 1
    run.epoch = this.#epoch
    const broadcast = new Broadcast({
      source,
      preset: PRESETS[this.#preset],
      epoch: run.epoch,
      start: mediaTime(0),
      playoutDelayMs,
      bus,
      announce: (message) => {
        // A run that was superseded a moment ago must not speak over its successor.
        if (this.#run === run) announce(message)
      },
      now,
      log,
    })
    run.broadcast = broadcast
    if (this.#verifying) broadcast.verify(true)
    this.#move({ name: 'playing', id: run.id, media, duration: media.live ? null : (duration ?? null) })
    const outcome = source.ended.then(async (ended) => {
      // What was decoded before the end is still shown; a failure is told when the picture has run out.
      await broadcast.over
      return ended
    })
    const ended = await outcome
    if (this.#run !== run) return
    if (ended.kind === 'failed')
      throw Object.assign(new Error(ended.message ?? 'The source failed.'), {
        code: ended.code ?? 'source-lost',
      })
    log.info(`session ${run.id.slice(0, 4)} has come to its end`)
    this.#supersede()
    this.#move({ name: 'idle' })
  }

  #fail(run: Run, query: string, error: unknown): void {
    if (this.#run !== run) return
    const failure = describe(error)
    if (failure.code === 'internal') this.#options.log.error({ err: error }, 'session failed unexpectedly')
    if (run.broadcast?.timeline() !== undefined)
      this.#options.announce({ type: 'ended', epoch: run.epoch as number })
    this.#move({ name: 'error', id: run.id, query, failure })
  }

  #move(next: State): void {
    const before = this.#state
    this.#state = next
    const now = this.#options.now()
    const id = next.name !== 'idle' ? next.id : before.name !== 'idle' ? before.id : ''
    const why = next.name === 'error' ? `: ${next.failure.code}: ${next.failure.message}` : ''
    if (before.name !== 'idle' || next.name !== 'idle')
      this.#options.log.info(
        `session ${id.slice(0, 4)} ${before.name} -> ${next.name} (${Math.round(now - this.#changedAt)} ms)${why}`,
      )
    this.#changedAt = now
    this.#options.onStatus(this.status())
  }
}

const known: ReadonlySet<string> = new Set(ERROR_CODES)

function describe(error: unknown): Failure {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string' && known.has(error.code))
    return { code: error.code as ErrorCode, message: error.message }
  return { code: 'internal', message: 'Something went wrong in the server; its log says what.' }
}
