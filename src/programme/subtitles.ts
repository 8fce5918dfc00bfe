// Which subtitles there are for what plays, and their cues: files beside a local video, tracks that the site names.

import { open, readdir } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import { z } from 'zod'
import { isYouTubeHost } from '../resolve/host-rules.ts'
import type { Media } from '../resolve/media.ts'
import { MediaError } from '../resolve/media-error.ts'
import { type Cue, parseCues } from './cues.ts'

/** `automatic` was written by a machine that listened. */
export const subtitleTrack = z.object({ id: z.string(), language: z.string(), automatic: z.boolean() })
export type SubtitleTrack = z.infer<typeof subtitleTrack>

type Found = SubtitleTrack & { read: () => Promise<string> }

const MAX_BYTES = 4 * 1024 * 1024
const MAX_TRACKS = 100
const TIMEOUT_MS = 10_000

/** `film.srt` has no language, `film.en.vtt` is English. */
export async function subtitleTracks(media: Media): Promise<SubtitleTrack[]> {
  return (await find(media)).map(({ id, language, automatic }) => ({ id, language, automatic }))
}

/** The cues of one track. Throws MediaError not-found, network, unreadable. */
export async function subtitleCues(media: Media, id: string): Promise<Cue[]> {
  const track = (await find(media)).find((one) => one.id === id)
  if (track === undefined) throw new MediaError('not-found', 'There are no such subtitles for this.')
  return parseCues(await track.read())
}

async function find(media: Media): Promise<Found[]> {
  if (media.kind === 'file') return beside(media.video.url)
  return (media.subtitles ?? []).slice(0, MAX_TRACKS).map(({ language, automatic, url }) => ({
    id: `${automatic ? 'auto' : 'site'}:${language}`,
    language,
    automatic,
    read: () => download(url),
  }))
}

async function beside(video: string): Promise<Found[]> {
  const folder = dirname(video)
  const stem = basename(video, extname(video))
  const names = await readdir(folder, { withFileTypes: true }).catch(() => [])
  return names
    .filter((entry) => entry.isFile() && entry.name.startsWith(`${stem}.`))
    .flatMap(({ name }) => {
      const rest = /^(?:\.([\w-]{2,12}))?\.(?:srt|vtt)$/i.exec(name.slice(stem.length))
      if (rest === null) return []
      const read = () => readBounded(join(folder, name))
      return [{ id: `file:${name}`, language: rest[1] ?? '', automatic: false, read }]
    })
    .slice(0, MAX_TRACKS)
}

async function readBounded(path: string): Promise<string> {
  try {
    const file = await open(path)
    try {
      const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(MAX_BYTES) })
      return buffer.toString('utf8', 0, bytesRead)
    } finally {
      await file.close()
    }
  } catch {
    throw new MediaError('unreadable', 'These subtitles cannot be read.')
  }
}

async function download(address: string): Promise<string> {
  const url = URL.parse(address)
  if (url?.protocol !== 'https:' || !isYouTubeHost(url.hostname))
    throw new MediaError('host-refused', 'These subtitles lie on a host that is not asked.')
  try {
    const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) })
    if (!response.ok || response.body === null) throw new Error(String(response.status))
    const parts: Uint8Array[] = []
    let bytes = 0
    for await (const part of response.body) {
      bytes += part.length
      if (bytes > MAX_BYTES) break
      parts.push(part)
    }
    return Buffer.concat(parts).toString('utf8')
  } catch {
    throw new MediaError('network', 'The subtitles could not be fetched.')
  }
}
