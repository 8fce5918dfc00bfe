// The one session this server has: idle, resolving, playing, paused or error. A new play supersedes whatever runs, at once.

import { randomBytes } from 'node:crypto'
import type { PresetName, SessionStatus, Timeline } from '../../signaling/messages.ts'
import type { LocalTime } from '../../vendor/asciline/index.ts'
import type { AdtsRing } from '../audio/adts-ring.ts'
import { CommandError, type Failure } from './failure.ts'
import type { Programme } from './finder.ts'
import { Run, type RunEnd, type RunOptions } from './run.ts'

/** What holds in each state; the run is what leads to and through the three in the middle. */
type State =
  | { name: 'idle' }
  | { name: 'resolving' | 'playing' | 'paused'; run: Run }
  | { name: 'error'; id: string; query: string; title: string; position: number; failure: Failure }

export type SessionOptions = Omit<
  RunOptions,
  'id' | 'query' | 'from' | 'before' | 'nextEpoch' | 'onChange'
> & {
  onStatus: (status: SessionStatus) => void
  /** A programme has its first picture on the screens. */
  onStarted?: (run: SessionRun) => void
  /** A run is over, for whatever reason; `position` is where it stood. Without a programme nothing was found. */
  onOver?: (run: Omit<SessionRun, 'programme'> & { programme?: Programme }, end: RunEnd) => void
  /** What starts by itself when nothing else is asked for. */
  upcoming?: () => SessionStatus['upcoming']
  /** Path on this server of small pictures of what plays. */
  stillOf?: (run: { programme?: Programme | undefined; query: string }) => string | undefined
  viewers: () => number
}

/** What others may know of a run. */
export type SessionRun = { id: string; query: string; programme: Programme; position: number }

export class Session {
  readonly #options: SessionOptions
  #state: State = { name: 'idle' }
  #preset: PresetName
  #verifying = false
  #changedAt: LocalTime
  #command: SessionStatus['command']
  // Epochs rise across restarts too, so that an address a page remembers from before never names a new programme.
  #epoch = Math.floor(Date.now() / 1000)
  /** Everything that came before: the next source opens only behind it, so two never run at once. */
  #teardown: Promise<unknown> = Promise.resolve()

  constructor(options: SessionOptions) {
    this.#options = options
    this.#preset = options.preset
    this.#changedAt = options.now()
  }

  status(): SessionStatus {
    const state = this.#state
    const run = 'run' in state ? state.run : undefined
    const shown = run?.shown ? run : undefined
    const query = run?.query ?? ('query' in state ? state.query : undefined)
    const position = run?.position ?? ('position' in state ? state.position : undefined)
    const upcoming = this.#options.upcoming?.()
    const range = shown?.seekRange
    const still = shown && this.#options.stillOf?.(shown)
    return {
      state: state.name,
      session_id: run?.id ?? ('id' in state ? state.id : null),
      title: run?.programme?.media.title ?? ('title' in state ? state.title : (query ?? '')),
      ...(query === undefined ? {} : { query }),
      is_live: shown?.live ?? false,
      preset: run?.preset ?? this.#preset,
      duration: shown?.duration ?? null,
      position: position === undefined ? null : { media: round(position), at: round(this.#options.now()) },
      seekable: shown?.seekable ?? false,
      ...(range === undefined ? {} : { seek_range: { start: round(range.start), end: round(range.end) } }),
      behind_live: shown?.behindLive === undefined ? null : round(shown.behindLive),
      ...(shown?.liveLatency === undefined ? {} : { live_latency: round(shown.liveLatency) }),
      ...(state.name === 'error' ? { error: state.failure } : {}),
      ...(run?.trouble === undefined ? {} : { trouble: run.trouble }),
      ...(still === undefined ? {} : { still }),
      ...(upcoming === undefined ? {} : { upcoming }),
      ...(this.#command === undefined ? {} : { command: this.#command }),
      viewers: this.#options.viewers(),
    }
  }

  /** What plays, or undefined. */
  get current(): SessionRun | undefined {
    const run = this.#run
    return run?.programme === undefined ? undefined : asSeen(run, run.programme)
  }

  /** Starts on `query`, superseding what runs; answers at once with the state `resolving`. */
  play(query: string, { preset = this.#preset, from, who }: PlayOptions = {}): SessionStatus {
    this.#supersede()
    this.#note('play', who)
    this.#preset = preset
    this.#start({ query, from })
    return this.status()
  }

  #start({ query, from }: { query: string; from?: number | undefined }): Run {
    const run: Run = new Run({
      ...this.#options,
      id: randomBytes(8).toString('hex'),
      query,
      preset: this.#preset,
      ...(from === undefined ? {} : { from }),
      before: this.#teardown.then(() => undefined),
      nextEpoch: () => {
        this.#epoch += 1
        return this.#epoch
      },
      onChange: () => this.#onChange(run),
    })
    run.verify(this.#verifying)
    this.#move({ name: 'resolving', run })
    const over = run.done.then((end) => this.#onOver(run, end))
    this.#teardown = Promise.allSettled([this.#teardown, over])
    return run
  }

  /** Ends what runs, from every state. */
  stop({ who }: Who = {}): SessionStatus {
    this.#supersede()
    this.#note('stop', who)
    this.#move({ name: 'idle' })
    return this.status()
  }

  /** The picture stands and the sound is silent; a programme that is still being found will start like that. */
  pause({ who }: Who = {}): SessionStatus {
    const run = this.#needed()
    this.#note('pause', who)
    run.pause()
    this.announce()
    return this.status()
  }

  /**
   * Answers when the picture moves; what failed is tried again at the same place. Throws CommandError: nothing-playing,
   * superseded, or what failed.
   */
  async resume({ who }: Who = {}): Promise<SessionStatus> {
    if (this.#state.name === 'error') {
      const { query, position } = this.#state
      this.#note('resume', who)
      await this.#start({ query, from: position }).settled()
      return this.status()
    }
    return this.#carry('resume', who, (run) => run.resume())
  }

  /** Answers when the new place is on the air. Throws like `resume`, and not-seekable. */
  seek(target: { to: number } | { by: number } | { live: true }, { who }: Who = {}): Promise<SessionStatus> {
    return this.#carry('seek', who, (run) => ('live' in target ? run.jumpToLive() : run.seek(target)))
  }

  /** The grid from now on; what plays is shown on it at once. Throws like `resume`, but is never without effect. */
  async changePreset(preset: PresetName, { who }: Who = {}): Promise<SessionStatus> {
    this.#preset = preset
    if (this.#run !== undefined) return this.#carry('preset', who, (run) => run.changePreset(preset))
    this.#note('preset', who)
    this.#options.onStatus(this.status())
    return this.status()
  }

  timeline(): Timeline | undefined {
    return this.#run?.timeline
  }

  joinSlices(): readonly Uint8Array[] | undefined {
    return this.#run?.joinSlices
  }

  /** The sound of `epoch`, or undefined when that is not what plays. */
  audio(epoch: number): AdtsRing | undefined {
    return this.#run?.audio(epoch)
  }

  /** Whether anybody compares pictures with the reference. */
  verify(wanted: boolean): void {
    this.#verifying = wanted
    this.#run?.verify(wanted)
  }

  /** Ends everything and resolves when no child process is left. */
  async close(): Promise<void> {
    this.#supersede()
    await this.#teardown
  }

  get #run(): Run | undefined {
    return 'run' in this.#state ? this.#state.run : undefined
  }

  #needed(): Run {
    const run = this.#run
    if (run === undefined) throw new CommandError({ code: 'nothing-playing', message: 'Nothing is on.' })
    return run
  }

  async #carry(
    name: string,
    who: string | undefined,
    act: (run: Run) => Promise<void>,
  ): Promise<SessionStatus> {
    const run = this.#needed()
    this.#note(name, who)
    // Also where nothing else changes, everybody sees who has said what.
    this.announce()
    await act(run)
    return this.status()
  }

  #note(name: string, who = ''): void {
    this.#command = { name, who }
  }

  #supersede(): void {
    const run = this.#run
    if (run === undefined) return
    this.#state = { name: 'idle' }
    run.close()
  }

  /** Tells every viewer the status as it is now, and the command that has changed it where it was not one of these. */
  announce(command?: { name: string; who?: string | undefined }): void {
    if (command !== undefined) this.#note(command.name, command.who)
    this.#options.onStatus(this.status())
  }

  #onChange(run: Run): void {
    if (this.#run !== run) return
    const name = !run.shown ? 'resolving' : run.paused ? 'paused' : 'playing'
    const first = this.#state.name === 'resolving' && name !== 'resolving'
    this.#move({ name, run })
    if (first && run.programme !== undefined) this.#options.onStarted?.(asSeen(run, run.programme))
  }

  #onOver(run: Run, end: RunEnd): void {
    const { id, query, programme, position } = run
    // Before the state is told, which says what comes next.
    this.#options.onOver?.({ id, query, position, ...(programme && { programme }) }, end)
    if (this.#run !== run) return
    const title = programme?.media.title ?? query
    this.#move(
      end.kind === 'failed'
        ? { name: 'error', id, query, title, position, failure: end.failure }
        : { name: 'idle' },
    )
  }

  #move(next: State): void {
    const before = this.#state
    this.#state = next
    const now = this.#options.now()
    if (before.name !== next.name) {
      const id = 'run' in next ? next.run.id : 'id' in next ? next.id : 'run' in before ? before.run.id : ''
      const why = next.name === 'error' ? `: ${next.failure.code}: ${next.failure.message}` : ''
      this.#options.log.info(
        `session ${id.slice(0, 4)} ${before.name} -> ${next.name} (${Math.round(now - this.#changedAt)} ms)${why}`,
      )
      this.#changedAt = now
    }
    this.#options.onStatus(this.status())
  }
}

type Who = { who?: string | undefined }
export type PlayOptions = Who & {
  preset?: PresetName | undefined
  /** Seconds to start at. */
  from?: number | undefined
}

function asSeen(run: Run, programme: Programme): SessionRun {
  return { id: run.id, query: run.query, programme, position: run.position }
}

const round = (value: number) => Math.round(value * 1000) / 1000
