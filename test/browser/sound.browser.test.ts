// Sound under the circumstances it meets: a browser that wants a finger first, and connections that die.

import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type OwnServer, startOwnServer } from '../sim/own-server.ts'
import { launchChromium, openPlayer } from './chromium.ts'
import { type CuttingProxy, startCuttingProxy } from './cutting-proxy.ts'

let server: OwnServer
let proxy: CuttingProxy
let browser: Browser

beforeAll(async () => {
  server = await startOwnServer(['--play', 'demo:', '--preset', 'low'])
  proxy = await startCuttingProxy(Number(new URL(server.url).port))
  browser = await launchChromium(['--autoplay-policy=document-user-activation-required'])
})
afterAll(async () => {
  await browser?.close()
  await proxy?.close()
  await server?.close()
})

const url = () => `http://127.0.0.1:${proxy.port}/`

/** Evaluates without the user gesture that playwright lends its own evaluations, which would unlock the sound. */
async function ungesturedEvaluator(page: Page): Promise<(expression: string) => Promise<unknown>> {
  const devtools = await page.context().newCDPSession(page)
  return async (expression) => {
    const { result } = await devtools.send('Runtime.evaluate', { expression, returnByValue: true })
    return result.value
  }
}

test('untouched, the page plays the picture in silence and offers a tap; the tap brings the sound', async () => {
  const first = await openPlayer(browser, { url: url(), pin: server.pin })
  await first.locator('#player-screen').waitFor({ state: 'visible' })
  const page = await first.context().newPage()
  await first.close()
  const evaluate = await ungesturedEvaluator(page)
  await page.goto(url())

  const state = 'window.ascilineStats?.().sound.state'
  await expect.poll(() => evaluate(state), { timeout: 15_000 }).toBe('blocked')
  await expect
    .poll(() => evaluate('window.ascilineStats().totals.framesPresented > 10'), { timeout: 10_000 })
    .toBe(true)
  expect(await evaluate('window.ascilineStats().master')).toBe('server')
  expect(await evaluate("document.querySelector('#sound-button').hidden")).toBe(false)

  await page.locator('#sound-button').click()
  await expect.poll(() => evaluate(state), { timeout: 10_000 }).toBe('playing')
  await expect.poll(() => evaluate('window.ascilineStats().master'), { timeout: 10_000 }).toBe('audio')
  expect(await evaluate("document.querySelector('#sound-button').hidden")).toBe(true)
  await page.context().close()
})

test('a cut connection is bridged from the buffer: the sound neither stops nor loses its step', async () => {
  const page = await openPlayer(browser, { url: url(), pin: server.pin })
  await page.waitForFunction(() => window.ascilineStats().sound.state === 'playing')
  await page.evaluate(watchSilence)
  for (let cut = 1; cut <= 3; cut++) {
    // Something has to lie in the buffer before it can bridge anything.
    await page.waitForTimeout(500)
    expect(proxy.cut('GET /audio')).toBeGreaterThan(0)
    await page.waitForFunction((cuts) => window.ascilineStats().sound.resumed >= cuts, cut)
  }
  const before = await page.evaluate(() => window.ascilineStats())
  await page.waitForFunction((frame) => window.ascilineStats().frame > frame + 72, before.frame)
  const after = await page.evaluate(() => window.ascilineStats())
  expect(after.sound).toMatchObject({ state: 'playing', reopened: 0, resumed: 3 })
  expect(Math.abs(after.avOffsetMs ?? Number.NaN)).toBeLessThan(40)
  expect(Math.abs(after.sound.driftMs)).toBeLessThan(80)
  expect(after.epoch).toBe(before.epoch)
  expect(after.link).toBe('connected')
  // The element's position stood still at no time for longer than a busy machine's hiccup.
  expect(await page.evaluate(() => window.longestStillMs)).toBeLessThan(1000)
  await page.context().close()
})

declare global {
  interface Window {
    longestStillMs: number
  }
}

/** Runs in the page: keeps the longest time the sound's position did not move. */
function watchSilence(): void {
  let position = -1
  let movedAt = performance.now()
  window.longestStillMs = 0
  const look = (): void => {
    const now = performance.now()
    const current = document.querySelector('audio')?.currentTime ?? -1
    if (current !== position) movedAt = now
    position = current
    window.longestStillMs = Math.max(window.longestStillMs, now - movedAt)
    requestAnimationFrame(look)
  }
  look()
}

test('volume and mute are kept on the device', async () => {
  const page = await openPlayer(browser, { url: url(), pin: server.pin })
  await page.locator('#player-screen').waitFor({ state: 'visible' })
  await page.locator('#volume').fill('40')
  await page.locator('#mute-button').click()
  const sound = () =>
    page.evaluate(() => {
      const element = document.querySelector('audio')
      return { volume: element?.volume, muted: element?.muted }
    })
  expect(await sound()).toEqual({ volume: 0.4, muted: true })
  await page.reload()
  await page.locator('#player-screen').waitFor({ state: 'visible' })
  expect(await sound()).toEqual({ volume: 0.4, muted: true })
  await page.context().close()
})
