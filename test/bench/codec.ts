// Bytes, quality and time: npm run bench -- codec --clips DIR [--psnr 38] [--presets med,high] [--codecs slices,x264]
//                                             [--seconds 10] [--json FILE]
//
// Ours, what stock ASCILINE clients get (raw, zlib, adaptive), and the video codecs that ffmpeg has. Without --psnr ours
// runs at its preset's budget and a video codec is brought to the PSNR that ours reached on that clip; with it all are
// brought to that PSNR, each clip by a constant step (ours) or quality (theirs). Bytes are of messages; kB/s is what the wire carries for one viewer, 93 bytes a packet included.
// PSNR is of luma over the visible cells; the glyph error is the mean distance of a shown glyph from the right one, in
// places of the ramp.

import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { PRESETS, type Preset } from '../../src/encode/preset.ts'
import { listClips } from './clip-frames.ts'
import { type Clip, loadClip } from './codec-clip.ts'
import { adaptiveCells, rawCells, slices, zlibCells } from './codec-ours.ts'
import { atPsnr, type Figures, HEAD, line, meanFigures, type Row } from './codec-row.ts'
import { installedCodecs, VIDEO_CODECS, VideoBench } from './codec-video.ts'

const CELL_CODECS: Record<string, (clip: Clip) => Figures> = {
  raw: rawCells,
  zlib: zlibCells,
  adaptive: adaptiveCells,
}

/** Luma steps in quarters: from one that nobody needs to one that nobody wants. */
const OUR_STEPS = { from: 8, to: 160, steps: 152 }

/** Throws when the clips cannot be read or a name is unknown. */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      clips: { type: 'string' },
      seconds: { type: 'string', default: '10' },
      psnr: { type: 'string' },
      presets: { type: 'string', default: Object.keys(PRESETS).join() },
      codecs: { type: 'string' },
      json: { type: 'string' },
    },
  })
  if (values.clips === undefined) throw new Error('bench codec needs --clips DIR, a folder of videos')
  const known = ['slices', ...Object.keys(CELL_CODECS), ...installedCodecs()]
  const codecs = values.codecs?.split(',') ?? known
  const strange = codecs.find((name) => !known.includes(name))
  if (strange !== undefined) throw new Error(`no codec ${strange} here; there are ${known.join(', ')}`)
  const psnr = values.psnr === undefined ? undefined : Number(values.psnr)
  const rows: Row[] = []
  print(HEAD)
  for (const preset of values.presets.split(',').map(presetNamed)) {
    const ofPreset: Row[] = []
    for (const path of listClips(values.clips)) {
      const clip = await loadClip(path, preset, Number(values.seconds))
      for await (const row of measure(clip, codecs, psnr)) {
        print(line(row))
        ofPreset.push(row)
      }
    }
    for (const codec of codecs) {
      const same = ofPreset.filter((row) => row.codec === codec)
      print(line({ clip: '= mean of the clips', preset: preset.name, codec, ...meanFigures(same) }))
    }
    printRatios(ofPreset, codecs)
    rows.push(...ofPreset)
  }
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(rows, null, 2)}\n`)
}

function presetNamed(name: string): Preset {
  const preset = Object.values(PRESETS).find((each) => each.name === name)
  if (preset === undefined) throw new Error(`no preset ${name}`)
  return preset
}

async function* measure(clip: Clip, codecs: string[], psnr: number | undefined): AsyncGenerator<Row> {
  const named = (codec: string, figures: Figures): Row => ({
    clip: clip.name,
    preset: clip.preset.name,
    codec,
    ...figures,
  })
  let target = psnr
  if (codecs.includes('slices') || target === undefined) {
    const ours =
      psnr === undefined ? slices(clip) : await atPsnr(psnr, OUR_STEPS, (quarters) => slices(clip, quarters))
    target ??= ours.psnrY ?? undefined
    if (codecs.includes('slices')) yield named('slices', ours)
  }
  for (const codec of codecs) if (codec in CELL_CODECS) yield named(codec, CELL_CODECS[codec](clip))
  const videos = codecs.filter((codec) => codec in VIDEO_CODECS)
  if (videos.length === 0 || target === undefined) return
  const bench = new VideoBench(clip)
  try {
    for (const codec of videos) {
      const { from, to } = VIDEO_CODECS[codec]
      const scale = { from, to, steps: to - from }
      yield named(codec, await atPsnr(target, scale, (quality) => bench.measure(codec, quality)))
    }
  } finally {
    bench.close()
  }
}

/** Ours against each other: the ratio of the mean bytes per frame, and the mean over the clips of each one's ratio. */
function printRatios(rows: Row[], codecs: string[]): void {
  const ours = rows.filter(({ codec }) => codec === 'slices')
  if (ours.length === 0) return
  for (const other of codecs.filter((codec) => codec !== 'slices')) {
    const theirs = rows.filter(({ codec }) => codec === other)
    const bytes = (all: Row[]) => all.reduce((sum, row) => sum + row.bytesPerFrame.mean, 0)
    const each = ours.map((row, at) => row.bytesPerFrame.mean / theirs[at].bytesPerFrame.mean)
    const perClip = each.reduce((sum, ratio) => sum + ratio, 0) / each.length
    print(
      `ours / ${other.padEnd(9)} ${(bytes(ours) / bytes(theirs)).toFixed(2)} of all bytes, ${perClip.toFixed(2)} a clip on the mean`,
    )
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
