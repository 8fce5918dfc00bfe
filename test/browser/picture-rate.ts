// How fast the picture goes, by the page's own clock.

import type { Page } from 'playwright-core'

/**
 * Frames per second over `seconds`: as announced, as the programme goes on, and as presented. However busy the machine is, the
 * programme goes on by the clock; how many of its frames are seen is the sync bench's business.
 */
export async function pictureRate(page: Page, seconds: number) {
  const before = await read(page)
  await page.waitForTimeout(seconds * 1000)
  const after = await read(page)
  const elapsed = after.at - before.at
  return {
    nominal: after.fpsNominal,
    programme: (after.frame - before.frame) / elapsed,
    presented: (after.totals.framesPresented - before.totals.framesPresented) / elapsed,
  }
}

/** Figures and time at once, and as the picture moves: on a busy machine what was shown last may be old. */
const read = (page: Page) =>
  page.evaluate(async () => {
    const { frame } = window.ascilineStats()
    while (window.ascilineStats().frame === frame) await new Promise(requestAnimationFrame)
    return { at: performance.now() / 1000, ...window.ascilineStats() }
  })
