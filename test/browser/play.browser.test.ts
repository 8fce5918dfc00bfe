// The whole of it, as a viewer meets it: real server, real ffmpeg, real Chromium, a finger on the page.

import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DEMO_GREYS, demoLayout } from '../../src/source/demo.ts'
import { GLYPH_OF_LUMA, RAMP } from '../../vendor/asciline/index.ts'
import { type OwnServer, startOwnServer } from '../sim/own-server.ts'
import { launchChromium, openPlayer } from './chromium.ts'
import { measureFlashAndBeep, middle } from './flash-and-beep.ts'
import { pictureRate } from './picture-rate.ts'

const fixtures = join(dirname(fileURLToPath(import.meta.url)), '..', 'fixtures')
const LOW = { cols: 120, rows: 50 }

let server: OwnServer
let browser: Browser

beforeAll(async () => {
  server = await startOwnServer(['--media', fixtures, '--preset', 'low'])
  browser = await launchChromium()
})
afterAll(async () => {
  await browser?.close()
  await server?.close()
})

const stats = (page: Page) => page.evaluate(() => window.ascilineStats())

/** Types a query and presses Play with the mouse, as a person does; resolves when its picture moves. */
async function play(page: Page, query: string): Promise<void> {
  const { epoch } = await stats(page)
  await page.locator('#query').fill(query)
  await page.locator('#play-button').click()
  await page.waitForFunction((before) => {
    const now = window.ascilineStats()
    return now.state === 'playing' && now.epoch !== before && now.frame > 10
  }, epoch)
}

async function stop(page: Page): Promise<void> {
  await page.mouse.move(10, 300)
  await page.locator('#stop-button').click()
  await page.waitForFunction(() => window.ascilineStats().state === 'idle')
}

test('a wrong PIN does not enter and says so, the right one does', async () => {
  const page = await openPlayer(browser, { url: server.url, pin: '000000' })
  await expect
    .poll(() => page.locator('#pin-message').textContent(), { timeout: 15_000 })
    .toMatch(/PIN is not right/)
  expect(await page.locator('#player-screen').isVisible()).toBe(false)
  await page.keyboard.type(server.pin)
  await page.keyboard.press('Enter')
  await page.locator('#player-screen').waitFor({ state: 'visible' })
  await page.context().close()
})

test('demo plays at its nominal rate with the right glyphs, flash and beep fall together, stop stops', async () => {
  const page = await openPlayer(browser, server)
  await play(page, 'demo:')

  const rate = await pictureRate(page, 3)
  expect(rate.nominal).toBe(24)
  expect(Math.abs(rate.programme - 24), JSON.stringify(rate)).toBeLessThan(2)
  expect(rate.presented, JSON.stringify(rate)).toBeGreaterThan(6)
  expect(rate.presented).toBeLessThan(25.5)

  // A known still: the middle of each grey step is the glyph that its luma maps to.
  const lines = (await page.evaluate(() => window.ascilineText())).split('\n')
  expect(lines).toHaveLength(LOW.rows)
  const glyphs = demoLayout(LOW).staircase.map(
    ({ x, y, width, height }) => lines[y + (height >> 1)][x + (width >> 1)],
  )
  const meant = DEMO_GREYS.map((grey) => GLYPH_OF_LUMA[grey])
  const shown = glyphs.map((glyph) => RAMP.indexOf(glyph))
  // Quantisation may move a flat block by a level or two; a glyph is 2.8 levels wide.
  for (const [step, glyph] of shown.entries())
    expect(Math.abs(glyph - meant[step]), `step ${step}`).toBeLessThanOrEqual(1)

  const { skewsMs, medianMs, positionsMs, outputLatencyMs } = await measureFlashAndBeep(page, {
    ...LOW,
    pairs: 5,
  })
  const positions = positionsMs.map(Math.round).join(' ')
  process.stdout.write(
    `skew of beep and flash: ${skewsMs.join(' ')} ms, output latency ${outputLatencyMs.toFixed(1)} ms; position of the sound at each flash: ${positions} ms\n`,
  )
  expect(skewsMs.length).toBeGreaterThanOrEqual(4)
  // By the element's own clock, from which the ear is taken: a busy machine makes the ear late, and it stays so.
  expect(Math.abs(middle(positionsMs)), positions).toBeLessThanOrEqual(100)
  // By ear it is the right second, which no clock tells.
  expect(Math.abs(medianMs), JSON.stringify(skewsMs)).toBeLessThanOrEqual(250)

  await stop(page)
  // The word comes over another way than the picture: what was sent before it may still arrive, and then nothing does.
  const arriving = async () => {
    const before = (await stats(page)).totals.slicesReceived
    await page.waitForTimeout(500)
    return (await stats(page)).totals.slicesReceived - before
  }
  await expect.poll(arriving).toBe(0)
  expect(await page.evaluate(() => document.querySelector('audio')?.paused !== false)).toBe(true)
  await page.context().close()
})

test('a real clip with sound plays to its end and the session is idle again', async () => {
  const page = await openPlayer(browser, server)
  // Both at once: it lasts six seconds, and a busy machine takes some of them to open it.
  const sounding = page.waitForFunction(() => {
    const { sound, master, avOffsetMs } = window.ascilineStats()
    return sound.state === 'playing' && master === 'audio' && Math.abs(avOffsetMs ?? 1000) < 80
  })
  const [rate] = await Promise.all([play(page, 'city.mp4').then(() => pictureRate(page, 2)), sounding])
  expect(rate.programme, JSON.stringify(rate)).toBeGreaterThan(18)
  // A city is not one grey: many glyphs are in use.
  const text = await page.evaluate(() => window.ascilineText())
  expect(new Set(text).size).toBeGreaterThan(20)
  await page.waitForFunction(() => window.ascilineStats().state === 'idle', undefined, { timeout: 20_000 })
  // Nothing to complain of but the age of Debian's yt-dlp.
  const complaints = server
    .output()
    .split('\n')
    .filter((line) => /"level":[456]0/.test(line) && !line.includes('yt-dlp'))
  expect(complaints).toEqual([])
  await page.context().close()
})

test('a page that joins late has the whole picture', async () => {
  const first = await openPlayer(browser, server)
  await play(first, 'demo:')
  const second = await openPlayer(browser, server)
  await second.waitForFunction(() => window.ascilineStats().frame > 30)
  const lines = (await second.evaluate(() => window.ascilineText())).split('\n')
  const white = demoLayout(LOW).staircase[7]
  expect(RAMP.indexOf(lines[white.y + 2][white.x + 4])).toBeGreaterThan(88)
  await stop(first)
  await first.context().close()
  await second.context().close()
})

test('a query that cannot be played tells why, in words, on the page', async () => {
  const page = await openPlayer(browser, server)
  await page.locator('#query').fill('http://127.0.0.1:9/film.mp4')
  await page.locator('#play-button').click()
  await expect
    .poll(() => page.locator('#status-text').textContent(), { timeout: 15_000 })
    .toMatch(/host|address|allowed/i)
  await page.context().close()
})

test('the page comes back by itself when the server restarts on its port', async () => {
  const own = await startOwnServer(['--play', 'demo:', '--preset', 'low'])
  const { port } = new URL(own.url)
  const page = await openPlayer(browser, own)
  await page.waitForFunction(() => window.ascilineStats().frame > 10)
  // Now: the page may be quicker with the next one than its start is with telling us.
  const { epoch } = await stats(page)
  own.kill('SIGKILL')
  await own.exited
  await page.waitForFunction(() => window.ascilineStats().link !== 'connected')
  const again = await startOwnServer(['--play', 'demo:', '--preset', 'low', '--port', port])
  await page.waitForFunction((old) => {
    const now = window.ascilineStats()
    return now.link === 'connected' && now.epoch !== old && now.frame > 10
  }, epoch)
  expect(await page.locator('#pin-screen').isVisible()).toBe(false)
  await page.context().close()
  await again.close()
})
