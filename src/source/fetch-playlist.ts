// Fetches the playlist of a live stream with ffmpeg itself, so that it comes the same way, with the same headers and past the
// same checks as what it names.

import type { Media } from '../resolve/media.ts'
import { firstVariant, type HlsPlaylist, parseHlsPlaylist } from './hls-playlist.ts'
import { inputArguments, inputEnvironment } from './input-arguments.ts'
import { runTool } from './tool-run.ts'

const TIMEOUT_MS = 8000
// Four hours of five seconds with YouTube's long addresses are 2 MB.
const MAX_BYTES = 8 * 1024 * 1024

/** Undefined when there is none that can be read; then the stream is played without going back. */
export async function fetchPlaylist(
  media: Media,
  { ffmpeg, signal }: { ffmpeg: string; signal: AbortSignal },
): Promise<HlsPlaylist | undefined> {
  const text = await fetchText(media, media.video.url, { ffmpeg, signal })
  const variant = firstVariant(text, media.video.url)
  return parseHlsPlaylist(variant === undefined ? text : await fetchText(media, variant, { ffmpeg, signal }))
}

async function fetchText(
  media: Media,
  url: string,
  { ffmpeg, signal }: { ffmpeg: string; signal: AbortSignal },
): Promise<string> {
  const { stdout } = await runTool({
    command: ffmpeg,
    args: [
      ...['-hide_banner', '-nostdin', '-nostats', '-loglevel', 'error'],
      ...inputArguments({ media, input: { ...media.video, url, format: 'data' } }),
      ...['-map', '0', '-c', 'copy', '-f', 'data', 'pipe:1'],
    ],
    env: inputEnvironment(media),
    timeoutMs: TIMEOUT_MS,
    maxStdoutBytes: MAX_BYTES,
    signal,
  })
  return stdout
}
