// Pictures of videos, fetched for the page, which talks to nobody but this server. An ID is all that is taken from outside,
// so the host is always YouTube's.

import { HttpError } from './http-error.ts'

const MAX_BYTES = 512 * 1024
const TIMEOUT_MS = 8000
const CACHE_BYTES = 16 * 1024 * 1024
const TYPES = new Set(['image/jpeg', 'image/webp', 'image/png'])

export type Thumbnail = { type: string; bytes: Buffer }

export class Thumbnails {
  readonly #base: string
  readonly #kept = new Map<string, Thumbnail>()
  #keptBytes = 0

  constructor({ base = 'https://i.ytimg.com' }: { base?: string } = {}) {
    this.#base = base
  }

  /** The picture of a video, 320x180. Throws HttpError: not-found, network, timeout. */
  async get(id: string): Promise<Thumbnail> {
    const kept = this.#kept.get(id)
    if (kept !== undefined) return kept
    const thumbnail = await this.#fetch(id)
    this.#kept.set(id, thumbnail)
    this.#keptBytes += thumbnail.bytes.length
    for (const [oldest, { bytes }] of this.#kept) {
      if (this.#keptBytes <= CACHE_BYTES) break
      this.#kept.delete(oldest)
      this.#keptBytes -= bytes.length
    }
    return thumbnail
  }

  async #fetch(id: string): Promise<Thumbnail> {
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    try {
      // A redirect would lead to a host of somebody else's choice.
      const response = await fetch(`${this.#base}/vi/${id}/mqdefault.jpg`, { redirect: 'error', signal })
      const type = response.headers.get('content-type')?.split(';')[0] ?? ''
      if (!response.ok || response.body === null || !TYPES.has(type)) {
        await response.body?.cancel()
        throw new HttpError('not-found', 'There is no picture of this video.')
      }
      return { type, bytes: await bounded(response.body) }
    } catch (error) {
      if (error instanceof HttpError) throw error
      if (signal.aborted) throw new HttpError('timeout', 'The picture did not come in time.')
      throw new HttpError('network', 'The picture could not be fetched.')
    }
  }
}

async function bounded(body: ReadableStream<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of body) {
    bytes += part.length
    if (bytes > MAX_BYTES) throw new HttpError('not-found', 'This picture is larger than pictures are.')
    parts.push(part)
  }
  return Buffer.concat(parts)
}
