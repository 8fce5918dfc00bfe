// What yt-dlp prints for one programme, read with suspicion: which addresses ffmpeg is to open, and whether it may.

import { z } from 'zod'
import { equalPair } from './format-pair.ts'
import { hostAllowed, isYouTubeMediaHost } from './host-rules.ts'
import type { Media, MediaInput } from './media.ts'
import { MediaError } from './media-error.ts'
import { VIDEO_ID, watchAddress } from './query.ts'

const address = z.string().max(16_384)
const format = z.object({
  url: address,
  http_headers: z.record(z.string(), z.string()).optional(),
  vcodec: z.string().nullish(),
  acodec: z.string().nullish(),
  height: z.number().nullish(),
  protocol: z.string().nullish(),
})
const report = z.object({
  id: z.string().nullish(),
  _type: z.string().nullish(),
  title: z.string().nullish(),
  duration: z.number().nonnegative().nullish(),
  is_live: z.boolean().nullish(),
  live_status: z.string().nullish(),
  url: address.nullish(),
  http_headers: z.record(z.string(), z.string()).nullish(),
  requested_formats: z.array(format).min(1).max(2).nullish(),
  subtitles: z.record(z.string(), z.unknown()).nullish(),
  automatic_captions: z.record(z.string(), z.unknown()).nullish(),
  formats: z.array(z.unknown()).max(2000).nullish(),
})

const MAX_TITLE_CHARS = 300

/**
 * The programme in the first line of `-j` output; undefined when there is no line (a search without a hit). Throws
 * MediaError yt-dlp-failed for what is no such line, host-refused for media on a host that is not allowed.
 */
export function readReport(
  stdout: string,
  {
    kind,
    allowHosts,
    maxSourceHeight = 720,
  }: { kind: 'youtube' | 'url'; allowHosts: readonly string[]; maxSourceHeight?: number },
): Media | undefined {
  const line = stdout.split('\n').find((one) => one.trim() !== '')
  if (line === undefined) return undefined
  const parsed = report.safeParse(parseJson(line))
  if (!parsed.success) throw garbled()
  const { id, title, duration, is_live, live_status, url, http_headers, requested_formats } = parsed.data
  const live = is_live === true || live_status === 'is_live'
  const [one, other] = requested_formats ?? (url ? [{ url, ...(http_headers && { http_headers }) }] : [])
  if (one === undefined) throw garbled()
  const all = (parsed.data.formats ?? []).flatMap((each) => format.safeParse(each).data ?? [])
  const chosen = other === undefined ? ([one] as const) : equalPair([one, other], all, maxSourceHeight)
  const expiresAt = Math.min(...chosen.map((each) => expiryOf(each.url)))
  const subtitles = [...tracks(parsed.data.subtitles, false), ...tracks(parsed.data.automatic_captions, true)]
  const inputs = chosen.map((one): MediaInput => checkedInput({ ...one, kind, allowHosts }))
  return {
    kind,
    title: (title ?? '').trim().slice(0, MAX_TITLE_CHARS) || 'Untitled',
    ...(kind === 'youtube' && VIDEO_ID.test(id ?? '') && { query: watchAddress(id as string) }),
    live,
    ...(!live && duration && { duration }),
    ...(Number.isFinite(expiresAt) && { expiresAt }),
    ...(subtitles.length > 0 && { subtitles }),
    video: inputs[0]!,
    ...(inputs[1] && { audio: inputs[1] }),
  }
}

const track = z.array(z.object({ ext: z.string(), url: address }).partial())
const MAX_TRACKS = 200

/** Those that are there as WebVTT. */
function tracks(languages: Record<string, unknown> | null | undefined, automatic: boolean) {
  return Object.entries(languages ?? {})
    .slice(0, MAX_TRACKS)
    .flatMap(([language, forms]) => {
      const url = track.safeParse(forms).data?.find(({ ext }) => ext === 'vtt')?.url
      return url === undefined || !/^[\w-]{2,20}$/.test(language) ? [] : [{ language, automatic, url }]
    })
}

/** Milliseconds since 1970, from googlevideo's `expire=` or `/expire/` (seconds); Infinity for other addresses. */
function expiryOf(url: string): number {
  const seconds = /[?&/]expire[=/](\d{9,11})(?:[&/]|$)/.exec(url)?.[1]
  return seconds === undefined ? Number.POSITIVE_INFINITY : Number(seconds) * 1000
}

function checkedInput({
  url,
  http_headers,
  kind,
  allowHosts,
}: {
  url: string
  http_headers?: Record<string, string> | null | undefined
  kind: 'youtube' | 'url'
  allowHosts: readonly string[]
}): MediaInput {
  const parsed = URL.parse(url)
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
    throw new MediaError('host-refused', 'The media lies at an address that is neither http nor https.')
  }
  if (!hostAllowed(parsed, allowHosts) && !(kind === 'youtube' && isYouTubeMediaHost(parsed.hostname))) {
    throw new MediaError(
      'host-refused',
      `The media lies on ${parsed.host}, which is not allowed here: start the server with --allow-host ${parsed.hostname}`,
    )
  }
  return { url: parsed.href, ...(http_headers && { headers: http_headers }) }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function garbled(): MediaError {
  return new MediaError(
    'yt-dlp-failed',
    'yt-dlp answered something that names no media. Updating it may help: yt-dlp -U',
  )
}
