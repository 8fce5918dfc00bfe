// The local files as a viewer sees them: named by the library, described by ffprobe, pictured by ffmpeg. What is not known
// yet is found out behind the answer, one file at a time, and remembered.

import { setImmediate } from 'node:timers/promises'
import { z } from 'zod'
import type { LibraryFile, NamedFile } from '../resolve/library.ts'
import type { Media } from '../resolve/media.ts'
import { MediaError } from '../resolve/media-error.ts'
import { Slots } from '../resolve/slots.ts'
import type { MediaInfo } from '../source/media-info.ts'
import { probe } from '../source/probe.ts'
import { type Still, takeStill } from '../source/still.ts'
import type { FileFacts, MediaCache } from './media-cache.ts'

/** `path` is a query that plays it. Sizes are null while they are not known; `playable` is false for what is no media. */
export const shelfEntry = z.object({
  path: z.string(),
  title: z.string(),
  /** Bytes. */
  size: z.number(),
  /** Milliseconds since 1970. */
  modified: z.number(),
  /** Seconds. */
  duration: z.number().nullable(),
  width: z.number().nullable(),
  height: z.number().nullable(),
  subtitles: z.boolean(),
  playable: z.boolean(),
  thumbnail: z.string().nullable(),
})
export type ShelfEntry = z.infer<typeof shelfEntry>

export type ShelfOptions = {
  files: () => Promise<LibraryFile[]>
  /** The file a query names. Throws MediaError. */
  find: (query: string) => Promise<NamedFile>
  ffmpeg: string
  ffprobe: string
  maxSourceHeight?: number
  cache: MediaCache
  /** More is known; called at most once a second. */
  onNews: () => void
}

const NEWS_MS = 1000
/** A file has at most this many pictures, and none nearer to the next than two seconds. */
const MARKS = 100
const MIN_STEP_SECONDS = 2
const MAX_WAITING = 40
const AT_A_TIME = 50

export class Shelf {
  readonly #options: ShelfOptions
  readonly #abort = new AbortController()
  readonly #slot = new Slots({ count: 1 })
  readonly #unread = new Map<string, LibraryFile>()
  #reading: Promise<void> | undefined
  #waiting = 0
  #toldAt = 0

  constructor(options: ShelfOptions) {
    this.#options = options
  }

  /** At once, with what is known; `reading` files are still being looked into. */
  async list(): Promise<{ files: ShelfEntry[]; reading: number }> {
    const found = await this.#options.files()
    this.#unread.clear()
    const files: ShelfEntry[] = []
    for (const file of found) {
      const facts = this.#options.cache.facts(this.#factsKey(file))
      if (facts === undefined) this.#unread.set(keyOf(file), file)
      files.push(describe(file, facts))
      // Frames leave from this thread too; the first time each of these is a read of the disk.
      if (files.length % AT_A_TIME === 0) await setImmediate()
    }
    this.#reading ??= this.#read().finally(() => (this.#reading = undefined))
    return { files, reading: this.#unread.size }
  }

  /**
   * A picture of the file that `query` names, at about `at` seconds; a tenth into it when that is not said. Throws MediaError:
   * what the file is or is not, not-found, rate-limited, superseded.
   */
  async still({
    query,
    at,
    signal,
  }: {
    query: string
    at?: number | undefined
    signal: AbortSignal
  }): Promise<Still> {
    const wanted = AbortSignal.any([signal, this.#abort.signal])
    const file = await this.#options.find(query)
    const facts = await this.#facts(file, wanted)
    if (!facts.playable || (!facts.hasVideo && !facts.coverArt))
      throw new MediaError('not-found', 'There is no picture in this file.')
    const seconds = facts.coverArt ? 0 : markOf(at, facts.duration)
    const key = `${keyOf(file)}@${seconds.toFixed(1)}`
    const known = this.#options.cache.still(key)
    if (known !== undefined) return known
    return this.#alone(wanted, async () => {
      const meanwhile = this.#options.cache.still(key)
      if (meanwhile !== undefined) return meanwhile
      const { ffmpeg, cache } = this.#options
      const { videoStream, ...size } = facts
      const info = { ...size, ...(videoStream !== undefined && { videoStream }) }
      const still = await takeStill({ file: file.real, info, at: seconds, ffmpeg, signal: wanted })
      cache.keepStill(key, still)
      return still
    })
  }

  /**
   * What a file that is to be played is made of, when that was found out before: a start need not wait for ffprobe then.
   * Throws MediaError as the library does.
   */
  async known(query: string): Promise<MediaInfo | undefined> {
    const facts = this.#options.cache.facts(this.#factsKey(await this.#options.find(query)))
    if (facts === undefined || !facts.playable || facts.live) return undefined
    const { playable, duration, videoStream, audioStream, ...info } = facts
    return {
      ...info,
      ...(duration !== null && { duration }),
      ...(videoStream !== undefined && { videoStream }),
      ...(audioStream !== undefined && { audioStream }),
    }
  }

  /** Resolves when no tool is left running. */
  async close(): Promise<void> {
    this.#unread.clear()
    this.#abort.abort()
    await this.#reading
  }

  async #read(): Promise<void> {
    for (const [key, file] of this.#unread) {
      if (this.#abort.signal.aborted) return
      await this.#facts(file, this.#abort.signal).catch(() => {})
      this.#unread.delete(key)
      const now = performance.now()
      if (this.#unread.size > 0 && now - this.#toldAt < NEWS_MS) continue
      this.#toldAt = now
      this.#options.onNews()
    }
  }

  async #facts(file: NamedFile, signal: AbortSignal): Promise<FileFacts> {
    const { cache, ffprobe, maxSourceHeight } = this.#options
    const key = this.#factsKey(file)
    const known = cache.facts(key)
    if (known !== undefined) return known
    const media: Media = { kind: 'file', title: file.title, live: false, video: { url: file.real } }
    try {
      const { duration, hls, ...info } = await probe(media, {
        ...{ ffprobe, signal },
        ...(maxSourceHeight !== undefined && { maxSourceHeight }),
      })
      // A list of segments grows; what it was says little of what it is.
      const facts = { playable: true, duration: duration ?? null, ...info, live: info.live || hls === true }
      cache.keepFacts(key, facts)
      return facts
    } catch (error) {
      // What is no media stays none until the file changes; anything else may be better the next time.
      if (!(error instanceof MediaError) || error.code !== 'not-media') throw error
      cache.keepFacts(key, UNPLAYABLE)
      return UNPLAYABLE
    }
  }

  /** Of several pictures in a file it depends on the height which is taken. */
  #factsKey(file: NamedFile): string {
    return `${keyOf(file)}|${this.#options.maxSourceHeight ?? ''}`
  }

  async #alone(signal: AbortSignal, work: () => Promise<Still>): Promise<Still> {
    if (this.#waiting >= MAX_WAITING)
      throw new MediaError('rate-limited', 'Too many pictures are asked for at once.')
    this.#waiting += 1
    try {
      const leave = await this.#slot.take(signal).catch(() => {
        throw new MediaError('superseded', 'Nobody waits for this picture any more.')
      })
      return await work().finally(leave)
    } finally {
      this.#waiting -= 1
    }
  }
}

const UNPLAYABLE: FileFacts = {
  playable: false,
  duration: null,
  live: false,
  frameRate: 0,
  width: 0,
  height: 0,
  hasVideo: false,
  hasAudio: false,
  coverArt: false,
  untaggedHd: false,
}

const keyOf = ({ real, modified, size }: NamedFile) => `${real}|${modified}|${size}`

/** Where the picture for second `at` is taken. */
export function markOf(at: number | undefined, duration: number | null): number {
  if (duration === null) return at ?? 0
  const step = Math.max(MIN_STEP_SECONDS, duration / MARKS)
  const last = Math.floor(Math.max(0, duration - 0.5) / step)
  return at === undefined ? duration / 10 : Math.min(Math.max(0, Math.round(at / step)), last) * step
}

function describe({ path, title, size, modified, subtitles }: LibraryFile, facts?: FileFacts): ShelfEntry {
  const pictured = facts === undefined || facts.hasVideo || facts.coverArt
  return {
    path,
    title,
    size,
    modified,
    duration: facts?.duration ?? null,
    width: facts?.width || null,
    height: facts?.height || null,
    subtitles,
    playable: facts?.playable ?? true,
    thumbnail: pictured ? stillPath(path) : null,
  }
}

/** The path on this server that answers a picture of a library file. */
export const stillPath = (path: string): string => `/api/still?file=${encodeURIComponent(path)}`
