// Finds the programme of a run, finds it again when its addresses age, and remembers what it is.

import type { Media } from '../resolve/media.ts'
import type { MediaInfo } from '../source/media-info.ts'
import { probe } from '../source/probe.ts'
import { refreshAt } from './retries.ts'

export type Resolve = (query: string, signal: AbortSignal, options: { fresh: boolean }) => Promise<Media>

export type Programme = { media: Media; info: MediaInfo }

export type FinderOptions = {
  query: string
  resolve: Resolve
  ffprobe: string
  maxSourceHeight: number
  /** What a local file is made of, where that is known already. */
  known?: (query: string) => Promise<MediaInfo | undefined>
  /** Milliseconds since 1970, what addresses expire by. */
  wallNow: () => number
}

const AGAIN_MS = 60_000

export class Finder {
  readonly #options: FinderOptions
  #programme: Programme | undefined
  #refreshAt: number | undefined

  constructor(options: FinderOptions) {
    this.#options = options
  }

  /** What was found last. */
  get programme(): Programme | undefined {
    return this.#programme
  }

  /** Finds the programme again; as it was asked for until something has been found. */
  get query(): string {
    return this.#programme?.media.query ?? this.#options.query
  }

  /** Whether what was found lies with somebody else, who may take it away. */
  get remote(): boolean {
    const kind = this.#programme?.media.kind
    return kind !== 'file' && kind !== 'demo'
  }

  /** It is time for new addresses. */
  get aged(): boolean {
    return this.#refreshAt !== undefined && this.#options.wallNow() >= this.#refreshAt
  }

  /** The old addresses have to do for another minute. */
  postpone(): void {
    this.#refreshAt = this.#options.wallNow() + AGAIN_MS
  }

  /** Throws what the resolver and the probe throw. `fresh` does not take a remembered answer. */
  async find({ fresh, signal }: { fresh: boolean; signal: AbortSignal }): Promise<void> {
    const { resolve, known, ffprobe, maxSourceHeight, wallNow } = this.#options
    const media = await resolve(this.query, signal, { fresh })
    const remembered =
      media.kind === 'file' && media.query !== undefined ? await known?.(media.query) : undefined
    const info = remembered ?? (await probe(media, { ffprobe, signal, maxSourceHeight }))
    this.#programme = { media, info }
    this.#refreshAt = refreshAt(media.expiresAt, wallNow())
  }
}
