// Watches a playing page for a while: which frame each display refresh had, where the sound was, when a beep was heard.

import type { Page } from 'playwright-core'
import type {} from '../browser/page-hooks.d.ts'

/** Times are the page's `performance.now()`. */
export type Watched = {
  /** One entry per display refresh: its time, the frame shown in it, the sound element's position in seconds. */
  refreshes: number[]
  frames: number[]
  positions: number[]
  /** When each position was read. */
  readAt: number[]
  /** When the tap heard each beep begin; none without a tap. */
  beeps: number[]
}

/** Mark in the trace and its time on the page's clock. */
export const CLOCK_MARK = 'asciline-sync'

declare global {
  interface Window {
    syncWatch: { watched: Watched; stop: () => Promise<void>; markedAt: number }
  }
}

/** Starts to watch; the sound element stays where it is (captureStream), and the page's script policy allows no worklet. */
export async function startWatch(page: Page, tapped: boolean): Promise<void> {
  await page.evaluate(watch, { mark: CLOCK_MARK, tapped })
}

async function watch({ mark, tapped }: { mark: string; tapped: boolean }): Promise<void> {
  const audio = document.querySelector('audio') as HTMLAudioElement & { captureStream(): MediaStream }
  const watched: Watched = { refreshes: [], frames: [], positions: [], readAt: [], beeps: [] }
  const tapBeeps = () => {
    const context = new AudioContext()
    const tap = context.createScriptProcessor(256, 2, 1)
    let quiet = true
    tap.onaudioprocess = ({ inputBuffer }) => {
      const samples = inputBuffer.getChannelData(0)
      const endedAt = performance.now()
      let loud = -1
      for (let i = 0; i < samples.length && loud < 0; i++) if (Math.abs(samples[i]) > 0.05) loud = i
      if (loud >= 0 && quiet)
        watched.beeps.push(endedAt - ((samples.length - loud) / context.sampleRate) * 1000)
      quiet = loud < 0
    }
    let source: MediaStreamAudioSourceNode | undefined
    const listen = () => {
      source?.disconnect()
      source = context.createMediaStreamSource(audio.captureStream())
      source.connect(tap)
    }
    listen()
    // A stream that is opened again brings tracks of its own.
    audio.addEventListener('playing', listen)
    tap.connect(context.destination)
    return context
  }
  const context = tapped ? tapBeeps() : undefined
  let going = true
  const look = (at: number) => {
    watched.refreshes.push(at)
    watched.frames.push(window.ascilineStats().frame)
    watched.positions.push(audio.currentTime)
    watched.readAt.push(performance.now())
    if (going) requestAnimationFrame(look)
  }
  requestAnimationFrame(look)
  const markedAt = performance.mark(mark).startTime
  const stop = async () => {
    going = false
    await context?.close()
  }
  window.syncWatch = { watched, stop, markedAt }
}

/** Ends the watch and hands over what was seen. */
export function endWatch(page: Page): Promise<Watched & { markedAt: number }> {
  return page.evaluate(async () => {
    const { watched, stop, markedAt } = window.syncWatch
    await stop()
    return { ...watched, markedAt }
  })
}
