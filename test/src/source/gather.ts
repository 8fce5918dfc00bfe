// Plays a source as fast as it can be read and keeps what came: the frames, the sound, the outcome.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { PRESETS, type Preset } from '../../../src/encode/preset.ts'
import type { Media } from '../../../src/resolve/media.ts'
import type { MediaInfo } from '../../../src/source/media-info.ts'
import { probe } from '../../../src/source/probe.ts'
import {
  openSource,
  type Source,
  type SourceOptions,
  type SourceOutcome,
} from '../../../src/source/source.ts'

export const LOW = PRESETS.low

/** A log that keeps quiet. */
export const quiet = { info() {}, warn() {} }

export const fileMedia = (path: string): Media => ({
  kind: 'file',
  title: 'clip',
  live: false,
  video: { url: path },
})

export const demoMedia: Media = {
  kind: 'demo',
  title: 'Demo',
  live: false,
  video: { url: 'demo:', format: 'lavfi' },
}

export const urlMedia = (url: string, headers?: Record<string, string>): Media => ({
  kind: 'url',
  title: 'clip',
  live: false,
  video: { url, ...(headers && { headers }) },
})

export type Gathered = { info: MediaInfo; frames: Uint8Array[]; adts: Buffer; outcome: SourceOutcome }

/** Opens `media` as the session does. */
export async function openMedia(
  media: Media,
  options: Partial<SourceOptions> & { preset?: Preset } = {},
): Promise<{ info: MediaInfo; source: Source }> {
  const info = options.info ?? (await probe(media, { ffprobe: 'ffprobe' }))
  const source = await openSource({ media, preset: LOW, ffmpeg: 'ffmpeg', log: quiet, ...options, info })
  return { info, source }
}

/** Reads `media` to its end, or `maxFrames` of it. */
export async function gather(
  media: Media,
  { maxFrames = Number.POSITIVE_INFINITY, ...options }: Partial<SourceOptions> & { maxFrames?: number } = {},
): Promise<Gathered> {
  const { info, source } = await openMedia(media, options)
  const frames: Uint8Array[] = []
  const sound: Uint8Array[] = []
  let soundNext = 0
  const takeSound = () => {
    const next = source.audio.read(soundNext)
    if (next === 'gone') throw new Error('sound was lost')
    sound.push(...next)
    soundNext += next.length
  }
  source.audio.subscribe(takeSound)
  let next = 0
  await new Promise<void>((resolve) => {
    const take = () => {
      // However many are wanted, more may lie ready, and the sound comes only as long as they are taken.
      for (let rgb = source.frames.get(next); rgb; rgb = source.frames.get(next)) {
        if (frames.length < maxFrames) frames.push(rgb.slice())
        source.frames.release(next++)
      }
      if (source.frames.finished || frames.length >= maxFrames) resolve()
    }
    source.frames.onAvailable(take)
    take()
  })
  if (frames.length >= maxFrames) {
    // The two pipes are read as they come: the sound of the last frames may still be on its way.
    const wanted = (frames.length / (options.preset ?? LOW).fps) * (48_000 / 1024)
    while (source.audio.next < wanted && !source.audio.ended)
      await new Promise((resolve) => setImmediate(resolve))
    await source.close()
  }
  const outcome = await source.ended
  while (!source.audio.ended) await new Promise((resolve) => setImmediate(resolve))
  takeSound()
  return { info, frames, adts: Buffer.concat(sound), outcome }
}

/** Decodes ADTS with ffmpeg to mono samples at 48 kHz. */
export async function decodeAdts(adts: Uint8Array): Promise<Int16Array> {
  const decoder = spawn('ffmpeg', [
    '-v',
    'error',
    '-f',
    'aac',
    '-i',
    'pipe:0',
    '-ac',
    '1',
    '-f',
    's16le',
    'pipe:1',
  ])
  const chunks: Buffer[] = []
  const complaints: Buffer[] = []
  decoder.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  decoder.stderr.on('data', (chunk: Buffer) => complaints.push(chunk))
  // One that cannot read it ends before it has all of it, and says why.
  decoder.stdin.on('error', () => {})
  decoder.stdin.end(adts)
  await once(decoder, 'close')
  if (complaints.length > 0) throw new Error(Buffer.concat(complaints).toString())
  const bytes = Buffer.concat(chunks)
  return new Int16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + (bytes.length & ~1)))
}

/** Grey of one cell of an rgb24 grid; fails when it is coloured by more than `tolerance`. */
export function grey(rgb: Uint8Array, { cols }: { cols: number }, x: number, y: number): number {
  return rgb[(y * cols + x) * 3 + 1] as number
}

/** Indexes at which a series of frames turns from dark to bright at the given cell. */
export function risings(
  frames: readonly Uint8Array[],
  grid: { cols: number },
  x: number,
  y: number,
): number[] {
  return frames.flatMap((rgb, index) => {
    const before = index === 0 ? 0 : grey(frames[index - 1] as Uint8Array, grid, x, y)
    return grey(rgb, grid, x, y) > 128 && before <= 128 ? [index] : []
  })
}

/** Sample numbers at which sound begins after at least a tenth of a second without any. */
export function onsets(samples: Int16Array): number[] {
  const found: number[] = []
  let lastLoud = Number.NEGATIVE_INFINITY
  for (const [index, value] of samples.entries()) {
    if (Math.abs(value) < 2000) continue
    if (index - lastLoud > 4800) found.push(index)
    lastLoud = index
  }
  return found
}
