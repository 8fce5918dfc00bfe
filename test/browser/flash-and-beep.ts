// Listens and looks at once: when the demo's flash is drawn and when its beep sounds, both on the page's own clock.

import type { Page } from 'playwright-core'
import { demoLayout } from '../../src/source/demo.ts'

export type Skews = {
  /** Beep minus flash, per second of the demo, in milliseconds: positive is sound late. */
  skewsMs: number[]
  medianMs: number
}

/**
 * Watches the flash cell in the page's canvas and the beep in the sound element's output (captureStream into an
 * analyser, so the element itself stays where it is) for `seconds`.
 */
export async function measureFlashAndBeep(
  page: Page,
  { cols, rows, seconds }: { cols: number; rows: number; seconds: number },
): Promise<Skews> {
  const { x, y, width, height } = demoLayout({ cols, rows }).flash
  const cell = {
    u: (x + width / 2) / cols,
    v: (y + height / 2) / rows,
    du: width / cols / 2,
    dv: height / rows / 2,
  }
  const { flashes, beeps } = await page.evaluate(
    async ({ cell, seconds }) => {
      const audio = document.querySelector('audio') as HTMLAudioElement & { captureStream(): MediaStream }
      const canvas = document.querySelector('canvas') as HTMLCanvasElement
      const context = new AudioContext()
      const source = context.createMediaStreamSource(audio.captureStream())
      // Deprecated, but the only tap that hands over samples without a script of its own, which the page's policy forbids.
      const tap = context.createScriptProcessor(256, 2, 1)
      const beeps: number[] = []
      let quiet = true
      tap.onaudioprocess = ({ inputBuffer }) => {
        const samples = inputBuffer.getChannelData(0)
        const endedAt = performance.now()
        const loud = samples.findIndex((sample) => Math.abs(sample) > 0.05)
        if (loud >= 0 && quiet) beeps.push(endedAt - ((samples.length - loud) / context.sampleRate) * 1000)
        quiet = loud < 0
      }
      source.connect(tap)
      tap.connect(context.destination)

      const flashes: number[] = []
      let dark = true
      const until = performance.now() + seconds * 1000
      const scratch = new OffscreenCanvas(8, 8).getContext('2d', { willReadFrequently: true })
      await new Promise<void>((done) => {
        const look = () => {
          const { width, height } = canvas
          scratch?.clearRect(0, 0, 8, 8)
          scratch?.drawImage(
            canvas,
            (cell.u - cell.du / 2) * width,
            (cell.v - cell.dv / 2) * height,
            cell.du * width,
            cell.dv * height,
            0,
            0,
            8,
            8,
          )
          const data = scratch?.getImageData(0, 0, 8, 8).data ?? new Uint8ClampedArray()
          let light = 0
          for (let i = 0; i < data.length; i += 4) light += (data[i] * data[i + 3]) / 255
          const bright = light / 64 > 40
          if (bright && dark) flashes.push(performance.now())
          dark = !bright
          if (performance.now() < until) requestAnimationFrame(look)
          else done()
        }
        requestAnimationFrame(look)
      })
      await context.close()
      return { flashes, beeps }
    },
    { cell, seconds },
  )
  const skewsMs = flashes
    .map((flash) => beeps.map((beep) => beep - flash).sort((a, b) => Math.abs(a) - Math.abs(b))[0])
    .filter((skew) => skew !== undefined && Math.abs(skew) < 500)
    .map((skew) => Math.round(skew * 10) / 10)
  const sorted = [...skewsMs].sort((a, b) => a - b)
  return { skewsMs, medianMs: sorted[sorted.length >> 1] ?? Number.NaN }
}
