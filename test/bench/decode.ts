// What decoding costs in a real Chromium: npm run bench -- decode --clips DIR [--presets high,ultra] [--seconds 5] [--json FILE]
//
// Each clip is encoded at its preset's budget, and the page's decoder, bundled as the page is, decodes every frame of it: once to
// warm up, then under the clock. The page's clock is coarse, so it is read around each whole pass and not around each frame.

import { writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from 'vite'
import { PRESETS, type Preset } from '../../src/encode/preset.ts'
import { SliceEncoder } from '../../vendor/asciline/index.ts'
import { launchChromium } from '../browser/chromium.ts'
import { clipFrames, listClips } from './clip-frames.ts'

/** Milliseconds a frame: mean of the clip in the faster of the passes. */
type Row = {
  clip: string
  preset: string
  codec: 'slices'
  where: 'chromium'
  frames: number
  decodeMs: number
}

const PASSES = 3
const ENTRY = fileURLToPath(new URL('../../vendor/asciline/index.ts', import.meta.url))

/** Throws when the clips cannot be read or there is no Chromium. */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      clips: { type: 'string' },
      presets: { type: 'string', default: 'high,ultra' },
      seconds: { type: 'string', default: '5' },
      json: { type: 'string' },
    },
  })
  if (values.clips === undefined) throw new Error('bench decode needs --clips DIR, a folder of videos')
  const wanted = values.presets.split(',')
  const browser = await launchChromium()
  const rows: Row[] = []
  try {
    const page = await browser.newPage()
    await page.addScriptTag({ content: `${await bundle()};globalThis.asciline = asciline` })
    for (const preset of Object.values(PRESETS).filter(({ name }) => wanted.includes(name))) {
      for (const path of listClips(values.clips)) {
        const frames = await encoded(path, preset, Number(values.seconds))
        const passes = { frames, size: { cols: preset.cols, rows: preset.rows }, count: PASSES }
        const decodeMs = await page.evaluate(({ frames, size, count }) => {
          const bytes = frames.map((messages) =>
            messages.map((text) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0))),
          )
          const times = Array.from({ length: count }, () => {
            const decoder = new asciline.SliceDecoder(size)
            const began = performance.now()
            for (const messages of bytes) for (const message of messages) decoder.decode(message)
            return (performance.now() - began) / bytes.length
          })
          return Math.min(...times.slice(1))
        }, passes)
        rows.push({
          clip: basename(path),
          preset: preset.name,
          codec: 'slices',
          where: 'chromium',
          frames: frames.length,
          decodeMs,
        })
        process.stdout.write(
          `${basename(path).padEnd(26)} ${preset.name.padEnd(6)} ${decodeMs.toFixed(3)} ms\n`,
        )
      }
      const same = rows.filter((row) => row.preset === preset.name)
      const mean = same.reduce((sum, row) => sum + row.decodeMs, 0) / same.length
      process.stdout.write(
        `${'= mean of the clips'.padEnd(26)} ${preset.name.padEnd(6)} ${mean.toFixed(3)} ms\n`,
      )
    }
  } finally {
    await browser.close()
  }
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(rows, null, 2)}\n`)
}

async function bundle(): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'error',
    build: { write: false, lib: { entry: ENTRY, formats: ['iife'], name: 'asciline' } },
  })
  const [{ output }] = Array.isArray(built) ? built : [built as Extract<typeof built, { output: unknown }>]
  return output[0].code
}

/** The messages of each frame, as text that a page can be handed. */
async function encoded(path: string, preset: Preset, seconds: number): Promise<string[][]> {
  const encoder = new SliceEncoder(preset)
  const frames: string[][] = []
  for await (const rgb of clipFrames(path, preset, seconds)) {
    const messages = encoder.encode(rgb, frames.length, 0)
    frames.push(messages.map((message) => Buffer.from(message).toString('base64')))
  }
  return frames
}
