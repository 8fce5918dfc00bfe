// What a page under the transport bench sees of itself: its own figures (`ascilineStats`) at every refresh of its display.

import type { Page } from 'playwright-core'
import type { ViewerStats } from '../../client/page/stats-overlay.ts'
import type {} from '../browser/page-hooks.d.ts'

export type Watched = {
  from: ViewerStats['totals']
  to: ViewerStats['totals']
  pace: ViewerStats['pace']
  way: ViewerStats['transport']
  latenessMs: ViewerStats['latenessMs']
  longestSilenceMs: number
  longestFreezeMs: number
  /** Frames shown more than 200 ms behind where the picture would have been without a break. */
  framesStale: number
  /** From the path's return to the next change of the picture. */
  backAfterMs: number | undefined
}

declare global {
  interface Window {
    transportWatch: { stop(): Omit<Watched, 'to' | 'pace' | 'way' | 'latenessMs'>; returned: number }
  }
}

const STALE_MS = 200

/** Counts from here. */
export async function startWatch(page: Page): Promise<void> {
  await page.evaluate((staleMs) => {
    const machine = () => performance.timeOrigin + performance.now()
    const first = window.ascilineStats()
    const begun = machine()
    let { frame } = first
    let { slicesReceived } = first.totals
    let shownAt = begun
    let heardAt = begun
    let silence = 0
    let freeze = 0
    let stale = 0
    let backAfterMs: number | undefined
    let going = true
    const look = () => {
      const at = machine()
      const { frame: shown, totals, fpsNominal } = window.ascilineStats()
      if (totals.slicesReceived !== slicesReceived) {
        silence = Math.max(silence, at - heardAt)
        heardAt = at
        slicesReceived = totals.slicesReceived
      }
      if (shown !== frame) {
        freeze = Math.max(freeze, at - shownAt)
        shownAt = at
        frame = shown
        const due = first.frame + ((at - begun) * fpsNominal) / 1000
        if (due - shown > (staleMs * fpsNominal) / 1000) stale += 1
        const { returned } = window.transportWatch
        if (returned > 0 && at >= returned) backAfterMs ??= at - returned
      }
      if (going) requestAnimationFrame(look)
    }
    requestAnimationFrame(look)
    window.transportWatch = {
      returned: 0,
      stop: () => {
        going = false
        const at = machine()
        return {
          from: first.totals,
          longestSilenceMs: Math.max(silence, at - heardAt),
          longestFreezeMs: Math.max(freeze, at - shownAt),
          framesStale: stale,
          backAfterMs,
        }
      },
    }
  }, STALE_MS)
}

/** The path is whole again, as of now. */
export async function pathReturned(page: Page, at: number): Promise<void> {
  await page.evaluate((returned) => {
    window.transportWatch.returned = returned
  }, at)
}

export function endWatch(page: Page): Promise<Watched> {
  return page.evaluate(() => {
    const { totals, pace, transport, latenessMs } = window.ascilineStats()
    return { ...window.transportWatch.stop(), to: totals, pace, way: transport, latenessMs }
  })
}
