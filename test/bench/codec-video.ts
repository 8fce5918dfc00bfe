// Video codecs on the same pictures, through ffmpeg: what real-time encoders with references, order and acks reach.
//
// They get the very luma planes that ours gets, and one key frame for the whole clip: no joiner, no loss, which is to
// their advantage. Bytes are of the packets, without a container.

import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Clip, planarFrame } from './codec-clip.ts'
import { type Figures, LumaError, mean, sizeFigures, wireBytes } from './codec-row.ts'

const run = promisify(execFile)

/** `quality` runs over the scale of `from` (best) to `to`. */
type VideoCodec = { encoder: string; from: number; to: number; flags: (quality: string) => string[] }

export const VIDEO_CODECS: Record<string, VideoCodec> = {
  x264: {
    encoder: 'libx264',
    from: 12,
    to: 44,
    flags: (q) => ['-preset', 'veryfast', '-tune', 'zerolatency', '-crf', q],
  },
  vp9: {
    encoder: 'libvpx-vp9',
    from: 8,
    to: 60,
    flags: (q) => ['-deadline', 'realtime', '-cpu-used', '5', '-lag-in-frames', '0', '-b:v', '0', '-crf', q],
  },
  av1: {
    encoder: 'libaom-av1',
    from: 8,
    to: 60,
    flags: (q) => ['-usage', 'realtime', '-cpu-used', '8', '-lag-in-frames', '0', '-b:v', '0', '-crf', q],
  },
  mjpeg: { encoder: 'mjpeg', from: 2, to: 31, flags: (q) => ['-q:v', q, '-huffman', 'optimal'] },
}

/** Names of the codecs that the installed ffmpeg can encode. */
export function installedCodecs(): string[] {
  const list = execFileSync('ffmpeg', ['-v', 'error', '-encoders'], { encoding: 'utf8' })
  return Object.keys(VIDEO_CODECS).filter((name) => list.includes(` ${VIDEO_CODECS[name].encoder} `))
}

/** A clip written out once for however many qualities of however many codecs; `close` removes it. */
export class VideoBench {
  readonly #clip: Clip
  readonly #folder = mkdtempSync(join(tmpdir(), 'asciline-bench-'))
  readonly #planes: string

  constructor(clip: Clip) {
    this.#clip = clip
    this.#planes = join(this.#folder, 'planes.yuv')
    writeFileSync(this.#planes, Buffer.concat(clip.rgb.map((rgb) => planarFrame(rgb, clip.preset))))
  }

  /** Encodes, decodes and compares. Throws with ffmpeg's own words. */
  async measure(name: string, quality: number): Promise<Figures> {
    const { preset, luma } = this.#clip
    const { encoder, flags } = VIDEO_CODECS[name]
    const coded = join(this.#folder, `${name}.mkv`)
    const size = `${preset.cols}x${preset.rows}`
    // MJPEG names its full-range planes by another format.
    const format = name === 'mjpeg' ? 'yuvj420p' : 'yuv420p'
    const encoding = await run('ffmpeg', [
      ...['-nostdin', '-v', 'info', '-benchmark', '-y', '-f', 'rawvideo', '-pix_fmt', format, '-s', size],
      ...[
        '-r',
        String(preset.fps),
        '-i',
        this.#planes,
        '-c:v',
        encoder,
        ...flags(String(Math.round(quality))),
      ],
      ...['-g', '99999', '-threads', '1', coded],
    ])
    const sizes = execFileSync(
      'ffprobe',
      ['-v', 'error', '-show_entries', 'packet=size', '-of', 'csv=p=0', coded],
      { encoding: 'utf8' },
    )
      .split('\n')
      .map(Number.parseFloat)
      .filter((bytes) => bytes > 0)
    const decoding = spawnSync(
      'ffmpeg',
      [
        ...['-nostdin', '-v', 'info', '-benchmark', '-threads', '1', '-i', coded, '-fps_mode', 'passthrough'],
        ...['-pix_fmt', format, '-f', 'rawvideo', 'pipe:1'],
      ],
      { maxBuffer: 1 << 30 },
    )
    const frameBytes = (preset.cols * preset.rows * 3) / 2
    if (decoding.stdout.length !== luma.length * frameBytes)
      throw new Error(`${name} gave back ${decoding.stdout.length / frameBytes} of ${luma.length} frames`)
    const error = new LumaError()
    for (const [frame, wanted] of luma.entries()) {
      const from = frame * frameBytes
      error.add(wanted, decoding.stdout.subarray(from, from + wanted.length))
    }
    return {
      bytesPerFrame: sizeFigures(sizes),
      wireKBps: (mean(sizes.map(wireBytes)) * preset.fps) / 1000,
      psnrY: error.psnrY,
      glyphError: error.glyphError,
      encodeMs: cpuMs(encoding.stderr) / luma.length,
      decodeMs: cpuMs(decoding.stderr.toString()) / luma.length,
    }
  }

  close(): void {
    rmSync(this.#folder, { recursive: true })
  }
}

/** CPU time of a whole ffmpeg, its start included. */
function cpuMs(log: string): number {
  const found = /bench: utime=([\d.]+)s stime=([\d.]+)s/.exec(log)
  return found === null ? Number.NaN : (Number(found[1]) + Number(found[2])) * 1000
}
