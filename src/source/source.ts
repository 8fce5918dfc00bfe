// One run of ffmpeg: frames into a ring, sound into another, and one outcome. It runs ahead as far as the frame ring
// lets it; when that is full the pipe is left alone and the whole ffmpeg stands still.

import type { Readable } from 'node:stream'
import type { ErrorCode } from '../../signaling/error-codes.ts'
import { AdtsRing } from '../audio/adts-ring.ts'
import { SilenceKeeper } from '../audio/silence.ts'
import type { Preset } from '../encode/preset.ts'
import type { Log } from '../log.ts'
import type { Media } from '../resolve/media.ts'
import { MediaError } from '../resolve/media-error.ts'
import { ffmpegArguments } from './ffmpeg-arguments.ts'
import { classifyFfmpeg, tellingLine } from './ffmpeg-failure.ts'
import { FrameRing } from './frame-ring.ts'
import { inputEnvironment } from './input-arguments.ts'
import type { MediaInfo } from './media-info.ts'
import { type ProcessExit, ProcessGroup } from './process-group.ts'

export type SourceOptions = {
  media: Media
  info: MediaInfo
  preset: Preset
  /** Seconds of the programme that frame 0 shows. */
  from?: number
  /** The segment of a live list to start at. */
  liveStart?: number | undefined
  /** Path of ffmpeg. */
  ffmpeg: string
  /** No output for this long, while there is room for it, is a lost source. */
  watchdogSeconds?: number
  /** Aborting it closes the source. */
  signal?: AbortSignal
  log: Pick<Log, 'warn'>
}

/**
 * How a run ended: by itself, by a fault (then with a code and a text), or by `close`. Frames may still be in the ring.
 */
export type SourceOutcome = {
  kind: 'ended' | 'failed' | 'closed'
  code?: ErrorCode
  message?: string
  exitCode: number | null
  signal: NodeJS.Signals | null
  stderr: readonly string[]
}

const RING_SECONDS = 2

const CUT_OFF = /ends prematurely|Input\/output error|Connection (reset|timed out)|partial file|HTTP error/

/** Starts ffmpeg. Throws MediaError when that is impossible: ffmpeg-missing, host-refused, superseded. */
export async function openSource(options: SourceOptions): Promise<Source> {
  if (options.signal?.aborted) throw new MediaError('superseded', 'Something else was asked for meanwhile.')
  const source = new Source(options)
  if (source.pid === undefined) {
    const { code, message } = await source.ended
    throw new MediaError(code ?? 'source-failed', message ?? 'ffmpeg did not start.')
  }
  return source
}

/** Made by `openSource`. `ended` always settles, and only after the process and its group are gone. */
export class Source {
  readonly frames: FrameRing
  readonly audio = new AdtsRing()
  readonly ended: Promise<SourceOutcome>
  readonly #group: ProcessGroup
  readonly #options: SourceOptions
  readonly #silence: SilenceKeeper
  readonly #picture: Readable
  readonly #pictureEnd: Promise<void>
  #soundOpen: boolean
  #pictureOpen = true
  #lost = false
  #closed = false
  #quietSince = performance.now()

  constructor(options: SourceOptions) {
    const { media, info, preset, from = 0, liveStart, ffmpeg } = options
    this.#options = options
    this.#soundOpen = info.hasAudio
    // It writes to nothing but our pipes, and a seek waits for its end.
    const args = ffmpegArguments({ media, info, preset, from, liveStart })
    this.#group = new ProcessGroup({
      command: ffmpeg,
      args,
      extraPipes: 2,
      env: inputEnvironment(media),
      patienceMs: 0,
    })
    this.#silence = new SilenceKeeper({ ring: this.audio })
    const picture = this.#group.pipe(3)
    this.frames = new FrameRing({
      frameBytes: preset.cols * preset.rows * 3,
      capacity: Math.ceil(RING_SECONDS * preset.fps),
      onRoom: () => {
        this.#quietSince = performance.now()
        picture.resume()
      },
    })
    this.#picture = picture
    this.#pictureEnd = this.#readPicture(picture)
    this.#readSound(this.#group.pipe(4))
    this.ended = this.#watch(this.#pictureEnd)
  }

  /** ffmpeg's process id; undefined when it could not be started. */
  get pid(): number | undefined {
    return this.#group.pid
  }

  /** Resolves with the first frame, or with the end when there is none. */
  get started(): Promise<void> {
    if (this.frames.newest >= 0 || this.frames.finished) return Promise.resolve()
    return new Promise((resolve) => {
      const leave = this.frames.onAvailable(() => {
        leave()
        resolve()
      })
    })
  }

  /** Ends ffmpeg and everything it started, within 3 s; what has arrived stays in the rings. May be called twice. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#group.close()
    // ffmpeg may have ended before with frames left in the pipe; nobody waits for those any more.
    this.#picture.destroy()
    await this.#pictureEnd
  }

  /** Resolves when the pipe has been read to its end or torn down. */
  #readPicture(pipe: Readable): Promise<void> {
    pipe.on('data', (chunk: Buffer) => {
      this.#quietSince = performance.now()
      if (!this.frames.push(chunk)) pipe.pause()
      this.#keepSound()
    })
    return new Promise((resolve) =>
      pipe.once('close', () => {
        this.#pictureOpen = false
        this.frames.finish()
        this.#keepSound()
        resolve()
      }),
    )
  }

  #readSound(pipe: Readable): void {
    pipe.on('data', (chunk: Buffer) => {
      this.#quietSince = performance.now()
      this.audio.push(chunk)
    })
    pipe.once('close', () => {
      this.#soundOpen = false
      this.#keepSound()
    })
  }

  /** Sound that is missing, or over before the picture, goes on as silence; both end together. */
  #keepSound(): void {
    if (this.#soundOpen) return
    this.#silence.fillTo((this.frames.newest + 1) / this.#options.preset.fps)
    if (!this.#pictureOpen) this.audio.end()
  }

  async #watch(pictureEnd: Promise<void>): Promise<SourceOutcome> {
    const { watchdogSeconds = 20, signal, log } = this.#options
    const watchdog = setInterval(
      () => {
        if (!this.frames.wantsData || performance.now() - this.#quietSince < watchdogSeconds * 1000) return
        this.#lost = true
        void this.#group.close()
      },
      Math.min(1000, watchdogSeconds * 250),
    )
    const abort = () => void this.close()
    signal?.addEventListener('abort', abort, { once: true })
    const exit = await this.#group.exited
    clearInterval(watchdog)
    signal?.removeEventListener('abort', abort)
    // The first frames may still be on their way through the pipe. Later ones may wait behind a full ring for long.
    if (this.frames.newest < 0) await pictureEnd
    const outcome = this.#judge(exit)
    if (outcome.kind === 'failed')
      log.warn(`source: ${outcome.code}: ${tellingLine(outcome.stderr) ?? outcome.message}`)
    return outcome
  }

  #judge({ exitCode, signal, failure }: ProcessExit): SourceOutcome {
    const stderr = this.#group.stderr
    const failed = (code: ErrorCode, message: string): SourceOutcome => ({
      kind: 'failed',
      code,
      message,
      exitCode,
      signal,
      stderr,
    })
    if (this.#closed) return { kind: 'closed', exitCode, signal, stderr }
    if (failure !== undefined) {
      return failed('ffmpeg-missing', `ffmpeg cannot be started (${failure.code}): is it installed?`)
    }
    const started = this.frames.newest >= 0
    const known = classifyFfmpeg(stderr)
    if (this.#lost) return failed('source-lost', 'The media stopped coming.')
    if (exitCode === 0 && started && !this.#brokeOff(stderr))
      return { kind: 'ended', exitCode, signal, stderr }
    if (exitCode === 0 && !started) {
      return failed(
        known?.code ?? 'not-media',
        known?.message ?? 'There is nothing to show at this place of the media.',
      )
    }
    if (started) {
      const reason = known?.message ?? tellingLine(stderr) ?? `ffmpeg ended with ${signal ?? exitCode}`
      return failed('source-lost', `The media broke off: ${reason}`)
    }
    return failed(
      known?.code ?? 'source-failed',
      known?.message ?? `ffmpeg could not play this: ${tellingLine(stderr) ?? signal ?? exitCode}`,
    )
  }

  /** ffmpeg takes a connection that is cut for the end of the file and exits with 0; its own words tell the two apart. */
  #brokeOff(stderr: readonly string[]): boolean {
    const { info, preset, from = 0 } = this.#options
    if (info.duration === undefined) return false
    const missingSeconds = info.duration - from - (this.frames.newest + 1) / preset.fps - RING_SECONDS
    return missingSeconds > 1 && stderr.some((line) => CUT_OFF.test(line))
  }
}
