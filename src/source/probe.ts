// Asks ffprobe what a programme is made of, and chooses the streams to play.

import { z } from 'zod'
import type { Media, MediaInput } from '../resolve/media.ts'
import { MediaError } from '../resolve/media-error.ts'
import { classifyFfmpeg, tellingLine } from './ffmpeg-failure.ts'
import { inputArguments, inputEnvironment } from './input-arguments.ts'
import type { MediaInfo } from './media-info.ts'
import { runTool } from './tool-run.ts'

export type ProbeOptions = {
  ffprobe: string
  signal?: AbortSignal
  /** Of several pictures (an HLS ladder) the tallest up to this height is taken. */
  maxSourceHeight?: number
}

const TIMEOUT_MS = 30_000
const MAX_OUTPUT_BYTES = 4 * 1024 * 1024

const stream = z.object({
  index: z.int().nonnegative(),
  codec_type: z.string().optional(),
  width: z.int().nonnegative().default(0),
  height: z.int().nonnegative().default(0),
  sample_aspect_ratio: z.string().optional(),
  avg_frame_rate: z.string().optional(),
  pix_fmt: z.string().optional(),
  color_space: z.string().optional(),
  disposition: z.record(z.string(), z.int()).default({}),
  tags: z.record(z.string(), z.string()).default({}),
  side_data_list: z.array(z.object({ rotation: z.number().optional() })).default([]),
})
const report = z.object({
  streams: z.array(stream).default([]),
  programs: z.array(z.object({ streams: z.array(z.object({ index: z.int() })).default([]) })).default([]),
  format: z.object({ format_name: z.string().default(''), duration: z.string().optional() }),
})
type Stream = z.infer<typeof stream>
type Report = z.infer<typeof report>

/** Throws MediaError: not-media, file-not-found, unreadable, network, ffmpeg-missing and the like. */
export async function probe(
  media: Media,
  { ffprobe, signal, maxSourceHeight = 720 }: ProbeOptions,
): Promise<MediaInfo> {
  if (media.kind === 'demo') return demoInfo()
  const ask = (input: MediaInput) => probeInput({ media, input, ffprobe, ...(signal && { signal }) })
  const [first, second] = await Promise.all([
    ask(media.video),
    media.audio === undefined ? undefined : ask(media.audio),
  ])
  return describeMedia({ media, first, ...(second && { second }), maxSourceHeight })
}

/** ffmpeg draws the demo to the measure of the grid, so there is nothing to ask. */
function demoInfo(): MediaInfo {
  return {
    live: false,
    hasVideo: true,
    hasAudio: true,
    width: 0,
    height: 0,
    coverArt: false,
    frameRate: 0,
    untaggedHd: false,
    videoStream: 0,
    audioStream: 1,
  }
}

async function probeInput({
  media,
  input,
  ffprobe,
  signal,
}: {
  media: Media
  input: MediaInput
  ffprobe: string
  signal?: AbortSignal
}): Promise<Report> {
  const run = await runTool({
    command: ffprobe,
    args: [
      ...['-hide_banner', '-loglevel', 'error', '-of', 'json'],
      ...['-show_streams', '-show_format', '-show_programs'],
      ...inputArguments({ media, input }),
    ],
    env: inputEnvironment(media),
    timeoutMs: TIMEOUT_MS,
    maxStdoutBytes: MAX_OUTPUT_BYTES,
    ...(signal && { signal }),
  })
  const { exitCode, stderr } = run
  if (run.failure !== undefined) {
    throw new MediaError(
      'ffmpeg-missing',
      `ffprobe cannot be started (${run.failure.code}): is ffmpeg installed?`,
    )
  }
  if (run.cut === 'aborted') throw new MediaError('superseded', 'Something else was asked for meanwhile.')
  if (run.cut === 'timeout') {
    throw new MediaError('timeout', `The media did not say what it is within ${TIMEOUT_MS / 1000} s.`, {
      stderr,
    })
  }
  const parsed = exitCode === 0 && run.cut === undefined ? parseReport(run.stdout) : undefined
  if (parsed === undefined) {
    const known = classifyFfmpeg(stderr)
    throw new MediaError(
      known?.code ?? 'source-failed',
      known?.message ??
        `The media cannot be read: ${tellingLine(stderr) ?? `ffprobe ended with ${exitCode}`}`,
      { exitCode, stderr },
    )
  }
  return parsed
}

function parseReport(text: string): Report | undefined {
  try {
    return report.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}

/** Pure: what the reports of one or two inputs mean. Throws MediaError not-media when there is nothing to play. */
export function describeMedia({
  media,
  first,
  second,
  maxSourceHeight,
}: {
  media: Media
  first: Report
  second?: Report
  maxSourceHeight: number
}): MediaInfo {
  // ffmpeg takes any .txt or .nfo for ANSI art and would show it as a video.
  const streams = first.format.format_name === 'tty' ? [] : first.streams
  const pictures = streams.filter((one) => one.codec_type === 'video' && one.width > 0 && one.height > 0)
  const moving = pictures.filter((one) => one.disposition.attached_pic !== 1)
  const video = chooseVideo(moving, maxSourceHeight)
  const audio = chooseAudio(second ?? first, second === undefined ? video : undefined)
  const shown = video ?? (audio === undefined ? undefined : pictures[0])
  if (video === undefined && audio === undefined) {
    throw new MediaError('not-media', 'There is neither a picture nor sound in this file.')
  }
  const duration = media.duration ?? durationOf(first) ?? (second && durationOf(second))
  const network = media.kind === 'url' || media.kind === 'youtube'
  const live = media.live || (network && duration === undefined)
  const { width, height } = shown === undefined ? { width: 0, height: 0 } : displaySize(shown)
  return {
    live,
    ...(live && first.format.format_name === 'hls' && { hls: true as const }),
    ...(!live && duration !== undefined && { duration }),
    hasVideo: video !== undefined,
    hasAudio: audio !== undefined,
    width,
    height,
    coverArt: video === undefined && shown !== undefined,
    frameRate: ratio(video?.avg_frame_rate, '/') ?? 0,
    untaggedHd: video !== undefined && isUntaggedHd(video),
    ...(shown !== undefined && { videoStream: shown.index }),
    ...(audio !== undefined && { audioStream: audio.index }),
  }
}

/** The tallest up to the cap, else the smallest there is. */
function chooseVideo(videos: readonly Stream[], maxHeight: number): Stream | undefined {
  const byHeight = [...videos].sort((a, b) => b.height - a.height)
  return byHeight.find((one) => one.height <= maxHeight) ?? byHeight.at(-1)
}

/** Of the same HLS variant as the picture when there are several, then what the file marks as default. */
function chooseAudio({ streams, programs }: Report, video: Stream | undefined): Stream | undefined {
  const sounds = streams.filter((one) => one.codec_type === 'audio')
  const companions = programs
    .filter((program) => program.streams.some(({ index }) => index === video?.index))
    .flatMap((program) => program.streams.map(({ index }) => index))
  const near = sounds.filter(({ index }) => companions.includes(index))
  const choice = near.length > 0 ? near : sounds
  return choice.find((one) => one.disposition.default === 1) ?? choice[0]
}

function displaySize(stream: Stream): { width: number; height: number } {
  const aspect = ratio(stream.sample_aspect_ratio, ':') ?? 1
  const rotation =
    stream.side_data_list.find((one) => one.rotation !== undefined)?.rotation ??
    Number(stream.tags.rotate ?? 0)
  const width = stream.width * aspect
  const quarterTurns = Math.round(rotation / 90)
  return quarterTurns % 2 === 0 ? { width, height: stream.height } : { width: stream.height, height: width }
}

function isUntaggedHd({ width, height, pix_fmt = '', color_space = 'unknown' }: Stream): boolean {
  return (
    /^(unknown|unspecified|reserved)$/.test(color_space) &&
    /^(yuv|nv|p0)/.test(pix_fmt) &&
    (width >= 1280 || height >= 720)
  )
}

function durationOf({ format }: Report): number | undefined {
  const seconds = Number(format.duration)
  return Number.isFinite(seconds) && seconds > 0 ? seconds : undefined
}

/** `30000/1001` or `4:3` as a number; undefined for `0/0`, `0:1` and what is none. */
function ratio(text: string | undefined, separator: string): number | undefined {
  const [over, under] = (text ?? '').split(separator).map(Number)
  const value = (over ?? Number.NaN) / (under ?? Number.NaN)
  return Number.isFinite(value) && value > 0 ? value : undefined
}
