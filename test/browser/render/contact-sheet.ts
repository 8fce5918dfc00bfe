// Every look at three densities as one picture per density, to look at: node test/browser/render/contact-sheet.ts [FOLDER]

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fitCells } from '../../../client/page/screen/cell-size.ts'
import { type Look, PLAIN_LOOK, SliceEncoder } from '../../../vendor/asciline/index.ts'
import { clipFrames } from '../../bench/clip-frames.ts'
import { launchChromium } from '../chromium.ts'
import type {} from './harness.ts'
import { serveHarness } from './serve.ts'

const GRID = { cols: 120, rows: 50 }
const BOX = { width: 480, height: 400 }
const CLIP = join(import.meta.dirname, '..', '..', 'fixtures', 'city.mp4')

const LOOKS: [name: string, look: Partial<Look>][] = [
  ...([1, 2, 3, 4, 5] as const).map(
    (colours) => [`ramp, colours ${colours}`, { colours, gamma: 1.6 }] as [string, Partial<Look>],
  ),
  ['short', { charset: 'short', gamma: 1.6 }],
  ['blocks', { charset: 'blocks' }],
  ['digits', { charset: 'digits', gamma: 1.6 }],
  ['pixels', { cells: 'pixels' }],
]

const folder = process.argv[2] ?? 'contact-sheets'
mkdirSync(folder, { recursive: true })
const harness = await serveHarness()
const browser = await launchChromium()
const frames = clipFrames(CLIP, { ...GRID, fps: 25 }, 1)
const { value: rgb } = await frames.next()
if (rgb === undefined) throw new Error(`nothing to see in ${CLIP}`)
const encoder = new SliceEncoder({ ...GRID, fps: 25, bytesPerSecond: 1e6 })
const slices = encoder.encode(rgb, 0, 0).map((slice) => Array.from(slice))
for (const density of [1, 1.5, 2]) {
  const page = await browser.newPage({
    viewport: { width: 3 * BOX.width, height: 3 * (BOX.height + 24) },
    deviceScaleFactor: density,
  })
  await page.goto(harness.url)
  await page.waitForFunction(() => window.renderHarness !== undefined)
  const { width, height } = fitCells(GRID, { width: BOX.width * density, height: BOX.height * density })
  const task = { rung: 'page' as const, grid: GRID, cell: { width, height }, slices }
  await page.evaluate(() =>
    Object.assign(document.body.style, { overflow: 'visible', background: '#000', margin: '0' }),
  )
  for (const [i, [name, look]] of LOOKS.entries()) {
    const given = { ...task, look: { ...PLAIN_LOOK, tint: 0x7ee0b8, ...look } }
    const place = { left: (i % 3) * BOX.width, top: Math.floor(i / 3) * (BOX.height + 24) }
    await page.evaluate(
      async ({ given, name, place, density }) => {
        await window.renderHarness.render(given)
        const drawn = document.body.querySelector('canvas') as HTMLCanvasElement
        drawn.hidden = true
        // The harness takes its canvas away before the next picture.
        const kept = document.createElement('canvas')
        Object.assign(kept, { width: drawn.width, height: drawn.height })
        kept.getContext('2d')?.drawImage(drawn, 0, 0)
        kept.style.width = `${drawn.width / density}px`
        const title = document.createElement('p')
        title.textContent = name
        for (const [node, down] of [
          [title, 0],
          [kept, 24],
        ] as const) {
          Object.assign(node.style, {
            position: 'fixed',
            margin: '0',
            color: '#fff',
            font: '14px/24px sans-serif',
          })
          Object.assign(node.style, { left: `${place.left}px`, top: `${place.top + down}px` })
          document.documentElement.append(node)
        }
      },
      { given, name, place, density },
    )
  }
  await page.screenshot({ path: join(folder, `looks-${density}x.png`) })
  await page.close()
}
await browser.close()
harness.close()
