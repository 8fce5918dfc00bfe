// Turns what a person typed into a programme: the demo, a file of the library, or what yt-dlp finds.

import type { Log } from '../log.ts'
import { runTool } from '../source/tool-run.ts'
import { Library, type LibraryEntry, looksLikePath, titleOf } from './library.ts'
import type { Media } from './media.ts'
import { cleanQuery, readQuery } from './query.ts'
import { ResolveError } from './resolve-error.ts'
import { type YtDlpTarget, ytDlpArguments } from './yt-dlp-arguments.ts'
import { classifyYtDlp } from './yt-dlp-failure.ts'
import { type YtDlpHealth, ytDlpHealth } from './yt-dlp-health.ts'
import { readReport } from './yt-dlp-report.ts'

export type ResolverOptions = {
  /** Path or name of yt-dlp. */
  ytDlp?: string
  /** Folder of local files; without one there are none. */
  mediaDir?: string
  /** Hosts besides YouTube that may be asked, and that may hold media. */
  allowHosts?: readonly string[]
  maxSourceHeight?: number
  /** A search or a slow site takes 3 to 15 s; what takes longer will not come. */
  timeoutMs?: number
  log: Pick<Log, 'info' | 'warn'>
}

// A video with every format and caption is about 1 MB of JSON.
const MAX_STDOUT_BYTES = 16 * 1024 * 1024

/** Keeps nothing between queries but what kind of yt-dlp there is. */
export class Resolver {
  readonly #ytDlp: string
  readonly #library: Library | undefined
  readonly #allowHosts: readonly string[]
  readonly #maxSourceHeight: number
  readonly #timeoutMs: number
  readonly #log: Pick<Log, 'info' | 'warn'>
  #health: Promise<YtDlpHealth> | undefined

  constructor({ ytDlp, mediaDir, allowHosts, maxSourceHeight, timeoutMs, log }: ResolverOptions) {
    this.#ytDlp = ytDlp ?? 'yt-dlp'
    this.#library = mediaDir === undefined ? undefined : new Library({ root: mediaDir })
    this.#allowHosts = allowHosts ?? []
    this.#maxSourceHeight = maxSourceHeight ?? 720
    this.#timeoutMs = timeoutMs ?? 45_000
    this.#log = log
  }

  /** Throws ResolveError; `superseded` when `signal` is aborted, with nothing left running. */
  async resolve(text: string, signal: AbortSignal): Promise<Media> {
    const query = cleanQuery(text)
    const target = readQuery(query, { allowHosts: this.#allowHosts })
    if (target.kind === 'demo') {
      return { kind: 'demo', title: 'Demo', live: false, video: { url: 'demo:', format: 'lavfi' } }
    }
    const address = /^https?:/i.test(query)
    return (address ? undefined : await this.#findFile(query)) ?? this.#ask(target, signal)
  }

  /** The files that can be played by their `path`. */
  async library(): Promise<LibraryEntry[]> {
    return (await this.#library?.list()) ?? []
  }

  /** What kind of yt-dlp there is; asked once. */
  health(): Promise<YtDlpHealth> {
    this.#health ??= ytDlpHealth({ ytDlp: this.#ytDlp }).then((health) => {
      // One that could not be run may be installed by the time of the next query.
      if (health.version === undefined) this.#health = undefined
      return health
    })
    return this.#health
  }

  async #findFile(query: string): Promise<Media | undefined> {
    const path = looksLikePath(query)
    if (this.#library === undefined) {
      if (path)
        throw new ResolveError(
          'outside-media',
          'There is no media folder: start the server with --media DIR.',
        )
      return undefined
    }
    const found = await this.#library.find(query)
    if (found === undefined) {
      if (path) throw new ResolveError('file-not-found', 'There is no such file in the media folder.')
      return undefined
    }
    return { kind: 'file', title: titleOf(found), live: false, video: { url: found } }
  }

  async #ask(target: YtDlpTarget, signal: AbortSignal): Promise<Media> {
    const health = await Promise.race([this.health(), abortion(signal)])
    const run = await runTool({
      command: this.#ytDlp,
      args: ytDlpArguments({ target, maxSourceHeight: this.#maxSourceHeight, runtime: health.runtime }),
      timeoutMs: this.#timeoutMs,
      maxStdoutBytes: MAX_STDOUT_BYTES,
      signal,
    })
    const { exitCode, stderr } = run
    const details = { exitCode, stderr }
    if (run.cut === 'aborted') throw superseded()
    if (run.failure !== undefined) {
      throw new ResolveError('yt-dlp-missing', health.advice ?? `yt-dlp cannot be run (${run.failure.code}).`)
    }
    if (run.cut === 'timeout') {
      throw new ResolveError(
        'timeout',
        `No answer within ${Math.round(this.#timeoutMs / 1000)} s. Try again.`,
        details,
      )
    }
    if (run.cut === 'too-much-output') {
      throw new ResolveError(
        'yt-dlp-failed',
        'yt-dlp printed far more than a video needs; it was stopped.',
        details,
      )
    }
    if (exitCode !== 0) {
      const outdated = health.tooOld && target.kind !== 'url' ? health.advice : undefined
      const { code, message } = classifyYtDlp({ stderr, exitCode, outdated })
      this.#log.warn(`resolver: ${code}: ${stderr.at(-1) ?? `yt-dlp ended with ${run.signal ?? exitCode}`}`)
      throw new ResolveError(code, message, details)
    }
    const kind = target.kind === 'url' ? 'url' : 'youtube'
    const media = readReport(run.stdout, { kind, allowHosts: this.#allowHosts })
    if (media === undefined) {
      throw new ResolveError(
        'no-results',
        target.kind === 'search'
          ? 'Nothing was found for this search.'
          : 'There is nothing to play at this address.',
        details,
      )
    }
    return media
  }
}

/** Rejects when `signal` is aborted. */
function abortion(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(superseded())
    signal.addEventListener('abort', () => reject(superseded()), { once: true })
  })
}

function superseded(): ResolveError {
  return new ResolveError('superseded', 'Something else was asked for meanwhile.')
}
