// The one command line that turns any programme into cells and AAC: rgb24 at grid size on fd 3, ADTS on fd 4, both
// from the same zero. DESIGN section 3 says what each odd flag was measured to be worth.

import type { CellRect } from '../../signaling/messages.ts'
import type { Preset } from '../encode/preset.ts'
import type { Media } from '../resolve/media.ts'
import { demoGraph } from './demo.ts'
import { inputArguments } from './input-arguments.ts'
import type { MediaInfo } from './media-info.ts'
import { fitPicture } from './picture-fit.ts'

export type PipelineOptions = {
  media: Media
  info: MediaInfo
  preset: Preset
  /** Seconds of the programme to start at. */
  from: number
  /** The segment of a live list to start at. */
  liveStart?: number | undefined
}

// `area` without the other two flags is 1.4 levels dark and puts half of all glyphs off by one.
const SCALER = 'flags=area+accurate_rnd+full_chroma_int'
// Gaps and overlaps of the sound are filled and trimmed, so that sample n is at n / 48000 s whatever the container says.
const SOUND = 'aresample=48000:async=1:first_pts=0'

/** Arguments for an ffmpeg with two extra pipes; without sound in the source the second stays empty. */
export function ffmpegArguments(options: PipelineOptions): string[] {
  const { media, info } = options
  const secondInput = media.audio !== undefined
  const inputs = (secondInput ? [media.video, media.audio!] : [media.video]).flatMap((input) => [
    ...seekArguments(options),
    ...(media.kind === 'demo'
      ? inputArguments({
          media,
          input: { ...input, url: demoGraph({ ...options.preset, from: options.from }) },
        })
      : inputArguments({ media, input })),
  ])
  // ffmpeg seeks past an attached picture, so the cover is read through a second opening of the same file.
  if (info.coverArt) inputs.push(...inputArguments({ media, input: media.video }))
  const sound = `${secondInput ? 1 : 0}:${info.audioStream ?? 'a:0'}`
  const graph = info.hasVideo
    ? ['-map', `0:${info.videoStream ?? 'V:0'}`, '-vf', pictureFilter(options)]
    : ['-filter_complex', drawnCover({ ...options, sound: `[${sound}]` }), '-map', '[picture]']
  return [
    ...['-hide_banner', '-nostdin', '-nostats', '-loglevel', 'warning'],
    // A damaged stretch is a damaged stretch, not a reason to report the whole run as failed.
    ...['-max_error_rate', '1'],
    // Behind a break the timestamps of a live stream begin anew, ahead of the old ones as likely as not; the ten seconds that
    // are bridged by default would be a still picture.
    ...(info.live ? ['-dts_delta_threshold', '1'] : []),
    ...inputs,
    ...graph,
    // A muxer's own buffer is 32 KiB: two seconds of sound that a live viewer would wait for.
    ...['-fps_mode', 'passthrough', '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-flush_packets', '1', 'pipe:3'],
    ...(info.hasAudio ? soundArguments({ info, sound }) : []),
  ]
}

/** The cells the picture is scaled to; what is drawn here fills the grid. */
export function pictureCells({
  media,
  info,
  preset,
}: Pick<PipelineOptions, 'media' | 'info' | 'preset'>): CellRect {
  const { cols, rows } = preset
  if (media.kind === 'demo' || !info.hasVideo) return { x: 0, y: 0, width: cols, height: rows }
  return fitPicture({ width: info.width, height: info.height, cols, rows })
}

function seekArguments({ media, info, from, liveStart }: PipelineOptions): string[] {
  if (liveStart !== undefined) return ['-live_start_index', String(liveStart)]
  // The demo is drawn from `from` on; a live stream starts where it is.
  return from > 0 && media.kind !== 'demo' && !info.live ? ['-ss', from.toFixed(3)] : []
}

function soundArguments({ info, sound }: { info: MediaInfo; sound: string }): string[] {
  return [
    ...(info.hasVideo ? ['-map', sound, '-af', SOUND] : ['-map', '[sound]']),
    ...['-ac', '2', '-c:a', 'aac', '-b:a', '128k', '-f', 'adts', '-flush_packets', '1', 'pipe:4'],
  ]
}

function pictureFilter({ media, info, preset }: PipelineOptions): string {
  if (media.kind === 'demo') return `format=rgb24,${rateFilter(preset)}`
  const fit = pictureCells({ media, info, preset })
  const matrix = info.untaggedHd ? ':in_color_matrix=bt709' : ''
  const scale = `scale=${fit.width}:${fit.height}:${SCALER}${matrix},format=rgb24${bars(fit, preset)}`
  const rate = rateFilter(preset)
  // The same pictures either way; the cheap order is the one that scales fewer of them.
  return info.frameRate > preset.fps ? `${rate},${scale}` : `${scale},${rate}`
}

const rateFilter = ({ fps }: Preset) => `fps=${fps}:round=near:start_time=0`

function bars(fit: CellRect, { cols, rows }: Preset): string {
  return fit.width === cols && fit.height === rows ? '' : `,pad=${cols}:${rows}:${fit.x}:${fit.y}:black`
}

/**
 * The picture of a programme that has none: its own sound as a wave over a slow gradient, under the attached cover
 * when there is one. It ends with the sound because the sound draws it.
 */
function drawnCover({ media, info, preset, sound }: PipelineOptions & { sound: string }): string {
  const { cols, rows, fps } = preset
  // Drawn in square units, one wide and two high to the cell.
  const size = `${cols}x${rows * 2}`
  const parts = [
    `${sound}${SOUND},asplit=2[sound][heard]`,
    `[heard]showwaves=s=${cols}x${rows}:mode=cline:r=${fps}:scale=sqrt:colors=0x60ffa0|0xffc040[waves]`,
    `gradients=s=${size}:r=${fps}:c0=0x101840:c1=0x401030:x0=0:y0=0:x1=${cols}:y1=${rows * 2}:speed=0.005:seed=1[back]`,
    `[back][waves]overlay=0:${info.coverArt ? rows : Math.round(rows / 2)}:shortest=1[drawn]`,
  ]
  const finish = `scale=${cols}:${rows}:${SCALER},format=rgb24,${rateFilter(preset)}[picture]`
  if (!info.coverArt) return [...parts, `[drawn]${finish}`].join(';')
  const fit = fitPicture({
    width: info.width,
    height: info.height,
    cols: Math.floor(cols * 0.8),
    rows: Math.floor(rows * 0.8),
  })
  return [
    ...parts,
    `[${media.audio === undefined ? 1 : 2}:${info.videoStream ?? 'v:0'}]scale=${fit.width}:${fit.height * 2}:${SCALER}[cover]`,
    `[drawn][cover]overlay=(W-w)/2:(H-h)/4:eof_action=repeat,${finish}`,
  ].join(';')
}
