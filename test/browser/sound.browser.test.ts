// Sound under the circumstances it meets: a browser that wants a finger first, and connections that die.

import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type OwnServer, startOwnServer, withFolder } from '../sim/own-server.ts'
import { enterPlayer, launchChromium, openPlayer } from './chromium.ts'
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
  await expect.poll(() => evaluate(state)).toBe('blocked')
  await expect.poll(() => evaluate('window.ascilineStats().totals.framesPresented > 10')).toBe(true)
  expect(await evaluate('window.ascilineStats().master')).toBe('server')
  // It is offered once the page has heard that something plays, which comes over another way than the picture.
  await expect.poll(() => evaluate("document.querySelector('#sound-button').hidden")).toBe(false)

  await page.locator('#sound-button').click()
  await expect.poll(() => evaluate(state)).toBe('playing')
  await expect.poll(() => evaluate('window.ascilineStats().master')).toBe('audio')
  expect(await evaluate("document.querySelector('#sound-button').hidden")).toBe(true)
  await page.context().close()
})

test('a cut connection is bridged from the buffer: the sound neither stops nor loses its step', async () => {
  const page = await openPlayer(browser, { url: url(), pin: server.pin })
  await page.waitForFunction(() => window.ascilineStats().sound.state === 'playing')
  await page.evaluate(watchSilence)
  for (let cut = 1; cut <= 3; cut++) {
    // A request that is cut before its answer has begun Chromium itself repeats, and the page hears of nothing.
    await soundArrives(page)
    await bufferHolds(page, 0.5)
    expect(proxy.cut('GET /audio')).toBeGreaterThan(0)
    await page.waitForFunction((cuts) => window.ascilineStats().sound.resumed >= cuts, cut)
  }
  const before = await page.evaluate(() => window.ascilineStats())
  await page.waitForFunction((frame) => window.ascilineStats().frame > frame + 72, before.frame)
  await inStep(page)
  const after = await page.evaluate(() => window.ascilineStats())
  expect(after.sound).toMatchObject({ state: 'playing', reopened: 0, resumed: 3 })
  expect(after.epoch).toBe(before.epoch)
  expect(after.link).toBe('connected')
  // The element's position stood still at no time for longer than a busy machine's hiccup.
  expect(await page.evaluate(() => window.longestStillMs)).toBeLessThan(1000)
  await page.context().close()
})

/** Waits until the buffer has grown: what asked for the rest is being answered. */
const soundArrives = (page: Page) =>
  page.evaluate(async () => {
    const audio = document.querySelector('audio') as HTMLAudioElement
    const end = () => (audio.buffered.length === 0 ? 0 : audio.buffered.end(audio.buffered.length - 1))
    const before = end()
    while (end() <= before) await new Promise(requestAnimationFrame)
  })

/** What bridges a cut lies in the buffer: waits until so many seconds of sound do. */
const bufferHolds = (page: Page, seconds: number) =>
  page.waitForFunction((seconds) => {
    const { buffered, currentTime } = document.querySelector('audio') as HTMLAudioElement
    return buffered.length > 0 && buffered.end(buffered.length - 1) - currentTime >= seconds
  }, seconds)

/** Waits until sound and picture are, a busy machine's hiccup aside, where they belong. */
const inStep = (page: Page) =>
  page.waitForFunction(() => {
    const { avOffsetMs, sound } = window.ascilineStats()
    return Math.abs(avOffsetMs ?? 999) < 40 && Math.abs(sound.driftMs) < 80
  })

declare global {
  interface Window {
    longestStillMs: number
    mediaKeys: Record<string, ((details: MediaSessionActionDetails) => void) | null>
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

test('a network that stands still for two seconds and loses the connection is not heard', async () => {
  const page = await openPlayer(browser, { url: url(), pin: server.pin })
  await page.waitForFunction(() => window.ascilineStats().sound.state === 'playing')
  await bufferHolds(page, 2)
  await page.evaluate(watchSilence)
  proxy.hold()
  proxy.cut('GET /audio')
  await page.waitForTimeout(2000)
  proxy.release()
  const before = await page.evaluate(() => window.ascilineStats().frame)
  await page.waitForFunction((frame) => window.ascilineStats().frame > frame + 72, before)
  expect(await page.evaluate(() => window.longestStillMs)).toBeLessThan(1000)
  await inStep(page)
  expect(await page.evaluate(() => window.ascilineStats().sound.state)).toBe('playing')
  await page.context().close()
})

test('where a browser takes no bare AAC into a MediaSource, the element loads it by itself, keeps in step and survives a cut', async () => {
  await withFolder(async (folder) => {
    // Noise: of silence, which AAC packs into nothing, an element waits long for the 32 KiB it wants to see first.
    execFileSync('ffmpeg', [
      ...['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=s=320x180:r=10:d=60'],
      ...['-f', 'lavfi', '-i', 'anoisesrc=d=60:a=0.1:r=48000', '-c:v', 'libx264', '-preset', 'ultrafast'],
      ...['-c:a', 'aac', '-b:a', '128k', join(folder, 'noise.mp4')],
    ])
    const noisy = await startOwnServer(['--media', folder, '--play', 'noise.mp4', '--preset', 'low'])
    const way = await startCuttingProxy(Number(new URL(noisy.url).port))
    const context = await browser.newContext()
    await context.addInitScript(() => Reflect.deleteProperty(window, 'MediaSource'))
    const page = await context.newPage()
    await enterPlayer(page, { url: `http://127.0.0.1:${way.port}/`, pin: noisy.pin })
    const inStepAfter = (seconds: number) =>
      page.waitForFunction((seconds) => {
        const { master, avOffsetMs } = window.ascilineStats()
        const heard = document.querySelector<HTMLAudioElement>('#sound')?.currentTime ?? 0
        return heard > seconds && master === 'audio' && Math.abs(avOffsetMs ?? 999) < 40
      }, seconds)
    await inStepAfter(1)
    expect((await page.evaluate(() => window.ascilineStats())).sound.transport).toBe('plain')
    // Whatever bridges it, the element's own request or ours, has to bring more than lay in its buffer.
    expect(way.cut('GET /audio')).toBeGreaterThan(0)
    await inStepAfter(6)
    await context.close()
    await way.close()
    await noisy.close()
  })
})

test('media keys reach the sound and the session', async () => {
  const context = await browser.newContext()
  await context.addInitScript(() => {
    const set = navigator.mediaSession.setActionHandler.bind(navigator.mediaSession)
    const handlers: Record<string, MediaSessionActionHandler | null> = {}
    Object.assign(window, { mediaKeys: handlers })
    navigator.mediaSession.setActionHandler = (action, handler) => {
      handlers[action] = handler
      set(action, handler)
    }
  })
  const page = await context.newPage()
  await enterPlayer(page, { url: url(), pin: server.pin })
  await page.waitForFunction(() => window.ascilineStats().sound.state === 'playing')
  await expect.poll(() => page.evaluate(() => navigator.mediaSession.metadata?.title)).toMatch(/demo/i)
  const press = (action: MediaSessionAction, details = {}) =>
    page.evaluate(([action, details]) => window.mediaKeys[action]?.({ action, ...details }), [
      action,
      details,
    ] as const)
  await press('pause')
  await page.waitForFunction(() => window.ascilineStats().sound.state === 'paused')
  await press('play')
  await page.waitForFunction(() => window.ascilineStats().sound.state === 'playing')
  const { epoch } = await page.evaluate(() => window.ascilineStats())
  await press('seekto', { seekTime: 3600 })
  await page.waitForFunction((before) => {
    const { epoch, mediaTime } = window.ascilineStats()
    return epoch !== before && (mediaTime ?? 0) > 3599
  }, epoch)
  await context.close()
})

test('volume and mute are kept on the device', async () => {
  const page = await openPlayer(browser, { url: url(), pin: server.pin })
  await page.locator('#player-screen').waitFor({ state: 'visible' })
  // A hand on the mouse keeps the bars where they are.
  await page.mouse.move(300, 250)
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
