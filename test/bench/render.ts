// What a picture costs on each rung: npm run bench -- render [--seconds 5] [--rungs page,worker,text] [--throttles 1,6] [--json FILE] [--html FILE]
//
// The same seconds of moving pictures through every rung on a bare page in a real Chromium. CPU is of all its processes, from
// /proc, per picture drawn; script is what the page's own thread spends per display frame.

import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { RungName } from '../../client/page/screen/rung.ts'
import { PRESETS } from '../../src/encode/preset.ts'
import { PLAIN_LOOK, SliceEncoder } from '../../vendor/asciline/index.ts'
import { launchChromium } from '../browser/chromium.ts'
import type {} from '../browser/render/harness.ts'
import { serveHarness } from '../browser/render/serve.ts'
import { filmlike } from '../vendor/moving-pictures.ts'

type Preset = (typeof PRESETS)[keyof typeof PRESETS]

type Row = {
  surface: RungName
  preset: string
  throttle: number
  presentedFps: number
  framesDropped: number
  scriptMs: { p50: number; p95: number; p99: number }
  cpuMsPerFrame: number
  /** How many times less CPU than fillText at the same preset and throttle. */
  cpuRatioToFillText: number | null
}

const CELL = { width: 5, height: 10 }
const TICKS_PER_SECOND = 100

/** Throws when there is no Chromium or no /proc. */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      seconds: { type: 'string', default: '5' },
      rungs: { type: 'string', default: 'text,page,worker,worker-bitmap' },
      presets: { type: 'string', default: 'med,high,ultra' },
      throttles: { type: 'string', default: '1,6' },
      json: { type: 'string' },
      html: { type: 'string', default: 'bench-render.html' },
    },
  })
  const harness = await serveHarness()
  const rows: Row[] = []
  try {
    for (const preset of values.presets.split(','))
      for (const throttle of values.throttles.split(',').map(Number))
        for (const rung of values.rungs.split(',') as RungName[]) {
          const row = await measure(
            harness.url,
            PRESETS[preset as keyof typeof PRESETS],
            rung,
            throttle,
            Number(values.seconds),
          )
          const text = rows.find(
            (other) => other.surface === 'text' && other.preset === row.preset && other.throttle === throttle,
          )
          if (text !== undefined) row.cpuRatioToFillText = text.cpuMsPerFrame / row.cpuMsPerFrame
          rows.push(row)
          process.stdout.write(`${JSON.stringify(row)}\n`)
        }
  } finally {
    harness.close()
  }
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ rows }, null, 2)}\n`)
  writeFileSync(values.html, plot(rows))
}

async function measure(
  url: string,
  preset: Preset,
  rung: RungName,
  throttle: number,
  seconds: number,
): Promise<Row> {
  const encoder = new SliceEncoder(preset)
  const programme = filmlike(preset)
  const frames = Array.from({ length: preset.fps }, (_, index) =>
    encoder.encode(programme(index), index, 0).map((message) => Array.from(message)),
  )
  const browser = await launchChromium()
  try {
    const page = await browser.newPage()
    await page.goto(url)
    await page.waitForFunction(() => window.renderHarness !== undefined)
    const session = await page.context().newCDPSession(page)
    await session.send('Emulation.setCPUThrottlingRate', { rate: throttle })
    const { cols, rows, fps } = preset
    const task = { rung, grid: { cols, rows }, cell: CELL, look: PLAIN_LOOK, fps }
    // The frames go over first, so that handing them over is no part of the measurement.
    const handle = await page.evaluateHandle((given) => given, frames)
    const before = browserTicks()
    const began = performance.now()
    const result = await page.evaluate(
      ({ task, frames, seconds }) => window.renderHarness.run(task, frames, seconds),
      { task, frames: handle as unknown as number[][][], seconds },
    )
    const spent = ((browserTicks() - before) * 1000) / TICKS_PER_SECOND
    const elapsed = Math.min(seconds, (performance.now() - began) / 1000)
    const drawn = Math.max(1, result.figures.drawn)
    const sorted = result.scriptMs.sort((a, b) => a - b)
    const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? 0
    return {
      surface: rung,
      preset: preset.name,
      throttle,
      presentedFps: drawn / elapsed,
      framesDropped: result.due - result.figures.drawn,
      scriptMs: { p50: at(0.5), p95: at(0.95), p99: at(0.99) },
      cpuMsPerFrame: spent / drawn,
      cpuRatioToFillText: null,
    }
  } finally {
    await browser.close()
  }
}

/** User and system ticks of all processes that descend from this one. */
function browserTicks(): number {
  const parents = execFileSync('ps', ['-e', '-o', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
  const family = new Set([process.pid])
  for (let grown = 0; grown !== family.size; ) {
    grown = family.size
    for (const [pid, parent] of parents) if (family.has(parent)) family.add(pid)
  }
  family.delete(process.pid)
  return [...family].reduce((sum, pid) => sum + ticksOf(pid), 0)
}

function ticksOf(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
    return Number(fields[11]) + Number(fields[12])
  } catch {
    return 0
  }
}

function plot(rows: Row[]): string {
  const most = Math.max(...rows.map(({ cpuMsPerFrame }) => cpuMsPerFrame))
  const bars = rows.map(({ surface, preset, throttle, cpuMsPerFrame, presentedFps, scriptMs }, i) => {
    const y = 24 * i
    const words = `${preset} ${surface} x${throttle}`
    const figures = `${cpuMsPerFrame.toFixed(1)} ms, ${presentedFps.toFixed(1)} fps, script p95 ${scriptMs.p95.toFixed(2)} ms`
    return `<text x="0" y="${y + 15}">${words}</text><rect x="190" y="${y + 3}" height="16" width="${(400 * cpuMsPerFrame) / most}" fill="#7ee0b8"/><text x="600" y="${y + 15}">${figures}</text>`
  })
  return `<!doctype html><meta charset="utf-8"><title>bench render</title><h1>CPU of all browser processes per picture</h1>
<svg width="960" height="${24 * rows.length}" font-family="sans-serif" font-size="13">${bars.join('')}</svg>\n`
}
