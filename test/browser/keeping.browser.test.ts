// What a viewer takes along from the screen, and the screen on which ears and eyes are brought together.

import { readFileSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { RAMP } from '../../vendor/asciline/index.ts'
import { type OwnServer, startOwnServer } from '../sim/own-server.ts'
import { launchChromium, openPlayer } from './chromium.ts'

const COLS = 120
const ROWS = 50

let server: OwnServer
let browser: Browser
let page: Page

beforeAll(async () => {
  server = await startOwnServer(['--play', 'demo:', '--preset', 'low'])
  browser = await launchChromium()
  page = await openPlayer(browser, server, { acceptDownloads: true })
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: server.url })
  await page.waitForFunction(() => window.ascilineStats().frame > 20)
})
afterAll(async () => {
  await browser?.close()
  await server?.close()
})

async function openSettings(): Promise<void> {
  await page.mouse.move(20, 300)
  await page.locator('#settings-button').click()
  await page.locator('#settings-sheet').waitFor({ state: 'visible' })
}

const closeSettings = () => page.locator('#settings-close').click()
const clipboard = () => page.evaluate(() => navigator.clipboard.readText())

/** The staircase of greys at the bottom of the demo: darker glyphs on the left. */
function expectDemo(text: string): void {
  const lines = text.split('\n')
  expect(lines).toHaveLength(ROWS)
  expect(new Set(lines.map(({ length }) => length))).toEqual(new Set([COLS]))
  const steps = Array.from({ length: 8 }, (_, step) => RAMP.indexOf(lines[ROWS - 3][step * 15 + 7]))
  expect(steps).toEqual([...steps].sort((a, b) => a - b))
  expect(steps[7]).toBeGreaterThan(85)
}

test('Ctrl+C without a selection copies the frame as text', async () => {
  await page.locator('#stage').click({ position: { x: 20, y: 300 } })
  // A person's fingers: the frame is fetched as the first key goes down. The worker answers one after the other, so it is there.
  await page.keyboard.down('Control')
  await page.evaluate(() => window.ascilineText())
  await page.keyboard.press('c')
  await page.keyboard.up('Control')
  await expect.poll(clipboard).toContain('\n')
  expectDemo(await clipboard())
})

test('a selection copies the characters of the moment under it, not the placeholders', async () => {
  // They are laid with the page's next beat.
  await page.waitForFunction(() => document.querySelector('#placeholders')?.firstChild)
  await page.evaluate(() => {
    const text = document.querySelector('#placeholders')?.firstChild
    if (!text) throw new Error('no placeholders')
    document.getSelection()?.setBaseAndExtent(text, 47 * 121 + 105, text, 47 * 121 + 110)
  })
  await page.keyboard.press('Control+c')
  await expect.poll(async () => (await clipboard()).length).toBe(5)
  expect([...(await clipboard())].every((glyph) => RAMP.indexOf(glyph) > 85)).toBe(true)
  await page.evaluate(() => document.getSelection()?.removeAllRanges())
})

test('the picture is saved as PNG, at its own size, and as coloured text for a terminal', async () => {
  await openSettings()
  const [png] = await Promise.all([page.waitForEvent('download'), page.locator('#save-png').click()])
  expect(png.suggestedFilename()).toMatch(/^asciline-.*\.png$/)
  const bytes = readFileSync(await png.path())
  expect(bytes.subarray(1, 4).toString()).toBe('PNG')
  expect([bytes.readUInt32BE(16) % COLS, bytes.readUInt32BE(20) % ROWS]).toEqual([0, 0])
  const [ansi] = await Promise.all([page.waitForEvent('download'), page.locator('#save-ansi').click()])
  const text = readFileSync(await ansi.path(), 'utf8')
  expect(text).toContain('\u001b[38;2;')
  const plain = text.split('\u001b[').map((part, i) => (i === 0 ? part : part.replace(/^[0-9;]*m/, '')))
  expectDemo(plain.join('').replace(/\n$/, ''))
  await closeSettings()
})

test('the sheet says which rung draws, also after it was changed by hand', async () => {
  await openSettings()
  const heading = page.locator('h3', { hasText: 'Drawn by' })
  const drawn = () => page.evaluate(() => window.ascilineStats().surface)
  // A machine that was too busy for its worker has stepped down by now.
  const label = async () => page.locator(`[data-setting="surface:${await drawn()}"]`).textContent()
  await expect.poll(async () => (await heading.textContent()) === `Drawn by: ${await label()}`).toBe(true)
  await page.locator('[data-setting="surface:page"]').click()
  await expect.poll(drawn).toBe('page')
  await expect.poll(() => heading.textContent()).toBe('Drawn by: Page')
  await page.locator('[data-setting="surface:auto"]').click()
  await expect.poll(() => heading.textContent()).toBe('Drawn by: Worker')
  await closeSettings()
})

test('the calibration screen flashes once a second, silences the programme, and moves the picture', async () => {
  await openSettings()
  await page.locator('#calibrate').click()
  const muted = () => page.evaluate(() => document.querySelector<HTMLAudioElement>('#sound')?.muted)
  expect(await muted()).toBe(true)
  // As they come: a busy machine starts its speakers late, and may be looking elsewhere for the 60 ms of one.
  const flashes = await page.evaluate(async () => {
    const flash = document.querySelector('#calibration-flash')
    const times: number[] = []
    let on = false
    const until = performance.now() + 20_000
    while (times.length < 3 && performance.now() < until) {
      await new Promise(requestAnimationFrame)
      const now = flash?.classList.contains('on') === true
      if (now && !on) times.push(performance.now())
      on = now
    }
    return times
  })
  expect(flashes).toHaveLength(3)
  for (const [i, at] of flashes.entries()) if (i > 0) expect(at - flashes[i - 1]).toBeGreaterThan(700)
  await page.locator('#calibration-more').click()
  await page.locator('#calibration-more').click()
  expect(await page.locator('#calibration-value').textContent()).toBe('+20 ms')
  await page.locator('#calibration-done').click()
  expect(await muted()).toBe(false)
  expect(JSON.parse((await page.evaluate(() => localStorage.getItem('asciline'))) ?? '{}').avOffsetMs).toBe(
    20,
  )
})
