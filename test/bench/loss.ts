// What a viewer sees when packets are lost: npm run bench -- loss --clips DIR [--preset high] [--seconds 5] [--seeds 3]
//                                              [--schemes plain,early] [--json FILE]
//
// Real traces: the encoder's own messages, through a lossy link, into the real decoder. A frame is correct when every
// macroblock shows what a viewer without loss shows, or a source no eye tells from it (the change detector's threshold).
// What counts is on time: frame n is looked at 80 ms after it was sent. Loss is independent, or in bursts of four packets.

import { writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { parseArgs } from 'node:util'
import { PRESETS, type Preset } from '../../src/encode/preset.ts'
import { fillPicture, Picture, SliceEncoder } from '../../vendor/asciline/index.ts'
import { clipFrames, listClips } from './clip-frames.ts'
import { adaptiveSizes, type FrameMessage, rawSizes, watchWholeFrames } from './loss-of-frames.ts'
import { SLICE_OPTIONS, type SliceOption, watchSlices } from './loss-of-slices.ts'
import { Link, type LinkModel } from './lossy-link.ts'
import type { Trace, Watched } from './trace.ts'

type Row = Watched & { clip: string; scheme: string; model: string }

const MODELS: LinkModel[] = [
  { loss: 0, burst: 1 },
  ...[0.005, 0.01, 0.02, 0.05, 0.1].map((loss) => ({ loss, burst: 1 })),
  ...[0.01, 0.02, 0.05, 0.1].map((loss) => ({ loss, burst: 4 })),
]

type Scheme = { title: string; watch: (trace: Trace) => (link: Link) => Watched }

/** Formats and what may be added to them, by the name that asks for it. */
const SCHEMES: Record<string, Scheme> = {
  raw: wholeFrames('raw whole frame', rawSizes, false),
  delta: wholeFrames('ASCILINE delta, unreliable', adaptiveSizes, false),
  'delta-reliable': wholeFrames('ASCILINE delta, reliable', adaptiveSizes, true),
  ...Object.fromEntries(
    Object.entries(SLICE_OPTIONS).map(([option, title]) => [
      option,
      { title, watch: (trace: Trace) => (link: Link) => watchSlices(trace, link, option as SliceOption) },
    ]),
  ),
}

function wholeFrames(title: string, sizesOf: (trace: Trace) => FrameMessage[], reliable: boolean): Scheme {
  const watch = (trace: Trace) => {
    const sizes = sizesOf(trace)
    return (link: Link) => watchWholeFrames(trace, sizes, link, { reliable })
  }
  return { title, watch }
}

/** Throws when the clips cannot be read or a name is unknown. */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      clips: { type: 'string' },
      preset: { type: 'string', default: 'high' },
      seconds: { type: 'string', default: '5' },
      seeds: { type: 'string', default: '3' },
      schemes: { type: 'string', default: Object.keys(SCHEMES).join() },
      json: { type: 'string' },
    },
  })
  if (values.clips === undefined) throw new Error('bench loss needs --clips DIR, a folder of videos')
  const preset = Object.values(PRESETS).find(({ name }) => name === values.preset)
  if (preset === undefined) throw new Error(`no preset ${values.preset}`)
  const schemes = values.schemes.split(',')
  const strange = schemes.find((name) => !(name in SCHEMES))
  if (strange !== undefined)
    throw new Error(`no scheme ${strange}; there are ${Object.keys(SCHEMES).join(', ')}`)
  const rows: Row[] = []
  for (const clip of listClips(values.clips)) {
    const trace = await record(clip, preset, Number(values.seconds))
    rows.push(...watch(trace, basename(clip), schemes, Number(values.seeds)))
    process.stderr.write(`${basename(clip)}\n`)
  }
  process.stdout.write(table(rows))
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(rows, null, 2)}\n`)
}

async function record(clip: string, preset: Preset, seconds: number): Promise<Trace> {
  const encoder = new SliceEncoder(preset)
  const trace: Trace = { preset, sources: [], rgb: [], messages: [] }
  for await (const rgb of clipFrames(clip, preset, seconds)) {
    const source = new Picture(preset)
    fillPicture(source, rgb)
    trace.messages.push(encoder.encode(rgb, trace.sources.length, 0))
    trace.sources.push(source)
    trace.rgb.push(rgb.slice())
  }
  return trace
}

function watch(trace: Trace, clip: string, schemes: string[], seeds: number): Row[] {
  const runs = schemes.map((name) => [SCHEMES[name].title, SCHEMES[name].watch(trace)] as const)
  return runs.flatMap(([scheme, see]) =>
    MODELS.map((model) => {
      const watched = Array.from({ length: model.loss === 0 ? 1 : seeds }, (_, seed) =>
        see(new Link(model, seed)),
      )
      return { clip, scheme, model: modelName(model), ...mean(watched) }
    }),
  )
}

function table(rows: Row[]): string {
  const names = MODELS.map(modelName)
  const lines = [`frames correct, %             kB/s dB@2% ${names.map((name) => name.padStart(8)).join('')}`]
  for (const scheme of new Set(rows.map((row) => row.scheme))) {
    const cells = names.map((name) => mean(rows.filter((row) => row.scheme === scheme && row.model === name)))
    const { wireKBps } = cells[0]
    const { psnrY } = cells[names.indexOf('2%')]
    const correct = cells.map((cell) => cell.correct.toFixed(1).padStart(8)).join('')
    lines.push(`${scheme.padEnd(27)}${wireKBps.toFixed(1).padStart(7)} ${psnrY.toFixed(1)} ${correct}`)
  }
  return `${lines.join('\n')}\n`
}

function modelName({ loss, burst }: LinkModel): string {
  return `${loss * 100}%${burst > 1 ? `x${burst}` : ''}`
}

function mean(runs: Watched[]): Watched {
  const over = (value: (run: Watched) => number) =>
    runs.reduce((sum, run) => sum + value(run), 0) / runs.length
  return {
    correct: over((run) => run.correct),
    psnrY: over((run) => run.psnrY),
    wireKBps: over((run) => run.wireKBps),
  }
}
