// What a picture costs on each rung of the screen: see docs/benchmarks.md.
//
// The same seconds of the fixture's film through every rung on a bare page in a real Chromium, in three spans: nothing painted, for
// what a page costs that only follows the display; with the film, for its CPU; and with the film and tracing, which costs CPU
// itself, for how many of the pictures reach the display. Script is what the page's own thread spends on a picture.

import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { RungName } from '../../client/page/screen/rung.ts'
import { PRESETS } from '../../src/encode/preset.ts'
import { PLAIN_LOOK, SliceEncoder } from '../../vendor/asciline/index.ts'
import { launchChromium } from '../browser/chromium.ts'
import type { Film } from '../browser/render/film-run.ts'
import type {} from '../browser/render/harness.ts'
import { serveHarness } from '../browser/render/serve.ts'
import { descendantsCpuMs } from './browser-cpu.ts'
import { traceBrowser } from './browser-trace.ts'
import { bars, writeReport } from './report-page.ts'

type Preset = (typeof PRESETS)[keyof typeof PRESETS]
type Spread = { p50: number; p95: number; p99: number }

type Row = {
  surface: RungName
  preset: string
  /** How many times slower the page's main thread was made; workers and other processes keep their speed. */
  throttle: number
  presentedFps: number
  framesDropped: number
  /** Between pictures on the display. */
  intervalMs: Spread
  scriptMs: Spread
  cpuMsPerFrame: number
  /** What the same page takes in the time of a picture when it paints nothing; part of `cpuMsPerFrame`. */
  idleCpuMsPerFrame: number
  /** How many times less CPU than fillText at the same preset and throttle. */
  cpuRatioToFillText: number | null
}

const CLIP = join(dirname(fileURLToPath(import.meta.url)), '..', 'fixtures', 'city.mp4')
const IDLE_SECONDS = 4
/** Of the film, before anything is measured: everything compiles, and letters are drawn for the first time. */
const SETTLE_SECONDS = 4
const HARDWARE_RUNGS = new Set<RungName>(['webgl2'])

/** Throws when there is no Chromium or no /proc. */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      seconds: { type: 'string', default: '5' },
      rungs: { type: 'string', default: 'text,page,worker,worker-bitmap' },
      presets: { type: 'string', default: 'low,med,high,ultra' },
      throttles: { type: 'string', default: '1,4,6' },
      cell: { type: 'string', default: '5x10' },
      clip: { type: 'string', default: CLIP },
      json: { type: 'string' },
      html: { type: 'string', default: 'test-results/bench-render.html' },
    },
  })
  const seconds = Number(values.seconds)
  const [width, height] = values.cell.split('x').map(Number)
  const harness = await serveHarness()
  const rows: Row[] = []
  try {
    for (const name of values.presets.split(',')) {
      const preset = PRESETS[name as keyof typeof PRESETS]
      // It is run twice.
      const film = filmOf(values.clip, preset, SETTLE_SECONDS + 2 * seconds)
      for (const throttle of values.throttles.split(',').map(Number))
        for (const rung of values.rungs.split(',') as RungName[]) {
          const row = await measure({
            url: harness.url,
            preset,
            film,
            rung,
            throttle,
            seconds,
            cell: { width, height },
          })
          rows.push(row)
          compare(rows)
          process.stdout.write(`${JSON.stringify(row)}\n`)
        }
    }
  } finally {
    harness.close()
  }
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ rows }, null, 2)}\n`)
  const plots = [
    { heading: 'CPU of all browser processes per picture on the display', html: bars(rows.map(cpuBar)) },
    { heading: 'Pictures on the display per second', html: bars(rows.map(rateBar)) },
    { heading: 'Script of the main thread per picture, p95', html: bars(rows.map(scriptBar)) },
  ]
  writeReport(values.html, 'asciline bench: render', plots, { rows })
}

/**
 * The clip at the preset's grid and rate, with real frames in between where it has fewer, and from its start again where it is
 * too short: a film in which nothing changes every other frame would cost nothing every other frame.
 */
function filmOf(clip: string, preset: Preset, seconds: number): Film {
  const { cols, rows, fps } = preset
  const scale = `scale=${cols}:${rows}:flags=area+accurate_rnd+full_chroma_int`
  const filter = `${scale},minterpolate=fps=${fps}:mi_mode=mci:scd=none`
  const rgb = execFileSync(
    'ffmpeg',
    [
      ...['-nostdin', '-v', 'error', '-i', clip, '-t', String(seconds + 1), '-an', '-vf', filter],
      ...['-pix_fmt', 'rgb24', '-f', 'rawvideo', 'pipe:1'],
    ],
    { maxBuffer: 2 ** 31 },
  )
  const bytes = cols * rows * 3
  const frames = Math.floor(rgb.length / bytes)
  if (frames === 0) throw new Error(`nothing to see in ${clip}`)
  const encoder = new SliceEncoder(preset)
  return Array.from({ length: Math.ceil(seconds * fps) + 2 }, (_, index) => {
    const from = (index % frames) * bytes
    const slices = encoder.encode(rgb.subarray(from, from + bytes), index, 0)
    return slices.map((slice) => Buffer.from(slice).toString('base64'))
  })
}

async function measure({
  url,
  preset,
  film,
  rung,
  throttle,
  seconds,
  cell,
}: {
  url: string
  preset: Preset
  film: Film
  rung: RungName
  throttle: number
  seconds: number
  cell: { width: number; height: number }
}): Promise<Row> {
  const { cols, rows, fps } = preset
  const browser = await launchChromium(HARDWARE_RUNGS.has(rung) ? ['--enable-unsafe-swiftshader'] : [])
  try {
    const viewport = { width: cols * cell.width + 40, height: rows * cell.height + 40 }
    const page = await browser.newPage({ viewport })
    await page.goto(url)
    await page.waitForFunction(() => window.renderHarness !== undefined)
    const task = { rung, grid: { cols, rows }, cell, look: PLAIN_LOOK }
    await page.evaluate(({ task, film, fps }) => window.renderHarness.load(task, film, fps), {
      task,
      film,
      fps,
    })
    const session = await page.context().newCDPSession(page)
    const play = (seconds: number) => page.evaluate((seconds) => window.renderHarness.run(seconds), seconds)
    await play(SETTLE_SECONDS)
    // The film that came as text is garbage of the bench's: V8 would tidy it up in the middle.
    await session.send('HeapProfiler.collectGarbage')
    await session.send('Emulation.setCPUThrottlingRate', { rate: throttle })
    const idleFrom = descendantsCpuMs()
    await page.evaluate((seconds) => window.renderHarness.idle(seconds), IDLE_SECONDS)
    const idleMs = descendantsCpuMs() - idleFrom
    const before = descendantsCpuMs()
    const untraced = await play(seconds)
    const spentMs = descendantsCpuMs() - before
    const endTrace = await traceBrowser(browser)
    const result = await play(seconds)
    const { displayedMs } = await endTrace()
    const presented = Math.max(1, displayedMs.length)
    // Of the pictures a rung was given, as many reached the display without tracing as did with it.
    const seen = (untraced.scriptMs.length * presented) / result.scriptMs.length
    return {
      surface: rung,
      preset: preset.name,
      throttle,
      presentedFps: (1000 * presented) / (result.to - result.from),
      framesDropped: Math.max(0, result.due - presented),
      intervalMs: spread(displayedMs.slice(1).map((at, i) => at - displayedMs[i])),
      scriptMs: spread(result.scriptMs),
      cpuMsPerFrame: spentMs / seen,
      idleCpuMsPerFrame: idleMs / (IDLE_SECONDS * fps),
      cpuRatioToFillText: null,
    }
  } finally {
    await browser.close()
  }
}

function compare(rows: Row[]): void {
  const row = rows[rows.length - 1]
  const text = rows.find(
    ({ surface, preset, throttle }) =>
      surface === 'text' && preset === row.preset && throttle === row.throttle,
  )
  if (text !== undefined) row.cpuRatioToFillText = text.cpuMsPerFrame / row.cpuMsPerFrame
}

function spread(values: number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? 0
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) }
}

const labelOf = ({ surface, preset, throttle }: Row) => `${preset} ${surface} x${throttle}`

function cpuBar(row: Row) {
  const ratio = row.cpuRatioToFillText === null ? '' : `, 1/${row.cpuRatioToFillText.toFixed(1)} of fillText`
  return { label: labelOf(row), value: row.cpuMsPerFrame, note: `${row.cpuMsPerFrame.toFixed(2)} ms${ratio}` }
}

function rateBar(row: Row) {
  const { p50, p99 } = row.intervalMs
  const note = `${row.presentedFps.toFixed(1)}, ${row.framesDropped} dropped, interval p50 ${p50.toFixed(1)} p99 ${p99.toFixed(1)} ms`
  return { label: labelOf(row), value: row.presentedFps, note }
}

function scriptBar(row: Row) {
  const { p50, p95 } = row.scriptMs
  return { label: labelOf(row), value: p95, note: `p50 ${p50.toFixed(2)} ms, p95 ${p95.toFixed(2)} ms` }
}
