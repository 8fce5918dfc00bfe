// Sound against picture, and the beat of the frames: npm run bench -- sync [--seconds 60] [--preset med] [--json FILE] [--html FILE]
//
// The demo's flash and beep through the real server and a real Chromium on a clean link. The skew is sound minus picture
// as drawn, the sound's output latency compensated; the display adds up to one refresh. The cadence counts for how many
// refreshes each frame stayed.

import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { PRESETS } from '../../src/encode/preset.ts'
import { launchChromium, openPlayer } from '../browser/chromium.ts'
import { measureFlashAndBeep } from '../browser/flash-and-beep.ts'
import type {} from '../browser/page-hooks.d.ts'
import { startOwnServer } from '../sim/own-server.ts'

/** Throws when the server or Chromium does not come up. */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      seconds: { type: 'string', default: '60' },
      preset: { type: 'string', default: 'med' },
      json: { type: 'string' },
      html: { type: 'string', default: 'bench-sync.html' },
    },
  })
  const seconds = Number(values.seconds)
  const { cols, rows, fps } = PRESETS[values.preset as keyof typeof PRESETS]
  const server = await startOwnServer(['--play', 'demo:', '--preset', values.preset])
  const browser = await launchChromium()
  try {
    const page = await openPlayer(browser, server)
    await page.waitForFunction(() => window.ascilineStats().frame > 10)
    // A touch releases the sound; then it gets into step.
    await page.mouse.click(10, 300)
    await page.waitForFunction(() => window.ascilineStats().sound.state === 'playing')
    await page.waitForTimeout(3000)
    const cadence = await page.evaluate(async (seconds) => {
      const runs: Record<number, number> = {}
      const until = performance.now() + seconds * 1000
      let frame = -1
      let lasted = 0
      let skipped = 0
      while (performance.now() < until) {
        await new Promise(requestAnimationFrame)
        const now = window.ascilineStats().frame
        if (now === frame) lasted += 1
        else {
          if (frame >= 0) {
            runs[lasted] = (runs[lasted] ?? 0) + 1
            skipped += now - frame - 1
          }
          frame = now
          lasted = 1
        }
      }
      return { runs, skipped }
    }, seconds)
    const { skewsMs } = await measureFlashAndBeep(page, { cols, rows, seconds })
    const sorted = [...skewsMs].sort((a, b) => a - b)
    const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN
    const max = Math.max(...sorted.map(Math.abs))
    const report = {
      skewMs: { median: at(0.5), p5: at(0.05), p95: at(0.95), max },
      beeps: skewsMs.length,
      cadence: { fps, ...cadence },
    }
    process.stdout.write(`${JSON.stringify(report)}\n`)
    if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`)
    writeFileSync(values.html, plot(skewsMs, report))
  } finally {
    await browser.close()
    await server.close()
  }
}

function plot(skewsMs: number[], report: unknown): string {
  const dots = skewsMs.map(
    (skew, i) => `<circle cx="${10 + i * 6}" cy="${150 - 2 * skew}" r="2" fill="#7ee0b8"/>`,
  )
  const lines = [-20, 0, 20].map(
    (ms) => `<line x1="0" x2="100%" y1="${150 - 2 * ms}" y2="${150 - 2 * ms}" stroke="#888"/>`,
  )
  return `<!doctype html><meta charset="utf-8"><title>bench sync</title><h1>Sound minus picture, beep by beep (lines at 0 and ±20 ms)</h1>
<svg width="${40 + skewsMs.length * 6}" height="300">${lines.join('')}${dots.join('')}</svg><pre>${JSON.stringify(report, null, 2)}</pre>\n`
}
