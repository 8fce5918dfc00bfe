// Sound against picture, and the beat of the frames: see docs/benchmarks.md.
//
// The demo's flash and beep through the real server and a real Chromium. The flash counts from when tracing says that the
// display took the picture, the beep from when the speakers sound, heard outside of the browser where that is possible.

import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Page } from 'playwright-core'
import { PRESETS } from '../../src/encode/preset.ts'
import { launchChromium, openPlayer } from '../browser/chromium.ts'
import { startCuttingProxy } from '../browser/cutting-proxy.ts'
import type {} from '../browser/page-hooks.d.ts'
import { startOwnServer } from '../sim/own-server.ts'
import { traceBrowser } from './browser-trace.ts'
import { bars, dots, writeReport } from './report-page.ts'
import { openEar } from './sync-ear.ts'
import { type Cadence, cadence, median, positionSkews, recoveries, skews } from './sync-report.ts'
import { CLOCK_MARK, endWatch, startWatch } from './sync-watch.ts'

const LOSSY_UDP = fileURLToPath(new URL('lossy-udp.ts', import.meta.url))
const SETTLE_MS = 4000

/** Throws when the server or Chromium does not come up. */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      seconds: { type: 'string', default: '60' },
      preset: { type: 'string', default: 'med' },
      surface: { type: 'string', default: 'auto' },
      loss: { type: 'string', default: '0' },
      cuts: { type: 'string', default: '0' },
      ear: { type: 'string', default: 'auto' },
      json: { type: 'string' },
      html: { type: 'string', default: 'test-results/bench-sync.html' },
    },
  })
  const seconds = Number(values.seconds)
  const { fps } = PRESETS[values.preset as keyof typeof PRESETS]
  const server = await withLoss(Number(values.loss) / 100, () =>
    startOwnServer(['--play', 'demo:', '--preset', values.preset]),
  )
  const proxy = await startCuttingProxy(Number(new URL(server.url).port))
  const ear = await openEar(values.ear)
  const browser = await launchChromium([], ear.launch)
  try {
    const surface = values.surface === 'auto' ? '' : `?surface=${values.surface}`
    const url = `http://127.0.0.1:${proxy.port}/${surface}`
    const page = await openPlayer(browser, { url, pin: server.pin })
    await page.waitForFunction(() => window.ascilineStats().frame > 10)
    // A touch releases the sound; then it gets into step.
    await page.mouse.click(10, 300)
    await page.waitForFunction(() => window.ascilineStats().sound.state === 'playing')
    await page.waitForTimeout(SETTLE_MS)
    const before = await ear.latencyMs(page)
    const endTrace = await traceBrowser(browser)
    await startWatch(page, ear.kind === 'tap')
    const cuts = await cutEvenly(page, seconds, Number(values.cuts), () => proxy.cut('GET /audio'))
    const { surface: drawnBy, displayLagMs } = await page.evaluate(() => window.ascilineStats())
    const seen = await endWatch(page)
    const trace = await endTrace()
    const watched = { ...seen, beeps: await ear.beeps(page, seen.beeps) }
    // An ear whose lateness has changed meanwhile says nothing about the sound.
    const latencies = [before, await ear.latencyMs(page)]
    const outputLatencyMs = (latencies[0] + latencies[1]) / 2
    const shift = (trace.markMs(CLOCK_MARK) ?? Number.NaN) - watched.markedAt
    const displayed = trace.displayedMs.map((at) => at - shift)
    const refreshMs = median(watched.refreshes.slice(1).map((at, i) => at - watched.refreshes[i]))
    const waits = drawnBy.startsWith('worker') && fps > 40
    const options = { fps, displayed, outputLatencyMs, drawnLaterMs: waits ? 2 * refreshMs : 0 }
    const beeps = skews(watched, options)
    const report = {
      surface: drawnBy,
      ear: ear.kind,
      lossPercent: Number(values.loss),
      skewMs: spread(beeps.map(({ skewMs }) => skewMs)),
      positionSkewMs: spread(positionSkews(watched, options)),
      beeps: beeps.length,
      cadence: cadence(watched, { fps, displayed, refreshMs }),
      recoveries: recoveries(watched, fps, cuts),
      earLatencyMs: latencies,
      displayLagMs,
    }
    process.stdout.write(`${JSON.stringify(report)}\n`)
    if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`)
    const plots = [
      {
        heading: 'Sound minus picture, beep by beep, in ms over seconds; dashed: the sound was cut',
        html: dots(
          beeps.map(({ at, skewMs }) => ({ at, value: skewMs })),
          { from: -60, to: 60, lines: [-20, 0, 20], marks: cuts.map((cut) => cut / 1000) },
        ),
      },
      { heading: 'Refreshes that frames stayed', html: bars(histogram(report.cadence, 'refreshes')) },
      {
        heading: 'Refreshes between pictures on the display',
        html: bars(histogram(report.cadence, 'displayed')),
      },
    ]
    writeReport(values.html, 'asciline bench: sync', plots, report)
  } finally {
    await browser.close()
    await ear.close()
    await proxy.close()
    await server.close()
  }
}

function spread(values: number[]) {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN
  return { median: at(0.5), p5: at(0.05), p95: at(0.95), max: Math.max(...sorted.map(Math.abs)) }
}

/** A process started meanwhile loses this share of its datagrams. */
async function withLoss<T>(loss: number, start: () => Promise<T>): Promise<T> {
  if (loss <= 0) return start()
  const before = process.env.NODE_OPTIONS
  Object.assign(process.env, {
    NODE_OPTIONS: `${before ?? ''} --import ${LOSSY_UDP}`,
    UDP_LOSS: String(loss),
  })
  try {
    return await start()
  } finally {
    if (before === undefined) delete process.env.NODE_OPTIONS
    else process.env.NODE_OPTIONS = before
  }
}

/** Waits, cutting at equal distances; the page's times of the cuts. */
async function cutEvenly(page: Page, seconds: number, cuts: number, cut: () => number): Promise<number[]> {
  const partMs = (seconds * 1000) / (cuts + 1)
  const times: number[] = []
  for (let i = 0; i < cuts; i++) {
    await page.waitForTimeout(partMs)
    times.push(await page.evaluate(() => performance.now()))
    if (cut() === 0) throw new Error('there was no sound to cut')
  }
  await page.waitForTimeout(partMs)
  return times
}

function histogram(cadence: Cadence, which: 'refreshes' | 'displayed') {
  return Object.entries(cadence[which]).map(([refreshes, frames]) => ({
    label: refreshes,
    value: frames,
    note: String(frames),
  }))
}
