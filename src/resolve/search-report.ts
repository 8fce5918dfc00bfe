// What a flat search or a page of a playlist prints: one line per video, each read with suspicion.

import { z } from 'zod'
import { watchAddress } from './query.ts'

/** `query` plays it. Durations in seconds, null when unknown or live. */
export const foundVideo = z.object({
  id: z.string(),
  query: z.string(),
  title: z.string(),
  channel: z.string(),
  duration: z.number().nullable(),
  live: z.boolean(),
  /** Not begun yet; `starts_at` in milliseconds since 1970 where the site says so. */
  upcoming: z.boolean(),
  starts_at: z.number().nullable(),
  views: z.number().nullable(),
  /** Path on this server. */
  thumbnail: z.string(),
})
export type FoundVideo = z.infer<typeof foundVideo>

const text = z.string().nullish()
const entry = z.object({
  id: z.string().regex(/^[\w-]{11}$/),
  title: text,
  channel: text,
  uploader: text,
  duration: z.number().nonnegative().nullish(),
  live_status: text,
  is_live: z.boolean().nullish(),
  release_timestamp: z.number().nonnegative().nullish(),
  view_count: z.number().nonnegative().nullish(),
  concurrent_view_count: z.number().nonnegative().nullish(),
})

const MAX_TEXT_CHARS = 300

/** Lines that are no video (channels, playlists, rubbish) are left out; at most `limit` are returned. */
export function readFound(stdout: string, limit: number): FoundVideo[] {
  const found: FoundVideo[] = []
  for (const line of stdout.split('\n')) {
    if (found.length >= limit) break
    const video = readLine(line)
    if (video !== undefined) found.push(video)
  }
  return found
}

function readLine(line: string): FoundVideo | undefined {
  let json: unknown
  try {
    json = JSON.parse(line)
  } catch {
    return undefined
  }
  const { data } = entry.safeParse(json)
  // Deleted and private videos of a playlist are listed without a title, or with this one.
  if (data === undefined || !data.title || /^\[(?:Private|Deleted) video\]$/.test(data.title))
    return undefined
  const live = data.is_live === true || data.live_status === 'is_live'
  return {
    id: data.id,
    query: watchAddress(data.id),
    title: data.title.trim().slice(0, MAX_TEXT_CHARS),
    channel: (data.channel ?? data.uploader ?? '').trim().slice(0, MAX_TEXT_CHARS),
    duration: live ? null : (data.duration ?? null),
    live,
    upcoming: data.live_status === 'is_upcoming',
    starts_at: data.release_timestamp ? data.release_timestamp * 1000 : null,
    views: data.view_count ?? data.concurrent_view_count ?? null,
    thumbnail: `/api/thumbnail?id=${data.id}`,
  }
}
