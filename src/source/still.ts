// One small picture of a local file, as cells: what a thumbnail and the preview of a seek are drawn from.

import { MediaError } from '../resolve/media-error.ts'
import { classifyFfmpeg, tellingLine } from './ffmpeg-failure.ts'
import type { MediaInfo } from './media-info.ts'
import { runTool } from './tool-run.ts'

/** rgb24, row by row. */
export type Still = { cols: number; rows: number; rgb: Uint8Array }

export type StillOptions = {
  /** Path of a local file. */
  file: string
  info: Pick<MediaInfo, 'width' | 'height' | 'videoStream' | 'untaggedHd'>
  /** Seconds; the picture is the whole one (the keyframe) before. */
  at: number
  ffmpeg: string
  signal?: AbortSignal
}

const COLS = 80
const MAX_ROWS = 60
// A keyframe of 4K film takes 0.3 s on a slow machine; what takes longer is stuck on a disk or a broken file.
const TIMEOUT_MS = 8000

/** Runs one ffmpeg, which is dead when this settles. Throws MediaError: not-media, timeout, superseded and ffmpeg's own. */
export async function takeStill({ file, info, at, ffmpeg, signal }: StillOptions): Promise<Still> {
  // A cell is twice as tall as wide.
  const shape = info.width > 0 ? info.height / info.width / 2 : 0.28
  const rows = Math.min(MAX_ROWS, Math.max(2, Math.round(COLS * shape)))
  const matrix = info.untaggedHd ? ':in_color_matrix=bt709' : ''
  const run = await runTool({
    command: ffmpeg,
    args: [
      ...['-hide_banner', '-nostdin', '-nostats', '-loglevel', 'error', '-threads', '1'],
      ...['-protocol_whitelist', 'file,pipe,crypto', '-skip_frame', 'nokey', '-noaccurate_seek'],
      ...(at > 0 ? ['-ss', at.toFixed(3)] : []),
      ...['-i', `file:${file}`, '-map', `0:${info.videoStream ?? 'v:0'}`, '-frames:v', '1'],
      ...['-vf', `scale=${COLS}:${rows}:flags=area+accurate_rnd+full_chroma_int${matrix},format=rgb24`],
      ...['-f', 'rawvideo', 'pipe:1'],
    ],
    timeoutMs: TIMEOUT_MS,
    maxStdoutBytes: COLS * MAX_ROWS * 3,
    ...(signal && { signal }),
  })
  if (run.cut === 'aborted') throw new MediaError('superseded', 'Nobody waits for this picture any more.')
  if (run.cut === 'timeout') throw new MediaError('timeout', 'This picture takes too long to make.')
  if (run.failure !== undefined)
    throw new MediaError('ffmpeg-missing', `ffmpeg cannot be started (${run.failure.code}).`)
  if (run.output.length !== COLS * rows * 3) {
    const known = classifyFfmpeg(run.stderr)
    const said = tellingLine(run.stderr) ?? 'there is none at this place'
    throw new MediaError(known?.code ?? 'not-media', known?.message ?? `No picture: ${said}`, run)
  }
  return { cols: COLS, rows, rgb: run.output }
}
