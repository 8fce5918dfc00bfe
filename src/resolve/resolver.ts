// Turns what a person typed into a programme: the demo, a file of the library, or what yt-dlp finds.

import type { Log } from '../log.ts'
import { runTool, type ToolRun } from '../source/tool-run.ts'
import { AnswerCache } from './answer-cache.ts'
import { Library, type LibraryFile, looksLikePath, type NamedFile } from './library.ts'
import type { Media } from './media.ts'
import { MediaError } from './media-error.ts'
import { cleanQuery, readList, readQuery } from './query.ts'
import { type FoundVideo, readFound } from './search-report.ts'
import { Slots } from './slots.ts'
import {
  listingArguments,
  targetAddress,
  type YtDlpAccount,
  type YtDlpListing,
  type YtDlpTarget,
  ytDlpArguments,
} from './yt-dlp-arguments.ts'
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
  account?: YtDlpAccount
  /** What media on the network, and pages that may name any, are to be reached through. */
  proxy?: string
  /** Milliseconds since 1970, what answers age by. */
  now?: () => number
  log: Pick<Log, 'info' | 'warn'>
}

// A video with every format and caption is about 1 MB of JSON.
const MAX_STDOUT_BYTES = 16 * 1024 * 1024

const VOD_FRESH_MS = 30 * 60_000
const LIVE_FRESH_MS = 60_000
// More would only make each of them slower, and look like an attack from the other side.
const AT_ONCE = 2
/** What of a list goes into the queue when its address is played. */
const LIST_ENTRIES = 50

/** Keeps what was found for a while; runs at most two yt-dlp at once. */
export class Resolver {
  readonly #ytDlp: string
  readonly #library: Library | undefined
  readonly #allowHosts: readonly string[]
  readonly #maxSourceHeight: number
  readonly #timeoutMs: number
  readonly #log: Pick<Log, 'info' | 'warn'>
  readonly #account: YtDlpAccount
  readonly #proxy: string | undefined
  readonly #now: () => number
  readonly #slots = new Slots({ count: AT_ONCE })
  readonly #media = new AnswerCache<Media>()
  readonly #found = new AnswerCache<FoundVideo[]>()
  #health: Promise<YtDlpHealth> | undefined

  constructor(options: ResolverOptions) {
    const { ytDlp, mediaDir, allowHosts, maxSourceHeight, timeoutMs, account, proxy, now, log } = options
    this.#ytDlp = ytDlp ?? 'yt-dlp'
    this.#library = mediaDir === undefined ? undefined : new Library({ root: mediaDir })
    this.#allowHosts = allowHosts ?? []
    this.#maxSourceHeight = maxSourceHeight ?? 720
    this.#timeoutMs = timeoutMs ?? 45_000
    this.#account = account ?? {}
    this.#proxy = proxy
    this.#now = now ?? Date.now
    this.#log = log
  }

  /**
   * Throws MediaError; `superseded` when `signal` is aborted, with nothing left running. `fresh` asks anew for what is
   * known.
   */
  async resolve(text: string, signal: AbortSignal, { fresh = false } = {}): Promise<Media> {
    const query = cleanQuery(text)
    const target = readQuery(query, { allowHosts: this.#allowHosts })
    if (target.kind === 'demo') {
      return { kind: 'demo', title: 'Demo', live: false, video: { url: 'demo:', format: 'lavfi' } }
    }
    if (target.kind === 'list') return this.#openList(target.url, signal, fresh)
    const address = /^https?:/i.test(query)
    return (address ? undefined : await this.#findFile(query)) ?? this.#askOrRemember(target, signal, fresh)
  }

  /**
   * Videos that words find (the first `count`), or those of a playlist's or channel's address from entry `from` (1 is the
   * first) on: a long list is opened page by page. Throws MediaError.
   */
  async search(
    text: string,
    options: { count: number; from?: number; signal: AbortSignal },
  ): Promise<FoundVideo[]> {
    const { count, from = 1, signal } = options
    const query = cleanQuery(text)
    const url = readList(query)
    const listing: YtDlpListing =
      url === undefined
        ? { kind: 'search', text: query.replace(/\s+/g, ' '), count: from - 1 + count }
        : { kind: 'list', url, from, count }
    const args = listingArguments(listing, this.#account)
    const key = args.join(' ')
    const known = this.#found.get(key, this.#now())
    if (known !== undefined) return known
    const run = await this.#run(args, signal, true)
    // A search has no pages: further ones are the end of a longer search.
    const found = readFound(run.stdout, from - 1 + count).slice(url === undefined ? from - 1 : 0)
    this.#found.set(key, found, this.#now() + LIVE_FRESH_MS * 10)
    return found
  }

  /** The file of the library that `query` names. Throws MediaError: file-not-found and what the library refuses. */
  async file(query: string): Promise<NamedFile> {
    const found = await this.#library?.find(cleanQuery(query))
    if (found === undefined)
      throw new MediaError('file-not-found', 'There is no such file in the media folder.')
    return found
  }

  /** The files that can be played by their `path`. */
  async library(): Promise<LibraryFile[]> {
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
        throw new MediaError('outside-media', 'There is no media folder: start the server with --media DIR.')
      return undefined
    }
    const found = await this.#library.find(query)
    if (found === undefined) {
      if (path) throw new MediaError('file-not-found', 'There is no such file in the media folder.')
      return undefined
    }
    return {
      kind: 'file',
      title: found.title,
      query: found.path,
      live: false,
      video: { url: found.real },
    }
  }

  /** Its first entry, with the others as what comes behind it. */
  async #openList(url: string, signal: AbortSignal, fresh: boolean): Promise<Media> {
    const [first, ...rest] = await this.search(url, { count: LIST_ENTRIES, signal })
    if (first === undefined) throw new MediaError('no-results', 'There is nothing to play in this list.')
    const media = await this.#askOrRemember({ kind: 'youtube', id: first.id }, signal, fresh)
    return { ...media, rest: rest.map(({ query, title }) => ({ query, title })) }
  }

  async #askOrRemember(target: YtDlpTarget, signal: AbortSignal, fresh: boolean): Promise<Media> {
    const key = targetAddress(target)
    const known = fresh ? undefined : this.#media.get(key, this.#now())
    if (known !== undefined) return known
    const media = await this.#ask(target, signal)
    const lasting = this.#now() + (media.live ? LIVE_FRESH_MS : VOD_FRESH_MS)
    this.#media.set(
      key,
      media,
      Math.min(lasting, (media.expiresAt ?? Number.POSITIVE_INFINITY) - VOD_FRESH_MS),
    )
    return media
  }

  async #ask(target: YtDlpTarget, signal: AbortSignal): Promise<Media> {
    const { runtime } = await Promise.race([this.health(), abortion(signal)])
    const maxSourceHeight = this.#maxSourceHeight
    const args = ytDlpArguments({
      target,
      maxSourceHeight,
      runtime,
      account: this.#account,
      ...(this.#proxy !== undefined && { proxy: this.#proxy }),
    })
    const { stdout, ...details } = await this.#run(args, signal, target.kind !== 'url')
    const kind = target.kind === 'url' ? 'url' : 'youtube'
    const media = readReport(stdout, { kind, allowHosts: this.#allowHosts, maxSourceHeight })
    if (media === undefined) {
      throw new MediaError(
        'no-results',
        target.kind === 'search'
          ? 'Nothing was found for this search.'
          : 'There is nothing to play at this address.',
        details,
      )
    }
    return this.#proxy === undefined ? media : { ...media, proxy: this.#proxy }
  }

  /** One yt-dlp when there is a place for it; throws unless it ended well. */
  async #run(args: readonly string[], signal: AbortSignal, youTube: boolean): Promise<ToolRun> {
    const health = await Promise.race([this.health(), abortion(signal)])
    const leave = await this.#slots.take(signal).catch(() => {
      throw superseded()
    })
    const run = await runTool({
      command: this.#ytDlp,
      args,
      timeoutMs: this.#timeoutMs,
      maxStdoutBytes: MAX_STDOUT_BYTES,
      signal,
    }).finally(leave)
    const { exitCode, stderr } = run
    const details = { exitCode, stderr }
    if (run.cut === 'aborted') throw superseded()
    if (run.failure !== undefined) {
      throw new MediaError('yt-dlp-missing', health.advice ?? `yt-dlp cannot be run (${run.failure.code}).`)
    }
    if (run.cut === 'timeout') {
      throw new MediaError(
        'timeout',
        `No answer within ${Math.round(this.#timeoutMs / 1000)} s. Try again.`,
        details,
      )
    }
    if (run.cut === 'too-much-output') {
      throw new MediaError(
        'yt-dlp-failed',
        'yt-dlp printed far more than a video needs; it was stopped.',
        details,
      )
    }
    if (exitCode !== 0) {
      const outdated = health.tooOld && youTube ? health.advice : undefined
      const { code, message, startsInMs } = classifyYtDlp({
        stderr,
        exitCode,
        signal: run.signal,
        outdated,
        guarded: !youTube && this.#proxy !== undefined,
      })
      this.#log.warn(`resolver: ${code}: ${stderr.at(-1) ?? `yt-dlp ended with ${run.signal ?? exitCode}`}`)
      const startsAt = startsInMs === undefined ? undefined : this.#now() + startsInMs
      throw new MediaError(code, message, { ...details, startsAt })
    }
    return run
  }
}

/** Rejects when `signal` is aborted. */
function abortion(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(superseded())
    signal.addEventListener('abort', () => reject(superseded()), { once: true })
  })
}

function superseded(): MediaError {
  return new MediaError('superseded', 'Something else was asked for meanwhile.')
}
