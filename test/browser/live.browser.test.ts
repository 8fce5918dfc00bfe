// A live stream as a person meets it: at its edge, behind it, and back at it. The station is an ffmpeg that films into an HLS list.

import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ClipFolder } from '../src/source/clips.ts'
import { LiveCamera } from '../src/source/live-camera.ts'
import { MediaServer } from '../src/source/media-server.ts'
import { launchChromium, openPlayer } from './chromium.ts'
import { type Evening, moving, startEvening } from './evening.ts'

const CITY = fileURLToPath(new URL('../fixtures/city.mp4', import.meta.url))
const closing: (() => Promise<void>)[] = []
let evening: Evening
let browser: Browser
let page: Page

beforeAll(async () => {
  const clips = await ClipFolder.open()
  closing.push(() => clips.close())
  const station = await MediaServer.open(CITY, { folder: clips.path })
  closing.push(() => station.close())
  const camera = new LiveCamera(clips.path)
  closing.push(() => camera.stop())
  await camera.film()
  // What the stand-in for yt-dlp answers with.
  process.env.FAKE_YT_DLP_MEDIA = station.url('/live.m3u8')
  evening = await startEvening(['--allow-host', '127.0.0.1'])
  delete process.env.FAKE_YT_DLP_MEDIA
  closing.push(() => evening.close())
  browser = await launchChromium()
  closing.push(() => browser.close())
  page = await openPlayer(browser, evening, { viewport: { width: 804, height: 638 } })
  await camera.segment(9)
})
afterAll(async () => {
  for (const close of closing.reverse()) await close()
})

const until = <T>(read: () => T) => expect.poll(read)
const badge = () => page.locator('#live-button').textContent()
const stir = async () => {
  await page.mouse.move(300, 250)
  await page.mouse.move(310, 260)
}

test('a live stream says LIVE at its edge, how far behind it is elsewhere, and comes back when asked', async () => {
  await evening.ask('/api/play', { query: 'live_now_01' })
  await moving(page)
  await stir()
  await until(badge).toBe('LIVE')
  // There is no end to tell, and where it stands is told by the badge alone.
  expect(await page.locator('#position').isVisible()).toBe(false)

  await evening.ask('/api/seek', { by: -6 })
  await until(badge).toMatch(/^−0:\d\d · Go live$/)
  await moving(page)

  await stir()
  await page.locator('#live-button').click()
  await until(badge).toBe('LIVE')
  await until(async () => (await evening.ask('/api/status')).behind_live).toBeLessThan(3)
  await moving(page)
})

test('what is paused falls behind, and says so', async () => {
  await stir()
  await page.locator('#pause-button').click()
  await until(async () => (await evening.ask('/api/status')).state).toBe('paused')
  await until(badge).toMatch(/Go live$/)
  // What a press means is what the page knows.
  await until(() => page.locator('#pause-button').getAttribute('aria-label')).toBe('Play')
  await page.locator('#pause-button').click()
  await until(async () => (await evening.ask('/api/status')).state).toBe('playing')
})
