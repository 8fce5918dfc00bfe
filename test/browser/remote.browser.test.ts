// A phone as the remote control: let in by the code on the screen, and every client shows what the server says.

import type { Browser, Page } from 'playwright-core'
import { encode } from 'uqr'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { remoteLink } from '../../client/page/remote/pairing.ts'
import { launchChromium, openPlayer } from './chromium.ts'
import { type Evening, moving, startEvening } from './evening.ts'

const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }
let evening: Evening
let browser: Browser
let screen: Page
let phone: Page
let link: string

beforeAll(async () => {
  evening = await startEvening()
  browser = await launchChromium()
  screen = await openPlayer(browser, evening, { viewport: { width: 804, height: 638 } })
})
afterAll(async () => {
  await browser?.close()
  await evening?.close()
})

/** What will be so in a moment. */
const until = <T>(read: () => T) => expect.poll(read)
const status = () => evening.ask('/api/status')

test('the code on the screen is the link with a ticket, and says how long it is good for', async () => {
  const answered = screen.waitForResponse((response) => response.url().endsWith('/api/ticket'))
  await screen.locator('#pairing-button').click()
  const { ticket } = (await (await answered).json()) as { ticket: string }
  link = remoteLink(new URL(evening.url).origin, ticket)
  await until(() => screen.locator('#pairing-left').textContent()).toMatch(/^A new code in \d+ s/)
  const shown = await screen.locator('#qr-code').evaluate((canvas: HTMLCanvasElement) => {
    const { data } = (canvas.getContext('2d') as CanvasRenderingContext2D).getImageData(
      0,
      0,
      canvas.width,
      canvas.height,
    )
    return {
      size: canvas.width,
      dark: Array.from({ length: canvas.width ** 2 }, (_, at) => data[at * 4] < 128),
    }
  })
  const meant = encode(link, { ecc: 'M', border: 4 })
  expect(shown.size).toBe(meant.size)
  expect(shown.dark).toEqual(meant.data.flat())
  expect(await screen.locator('.warning').textContent()).toContain('this machine')
})

test('the link lets a phone in without the PIN, once, and leaves no ticket in its address', async () => {
  phone = await (await browser.newContext(PHONE)).newPage()
  await phone.goto(link)
  await phone.locator('#remote-pad').waitFor()
  expect(phone.url()).toBe(`${evening.url}?remote`)
  const stranger = await (await browser.newContext(PHONE)).newPage()
  await stranger.goto(link)
  await stranger.locator('#pin-screen').waitFor()
  await stranger.context().close()
  await screen.keyboard.press('Escape')
})

test('the phone finds, plays, moves and stops what the screen shows, and takes no viewer’s place', async () => {
  await phone.locator('#tab-search').tap()
  await phone.locator('#library .card', { hasText: 'long' }).locator('.card-play').tap()
  await moving(screen)
  // A screen that took the detour first counts twice until it has let go of it.
  await until(async () => (await status()).viewers).toBe(1)
  await until(() => phone.locator('.remote-title').textContent()).toBe('long')
  await phone.locator('#pause-button').tap()
  await expect
    .poll(() => screen.locator('#status-text').textContent())
    .toMatch(/Remote: paused|Paused · long/)
  expect((await status()).state).toBe('paused')
  // What a press means is what the phone knows, and it hears of it on a socket of its own.
  await until(() => phone.locator('#pause-button').getAttribute('aria-label')).toBe('Play')
  await phone.locator('#pause-button').tap()
  await until(async () => (await status()).state).toBe('playing')
  const before = await screen.evaluate(() => window.ascilineStats().mediaTime ?? 0)
  await phone.locator('#forward-button').tap()
  await expect
    .poll(() => screen.evaluate(() => window.ascilineStats().mediaTime ?? 0))
    .toBeGreaterThan(before + 9)
})

test('the phone fills the queue, and the next of it follows at a tap', async () => {
  await phone.locator('#tab-search').tap()
  await phone.locator('#library .card', { hasText: 'The harbour' }).locator('.card-add').tap()
  await until(() => screen.locator('#queue-button .badge').textContent()).toBe('1')
  await phone.locator('#tab-queue').tap()
  await until(() => phone.locator('.queue-title').allTextContents()).toEqual(['The harbour'])
  await phone.locator('#queue-sheet-close').tap()
  await phone.locator('#tab-pad').tap()
  await until(() => phone.locator('.remote-next').textContent()).toBe('Up next: The harbour')
  await phone.locator('#next-button').tap()
  await until(() => screen.locator('#status-text').textContent()).toMatch(/The harbour/)
  await until(() => phone.locator('.remote-title').textContent()).toBe('The harbour')
})

test('every client shows what the server says, whoever said it', async () => {
  await evening.ask('/api/play', { query: 'long.mp4', from: 5 })
  // Both have heard of this film, and that it moves: the one before it may still have been moving when it was asked for.
  await until(() => screen.locator('#status-text').textContent()).toMatch(/^long( · |$)/)
  await until(() => phone.locator('.remote-title').textContent()).toBe('long')
  await until(() => phone.locator('#pause-button').getAttribute('aria-label')).toBe('Pause')
  for (const client of [screen, phone])
    await client.evaluate(() => {
      const seen: { state: string; at: number }[] = []
      const button = document.getElementById('pause-button') as HTMLElement
      const look = () =>
        seen.push({
          state: button.getAttribute('aria-label') === 'Pause' ? 'playing' : 'paused',
          at: Date.now(),
        })
      new MutationObserver(look).observe(button, { attributes: true, attributeFilter: ['aria-label'] })
      Object.assign(window, { seen })
    })
  const told: { state: string; at: number }[] = []
  for (let round = 0; round < 8; round++)
    for (const [command, state] of [
      ['pause', 'paused'],
      ['resume', 'playing'],
    ]) {
      await evening.ask(`/api/${command}`, {})
      told.push({ state, at: Date.now() })
      await screen.waitForTimeout(150)
    }
  for (const [name, client] of [
    ['screen', screen],
    ['phone', phone],
  ] as const) {
    let seen: { state: string; at: number }[] = []
    await until(async () => {
      seen = await client.evaluate(
        () => (window as unknown as { seen: { state: string; at: number }[] }).seen,
      )
      return seen.map(({ state }) => state)
    }).toEqual(told.map(({ state }) => state))
    const lateMs = seen.map(({ at }, index) => at - told[index].at).sort((a, b) => a - b)
    process.stdout.write(
      `${name}: shows a state ${lateMs[8]} ms after the server's answer (median), at most ${lateMs.at(-1)} ms\n`,
    )
    expect(lateMs.at(-1)).toBeLessThan(2000)
  }
})

test('a phone whose network goes away says so, and shows what has happened when it is back', async () => {
  await phone.context().setOffline(true)
  await until(() => phone.locator('#status-text').textContent()).toMatch(/Trying again/)
  await evening.ask('/api/pause', {})
  await phone.context().setOffline(false)
  await until(() => phone.locator('#pause-button').getAttribute('aria-label')).toBe('Play')
})
