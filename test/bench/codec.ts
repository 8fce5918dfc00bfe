// What the slice codec costs and keeps: npm run bench -- codec --clips DIR [--seconds 10] [--json FILE]
//
// Bytes are of messages; kB/s is what the wire carries for one viewer, packet overhead included. PSNR is of luma over
// the visible cells; the glyph error is the mean distance of a shown glyph from the right one, in places of the ramp.

import { writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { parseArgs } from 'node:util'
import { PRESETS } from '../../src/encode/preset.ts'
import {
  fillPicture,
  GLYPH_OF_LUMA,
  PACKET_OVERHEAD_BYTES,
  Picture,
  SliceDecoder,
  SliceEncoder,
} from '../../vendor/asciline/index.ts'
import { clipFrames, listClips } from './clip-frames.ts'

type Preset = (typeof PRESETS)[keyof typeof PRESETS]

/** One clip at one preset. */
type Row = {
  clip: string
  preset: string
  codec: string
  bytesPerFrame: { mean: number; p95: number; max: number }
  wireKBps: number
  psnrY: number
  glyphError: number
  encodeMs: number
  decodeMs: number
}

const HEAD =
  'clip                       preset    mean    p95    max B/frame   kB/s   PSNR-Y  glyph  enc ms  dec ms'

/** Throws when the clips cannot be read. */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      clips: { type: 'string' },
      seconds: { type: 'string', default: '10' },
      json: { type: 'string' },
    },
  })
  if (values.clips === undefined) throw new Error('bench codec needs --clips DIR, a folder of videos')
  const rows: Row[] = []
  print(HEAD)
  for (const preset of Object.values(PRESETS)) {
    const ofPreset: Row[] = []
    for (const clip of listClips(values.clips)) {
      const row = await measure(clip, preset, Number(values.seconds))
      ofPreset.push(row)
      print(line(row))
    }
    print(line(meanRow(ofPreset)))
    rows.push(...ofPreset)
  }
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(rows, null, 2)}\n`)
}

async function measure(clip: string, preset: Preset, seconds: number): Promise<Row> {
  const encoder = new SliceEncoder(preset)
  const decoder = new SliceDecoder(preset)
  const wanted = new Picture(preset)
  const sizes: number[] = []
  let wireBytes = 0
  let squares = 0
  let glyphSteps = 0
  let encodeMs = 0
  let decodeMs = 0
  for await (const rgb of clipFrames(clip, preset, seconds)) {
    const began = performance.now()
    const messages = encoder.encode(rgb, sizes.length, 0)
    const encoded = performance.now()
    for (const message of messages) decoder.decode(message)
    decodeMs += performance.now() - encoded
    encodeMs += encoded - began
    const bytes = messages.reduce((sum, message) => sum + message.length, 0)
    sizes.push(bytes)
    wireBytes += bytes + messages.length * PACKET_OVERHEAD_BYTES
    fillPicture(wanted, rgb)
    const error = compare(wanted, decoder.picture)
    squares += error.squares
    glyphSteps += error.glyphSteps
  }
  const frames = sizes.length
  const cells = frames * preset.cols * preset.rows
  sizes.sort((a, b) => a - b)
  return {
    clip: basename(clip),
    preset: preset.name,
    codec: 'slices',
    bytesPerFrame: {
      mean: mean(sizes),
      p95: sizes[Math.floor(0.95 * (frames - 1))],
      max: sizes[frames - 1],
    },
    wireKBps: ((wireBytes / frames) * preset.fps) / 1000,
    psnrY: 10 * Math.log10((255 ** 2 * cells) / squares),
    glyphError: glyphSteps / cells,
    encodeMs: encodeMs / frames,
    decodeMs: decodeMs / frames,
  }
}

function compare(wanted: Picture, shown: Picture): { squares: number; glyphSteps: number } {
  let squares = 0
  let glyphSteps = 0
  for (let row = 0; row < wanted.rows; row += 1) {
    for (let col = 0; col < wanted.cols; col += 1) {
      const right = wanted.y[row * wanted.stride + col]
      const seen = shown.y[row * shown.stride + col]
      squares += (right - seen) ** 2
      glyphSteps += Math.abs(GLYPH_OF_LUMA[right] - GLYPH_OF_LUMA[seen])
    }
  }
  return { squares, glyphSteps }
}

function meanRow(rows: Row[]): Row {
  const over = (value: (row: Row) => number) => mean(rows.map(value))
  return {
    ...rows[0],
    clip: '= mean of the clips',
    bytesPerFrame: {
      mean: over((row) => row.bytesPerFrame.mean),
      p95: over((row) => row.bytesPerFrame.p95),
      max: over((row) => row.bytesPerFrame.max),
    },
    wireKBps: over((row) => row.wireKBps),
    psnrY: over((row) => row.psnrY),
    glyphError: over((row) => row.glyphError),
    encodeMs: over((row) => row.encodeMs),
    decodeMs: over((row) => row.decodeMs),
  }
}

function line({ clip, preset, bytesPerFrame, wireKBps, psnrY, glyphError, encodeMs, decodeMs }: Row): string {
  return [
    clip.slice(0, 25).padEnd(26),
    preset.padEnd(6),
    bytesPerFrame.mean.toFixed(0).padStart(7),
    bytesPerFrame.p95.toFixed(0).padStart(6),
    bytesPerFrame.max.toFixed(0).padStart(6),
    wireKBps.toFixed(1).padStart(14),
    psnrY.toFixed(2).padStart(8),
    glyphError.toFixed(3).padStart(6),
    encodeMs.toFixed(2).padStart(7),
    decodeMs.toFixed(2).padStart(7),
  ].join(' ')
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
