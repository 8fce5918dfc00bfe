// What hears the beeps: speakers outside of the browser where there is a sound server to be had, else a tap inside of it, whose
// buffers grow by tens of milliseconds when the browser is held up and stay so.

import type { LaunchOptions, Page } from 'playwright-core'
import { measureOutputLatency } from '../browser/flash-and-beep.ts'
import { playClicks } from './clicks.ts'
import { hasSpeakers, openSpeakers } from './speakers.ts'
import { median } from './sync-report.ts'

const SAME_CLICK_MS = 140
const CLOCK_ROUNDS = 40

export type Ear = {
  kind: 'speakers' | 'tap'
  /** What the browser has to be launched with. */
  launch: LaunchOptions
  /** How long after this ear heard a sound it counts as heard; negative when the ear is late. Takes some seconds. */
  latencyMs: (page: Page) => Promise<number>
  /** When beeps were heard, on the page's clock; `tapped` is what a tap in the page heard. */
  beeps: (page: Page, tapped: number[]) => Promise<number[]>
  close: () => Promise<void>
}

/** `auto` takes the speakers where PulseAudio is installed. */
export async function openEar(wanted: string): Promise<Ear> {
  if (wanted === 'tap' || (wanted === 'auto' && !hasSpeakers()))
    return {
      kind: 'tap',
      launch: {},
      latencyMs: measureOutputLatency,
      beeps: async (_, tapped) => tapped,
      close: async () => {},
    }
  const speakers = await openSpeakers()
  const beeps = async (page: Page) => {
    const shift = await clockShift(page)
    return speakers.onsets().map((at) => at - shift)
  }
  return {
    kind: 'speakers',
    launch: {
      env: { ...process.env, ...speakers.env } as Record<string, string>,
      ignoreDefaultArgs: ['--mute-audio'],
    },
    latencyMs: async (page) => {
      const clicks = await playClicks(page)
      const heard = await beeps(page)
      const distances = clicks.flatMap((click) =>
        heard.map((at) => click - at).filter((distance) => Math.abs(distance) < SAME_CLICK_MS),
      )
      return median(distances)
    },
    beeps,
    close: speakers.close,
  }
}

/** This process's clock minus the page's, from the promptest of some questions. */
async function clockShift(page: Page): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  let shift = 0
  for (let i = 0; i < CLOCK_ROUNDS; i++) {
    const asked = performance.now()
    const there = await page.evaluate(() => performance.now())
    const tookMs = performance.now() - asked
    if (tookMs >= least) continue
    least = tookMs
    shift = asked + tookMs / 2 - there
  }
  return shift
}
