// The same slices through the same decoder in two engines: what the simulator checks is what the car shows.

import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { expect, test } from 'vitest'
import { digestPicture, SliceDecoder, SliceEncoder } from '../../../vendor/asciline/index.ts'
import { launchChromium } from '../../browser/chromium.ts'
import { cuts, filmlike, HIGH, noise, seededRandom } from '../moving-pictures.ts'

type Wire = typeof import('../../../vendor/asciline/index.ts')

declare global {
  var asciline: Wire
}

const ENTRY = fileURLToPath(new URL('../../../vendor/asciline/index.ts', import.meta.url))

async function bundle(): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'error',
    build: { write: false, lib: { entry: ENTRY, formats: ['iife'], name: 'asciline' } },
  })
  const [{ output }] = Array.isArray(built) ? built : [built as Extract<typeof built, { output: unknown }>]
  return output[0].code
}

/** A film, cuts that move the step, noise that is cut short, and damage: frames as arrays of plain numbers. */
function messages(): number[][] {
  const random = seededRandom(3)
  const encoder = new SliceEncoder(HIGH)
  const programmes = [filmlike(HIGH), cuts(HIGH, 2), noise(HIGH)]
  return programmes.flatMap((programme, part) =>
    Array.from({ length: 12 }, (_, index) => encoder.encode(programme(index), part * 12 + index, 0)).flatMap(
      (frame) =>
        frame.map((message) => {
          if (random() < 0.1) message[12 + Math.floor(random() * (message.length - 12))] ^= 0x40
          return Array.from(message)
        }),
    ),
  )
}

test('Chromium shows the samples Node shows, after every slice', async () => {
  const slices = messages()
  const decoder = new SliceDecoder(HIGH)
  const here = slices.map((bytes) => {
    decoder.decode(Uint8Array.from(bytes))
    return digestPicture(decoder.picture)
  })
  expect(new Set(here).size).toBeGreaterThan(40)
  const browser = await launchChromium()
  try {
    const page = await browser.newPage()
    await page.addScriptTag({ content: `${await bundle()};globalThis.asciline = asciline` })
    const there = await page.evaluate(
      ({ slices, size }) => {
        const decoder = new asciline.SliceDecoder(size)
        return slices.map((bytes) => {
          decoder.decode(Uint8Array.from(bytes))
          return asciline.digestPicture(decoder.picture)
        })
      },
      { slices, size: { cols: HIGH.cols, rows: HIGH.rows } },
    )
    expect(there).toEqual(here)
  } finally {
    await browser.close()
  }
}, 60_000)
