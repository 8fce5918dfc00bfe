// One suite for every rung, in a real Chromium: the same slices must give the same picture.

import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { RUNGS } from '../../../client/page/screen/rung.ts'
import { PLAIN_LOOK, SliceEncoder } from '../../../vendor/asciline/index.ts'
import { filmlike, HIGH } from '../../vendor/moving-pictures.ts'
import { launchChromium } from '../chromium.ts'
import type { RenderTask } from './harness.ts'
import { serveHarness } from './serve.ts'

const GRID = { cols: 32, rows: 12 }
const CELL = { width: 10, height: 16 }
const encoder = new SliceEncoder({ ...HIGH, ...GRID, bytesPerSecond: 1e6 })
const [slices, , mends] = [3, 12, 12].map((picture, frame) =>
  encoder.encode(filmlike(GRID)(picture), frame, 0).map((message) => Array.from(message)),
)

let harness: Awaited<ReturnType<typeof serveHarness>>
let browser: Browser
let page: Page

beforeAll(async () => {
  harness = await serveHarness()
  browser = await launchChromium(['--enable-unsafe-swiftshader'])
  page = await browser.newPage()
  await page.goto(harness.url)
  await page.waitForFunction(() => window.renderHarness !== undefined)
})
afterAll(async () => {
  await browser?.close()
  harness?.close()
})

const task = (rung: RenderTask['rung'], further: Partial<RenderTask> = {}): RenderTask => ({
  rung,
  grid: GRID,
  cell: CELL,
  look: PLAIN_LOOK,
  slices,
  ...further,
})
type Drawn = { width: number; height: number; rgb: Uint8Array; canvasWidth: number }

async function render(given: RenderTask): Promise<Drawn> {
  const { rgba, ...drawn } = await page.evaluate((task) => window.renderHarness.render(task), given)
  return { ...drawn, rgb: Buffer.from(rgba, 'base64').filter((_, i) => i % 4 < 3) }
}

const references = new Map<string, Promise<Drawn>>()

/** What fillText makes of the same, drawn once. */
function reference(further: Partial<RenderTask> = {}): Promise<Drawn> {
  const key = JSON.stringify(further)
  const drawn = references.get(key) ?? render(task('text', further))
  references.set(key, drawn)
  return drawn
}

function psnr(one: Drawn, other: Drawn): number {
  expect([one.width, one.height]).toEqual([other.width, other.height])
  const squares = one.rgb.reduce((sum, value, i) => sum + (value - other.rgb[i]) ** 2, 0)
  return 10 * Math.log10((255 ** 2 * one.rgb.length) / Math.max(squares, 1e-9))
}

describe.each(RUNGS.map((rung) => [rung] as const))('%s', (rung) => {
  test('draws the glyphs of the reference to 40 dB, on whole device pixels', async () => {
    const [drawn, wanted] = [await render(task(rung)), await reference()]
    expect(drawn.canvasWidth).toBe(GRID.cols * CELL.width)
    // A black picture would be like another black picture.
    expect(wanted.rgb.reduce((sum, value) => sum + value, 0) / wanted.rgb.length).toBeGreaterThan(5)
    const likeness = psnr(drawn, wanted)
    process.stdout.write(`${rung}: ${likeness.toFixed(1)} dB to fillText at 10x16\n`)
    expect(likeness).toBeGreaterThanOrEqual(40)
  })

  test('fills whole cells in pixel mode', async () => {
    const look = { ...PLAIN_LOOK, cells: 'pixels' as const }
    const drawn = await render(task(rung, { look }))
    expect(psnr(drawn, await reference({ look }))).toBeGreaterThanOrEqual(50)
    const at = (x: number, y: number) => [
      ...drawn.rgb.subarray(3 * (y * drawn.width + x), 3 * (y * drawn.width + x) + 3),
    ]
    expect(at(200, 144)).toEqual(at(209, 159))
  })

  test('mono is the tint and nothing else', async () => {
    const { rgb } = await render(task(rung, { look: { ...PLAIN_LOOK, colours: 1, tint: 0x00ff00 } }))
    const greens = rgb.filter((_, i) => i % 3 === 1)
    expect(Math.max(...greens.slice(0, 50_000))).toBeGreaterThan(200)
    expect(rgb.some((value, i) => i % 3 !== 1 && value > 3)).toBe(false)
  })

  test('a frame that is lost is mended from the one after it, on every rung alike', async () => {
    const mended = await render(task(rung, { mends }))
    expect(psnr(mended, await render(task(rung)))).toBeLessThan(25)
    expect(psnr(mended, await reference({ mends }))).toBeGreaterThanOrEqual(40)
  })

  test('small cells keep ascenders and tails', async () => {
    const small = { cell: { width: 5, height: 10 } }
    expect(psnr(await render(task(rung, small)), await reference(small))).toBeGreaterThan(30)
  })
})
