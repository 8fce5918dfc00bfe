// Listens and looks at once: when the demo's flash is drawn and when its beep sounds, both on the page's own clock.

import type { Page } from 'playwright-core'
import { demoLayout } from '../../src/source/demo.ts'

/** One pair a second, and as much again twice over. */
const LONGEST_MS = 15_000

export type Skews = {
  /** Beep minus flash, per second of the demo, in milliseconds, output latency compensated: positive is sound late. */
  skewsMs: number[]
  medianMs: number
  /**
   * Where the sound's element was when each flash was drawn, past the whole second at which flash and beep begin: positive is
   * sound ahead. No ear is in it, so it does not grow when the machine is busy.
   */
  positionsMs: number[]
  /** How long after our tap the speakers sound, as found with a plain sound file in the same page. */
  outputLatencyMs: number
}

/**
 * How much earlier than the element's own clock the tap hears a sound: a file with clicks at known places is played in an
 * element of its own, and the tap's time of each compared with the time at which `currentTime` passes it; the median of five,
 * because the tap listens in pieces of 5 ms.
 * Knows nothing of our player, so it cannot hide a fault of ours.
 */
export async function measureOutputLatency(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const rate = 48_000
    const clicks = [0.8, 1.2, 1.6, 2, 2.4]
    const samples = 3 * rate
    const wav = new DataView(new ArrayBuffer(44 + samples * 2))
    const text = (at: number, letters: string) =>
      [...letters].forEach((letter, i) => {
        wav.setUint8(at + i, letter.charCodeAt(0))
      })
    text(0, 'RIFF')
    wav.setUint32(4, 36 + samples * 2, true)
    text(8, 'WAVEfmt ')
    wav.setUint32(16, 16, true)
    wav.setUint16(20, 1, true)
    wav.setUint16(22, 1, true)
    wav.setUint32(24, rate, true)
    wav.setUint32(28, rate * 2, true)
    wav.setUint16(32, 2, true)
    wav.setUint16(34, 16, true)
    text(36, 'data')
    wav.setUint32(40, samples * 2, true)
    for (const click of clicks)
      for (let i = Math.round(click * rate); i < (click + 0.05) * rate; i++)
        wav.setInt16(44 + i * 2, 16_000 * Math.sin((2 * Math.PI * 1000 * i) / rate), true)
    const audio = new Audio(
      URL.createObjectURL(new Blob([wav.buffer], { type: 'audio/wav' })),
    ) as HTMLAudioElement & {
      captureStream(): MediaStream
    }
    await audio.play()
    const context = new AudioContext()
    const tap = context.createScriptProcessor(256, 2, 1)
    const heard: number[] = []
    let quiet = true
    tap.onaudioprocess = ({ inputBuffer }) => {
      const channel = inputBuffer.getChannelData(0)
      const endedAt = performance.now()
      const loud = channel.findIndex((sample) => Math.abs(sample) > 0.05)
      if (loud >= 0 && quiet) heard.push(endedAt - ((channel.length - loud) / context.sampleRate) * 1000)
      quiet = loud < 0
    }
    context.createMediaStreamSource(audio.captureStream()).connect(tap)
    tap.connect(context.destination)
    // When currentTime is at each click, as a mean over readings on both sides of it.
    const passes: number[][] = clicks.map(() => [])
    while (audio.currentTime < 2.7) {
      for (const [i, click] of clicks.entries())
        if (Math.abs(audio.currentTime - click) < 0.2)
          passes[i].push(performance.now() + (click - audio.currentTime) * 1000)
      await new Promise(requestAnimationFrame)
    }
    await context.close()
    audio.pause()
    const middle = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1]
    const nearest = (to: number) =>
      heard.reduce(
        (best, at) => (Math.abs(at - to) < Math.abs(best - to) ? at : best),
        Number.POSITIVE_INFINITY,
      )
    return middle(
      passes.map((readings) => middle(readings) - nearest(middle(readings))).filter(Number.isFinite),
    )
  })
}

/**
 * Watches the flash cell in the page's canvas and the beep in the sound element's output (captureStream into an
 * analyser, so the element itself stays where it is) until there have been so many `pairs`: a busy machine misses some.
 */
export async function measureFlashAndBeep(
  page: Page,
  { cols, rows, pairs }: { cols: number; rows: number; pairs: number },
): Promise<Skews> {
  const outputLatencyMs = await measureOutputLatency(page)
  const { x, y, width, height } = demoLayout({ cols, rows }).flash
  const cell = {
    u: (x + width / 2) / cols,
    v: (y + height / 2) / rows,
    du: width / cols / 2,
    dv: height / rows / 2,
  }
  const { flashes, beeps, positionsMs } = await page.evaluate(
    async ({ cell, pairs, longestMs }) => {
      const audio = document.querySelector('audio') as HTMLAudioElement & { captureStream(): MediaStream }
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
      const positionsMs: number[] = []
      let dark = true
      const until = performance.now() + longestMs
      const scratch = new OffscreenCanvas(8, 8).getContext('2d', { willReadFrequently: true })
      await new Promise<void>((done) => {
        const look = () => {
          // Anew each time: on a busy machine another rung may take over, with a canvas of its own.
          const canvas = document.querySelector('#picture') as HTMLCanvasElement
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
          if (bright && dark) {
            flashes.push(performance.now())
            positionsMs.push((audio.currentTime - Math.round(audio.currentTime)) * 1000)
          }
          dark = !bright
          const wanting = Math.min(flashes.length, beeps.length) < pairs
          if (wanting && performance.now() < until) requestAnimationFrame(look)
          else done()
        }
        requestAnimationFrame(look)
      })
      await context.close()
      return { flashes, beeps, positionsMs }
    },
    { cell, pairs, longestMs: LONGEST_MS },
  )
  const skewsMs = flashes
    .map(
      (flash) =>
        beeps.map((beep) => beep + outputLatencyMs - flash).sort((a, b) => Math.abs(a) - Math.abs(b))[0],
    )
    .filter((skew) => skew !== undefined && Math.abs(skew) < 500)
    .map((skew) => Math.round(skew * 10) / 10)
  return { skewsMs, medianMs: middle(skewsMs), positionsMs, outputLatencyMs }
}

/** The median; NaN of nothing. */
export function middle(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? Number.NaN
}
