// The programme as a person meets it: finding, queueing, steering, reading along, each on the real page of the real server.

import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CAR, launchChromium, openPlayer } from './chromium.ts'
import { type Evening, moving, startEvening } from './evening.ts'

let evening: Evening
let browser: Browser
let page: Page

beforeAll(async () => {
  evening = await startEvening()
  browser = await launchChromium()
  page = await openPlayer(browser, evening)
})
afterAll(async () => {
  await browser?.close()
  await evening?.close()
})

/** What will be so in a moment. */
const until = <T>(read: () => T) => expect.poll(read)
const status = () => evening.ask('/api/status')
const queued = async () =>
  ((await evening.ask('/api/queue')).queue as { title: string }[]).map(({ title }) => title)
/** NaN, which is neither more nor less than anything, while there is no picture of what plays. */
const mediaTime = () => page.evaluate(() => window.ascilineStats().mediaTime ?? Number.NaN)
/** Brings the bars back, as a hand on the mouse does. */
const stir = async () => {
  await page.mouse.move(300, 250)
  await page.mouse.move(310, 260)
}
const press = async (selector: string) => {
  await stir()
  await page.locator(selector).click()
}
const seconds = (clock: string) => clock.split(':').reduce((sum, part) => sum * 60 + Number(part), 0)

test('a search shows cards with title, length and LIVE, and goes on when asked for more', async () => {
  await page.locator('#query').fill('harbour tour')
  expect(await page.locator('#play-button').textContent()).toBe('Search')
  await page.keyboard.press('Enter')
  const cards = page.locator('#found .card')
  await cards.nth(1).waitFor()
  expect(await cards.nth(0).locator('.card-title').textContent()).toBe('Number 1 of harbour tour')
  expect(await cards.nth(0).locator('.tag').textContent()).toBe('1:00')
  expect(await cards.nth(1).locator('.tag').textContent()).toBe('LIVE')
  const before = await cards.count()
  await page.locator('#more-button').click()
  await until(() => cards.count()).toBeGreaterThan(before)
  expect(await page.locator('#library').isVisible()).toBe(false)
})

test('a card goes into the queue and among the favourites without being played', async () => {
  // One after the other is there: requests of their own may overtake each other.
  for (const [before, index] of [0, 2, 4].entries()) {
    await page.locator('#found .card-add').nth(index).click()
    await until(() => page.locator('#queue-button .badge').textContent()).toBe(String(before + 1))
  }
  await page.locator('#found .card-star').nth(3).click()
  expect(await queued()).toEqual([
    'Number 1 of harbour tour',
    'Number 3 of harbour tour',
    'Number 5 of harbour tour',
  ])
  await page.locator('#clear-search').click()
  await until(() => page.locator('#favourites .card-title').allTextContents()).toEqual([
    'Number 4 of harbour tour',
  ])
  expect((await status()).state).toBe('idle')
})

test('the queue is moved by buttons and by dragging, and emptied one by one or at once', async () => {
  await page.locator('#queue-button').click()
  const titles = () => page.locator('#queue-list .queue-title').allTextContents()
  const number = (name: string) => `Number ${name} of harbour tour`
  await page.locator('[data-act="down"]').first().click()
  await until(titles).toEqual([number('3'), number('1'), number('5')])

  const grips = page.locator('.queue-grip')
  const from = await grips.nth(2).boundingBox()
  const to = await grips.nth(0).boundingBox()
  if (from === null || to === null) throw new Error('the grips are not to be seen')
  await page.mouse.move(from.x + 20, from.y + 20)
  await page.mouse.down()
  await page.mouse.move(to.x + 20, to.y + 16, { steps: 5 })
  await page.mouse.up()
  await until(titles).toEqual([number('5'), number('3'), number('1')])
  expect(await queued()).toEqual(await titles())

  await page.locator('[data-act="remove"]').first().click()
  await until(titles).toEqual([number('3'), number('1')])
  await page.locator('#queue-clear').click()
  await until(queued).toEqual([])
  await page.locator('.queue-empty').waitFor()
  await page.keyboard.press('Escape')
  expect(await page.locator('#queue-sheet').isVisible()).toBe(false)
})

test('a local film has its own picture, plays from its card, stands still, goes on, and is moved through', async () => {
  const card = page.locator('#library .card', { hasText: 'long' })
  await card.locator('.card-play').click()
  await moving(page)
  expect(await page.locator('#start').isVisible()).toBe(false)
  // A busy machine is sent less of the picture, and the line says so behind the title.
  await until(() => page.locator('#status-text').textContent()).toMatch(/^long( · |$)/)
  expect(await page.locator('#duration').textContent()).toBe('2:00')

  await press('#pause-button')
  await until(() => page.locator('#status-text').textContent()).toBe('Paused · long')
  // What was on its way is still shown; then nothing moves for half a second.
  let still = Number.NaN
  await until(async () => {
    still = await mediaTime()
    await page.waitForTimeout(500)
    return (await mediaTime()) - still
  }).toBe(0)
  expect(await page.locator('#pause-button').getAttribute('aria-label')).toBe('Play')
  await press('#pause-button')
  await until(mediaTime).toBeGreaterThan(still)

  await press('#forward-button')
  await until(mediaTime).toBeGreaterThan(still + 9)
  // The figure on the page is the picture's own time, as soon as the page has heard of the new place. Both at once: time goes on.
  await until(async () => {
    const { clock, picture } = await page.evaluate(() => ({
      clock: document.querySelector('#position')?.textContent ?? '',
      picture: window.ascilineStats().mediaTime ?? Number.NaN,
    }))
    return Math.abs(seconds(clock) - picture)
  }).toBeLessThan(1.5)
  const ahead = await mediaTime()
  await press('#back-button')
  await until(mediaTime).toBeLessThan(ahead)
})

test('on a wide display the bars of a wide film lie outside, and the picture fills it', async () => {
  await page.setViewportSize({ width: 1280, height: 720 })
  // The grid is 120x50 cells, of which 120x34 are picture: cells of 10x20 instead of 7x14.
  await until(async () => (await page.locator('#picture').boundingBox())?.width).toBe(1200)
  expect(await page.locator('#picture').boundingBox()).toEqual({ x: 40, y: -140, width: 1200, height: 1000 })
  expect(await page.evaluate(() => document.documentElement.scrollHeight)).toBe(720)
  await page.setViewportSize(CAR)
  await until(async () => (await page.locator('#picture').boundingBox())?.width).toBe(720)
})

test('pointing at the line shows the time and a picture of the place, a press goes there', async () => {
  await stir()
  const bar = await page.locator('#progress-bar').boundingBox()
  if (bar === null) throw new Error('the line is not to be seen')
  // A quarter of a second past the half: the browser may round a pixel down. What follows has the other minute to itself.
  await page.mouse.move(bar.x + bar.width * 0.48, bar.y + bar.height / 2)
  await page.mouse.move(bar.x + bar.width * 0.503, bar.y + bar.height / 2)
  await until(() => page.locator('.bubble-time').textContent()).toBe('1:00')
  // The server has to make the picture of a place nobody has seen, and what is not touched meanwhile goes away, the line as well.
  await until(async () => {
    await page.keyboard.press('Shift')
    return page.locator('.bubble-picture').isVisible()
  }).toBe(true)
  const ink = await page.locator('.bubble-picture').evaluate((canvas: HTMLCanvasElement) => {
    const pixels = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data
    let sum = 0
    for (const value of pixels ?? []) sum += value
    // Opaque black alone is 255 a pixel.
    return sum - 255 * canvas.width * canvas.height
  })
  expect(ink).toBeGreaterThan(10_000)
  await page.mouse.down()
  await page.mouse.up()
  let there = Number.NaN
  await until(async () => (there = await mediaTime())).toBeGreaterThan(59)
  expect(there).toBeLessThan(66)
})

test('subtitles are read at the moment of the picture, in the chosen language, and stay chosen', async () => {
  await press('#subtitles-button')
  const tracks = page.locator('.subtitle-tracks button')
  await until(() => tracks.allTextContents()).toEqual(['Off', 'German', 'English'])
  await tracks.nth(2).click()
  await page.locator('.popover button', { hasText: 'Huge' }).click()
  await page.locator('.subtitle-text', { hasText: 'English' }).waitFor()
  const read = await page.evaluate(() => ({
    words: document.querySelector('.subtitle-text')?.textContent,
    second: window.ascilineStats().mediaTime ?? -1,
  }))
  // Words and time are of one display frame; the time on the words may be a frame behind.
  expect([`English ${Math.floor(read.second)}`, `English ${Math.floor(read.second - 0.1)}`]).toContain(
    read.words,
  )
  await page.reload()
  await moving(page)
  await page.locator('.subtitle-text', { hasText: 'English' }).waitFor()
  expect(
    await page.evaluate(() =>
      document.getElementById('subtitles')?.style.getPropertyValue('--subtitle-scale'),
    ),
  ).toBe('1.8')
})

test('the keys do what the help says', async () => {
  await page.keyboard.press('c')
  await page.locator('.subtitle-text').waitFor({ state: 'hidden' })
  await page.keyboard.press('Space')
  await until(() => page.locator('#pause-button').getAttribute('aria-label')).toBe('Play')
  expect((await status()).state).toBe('paused')
  await page.keyboard.press('Space')
  await until(async () => (await status()).state).toBe('playing')
  const before = await mediaTime()
  await page.keyboard.press('ArrowLeft')
  await page.keyboard.press('ArrowLeft')
  await until(mediaTime).toBeLessThan(before - 12)
  await page.keyboard.press('m')
  expect(await page.evaluate(() => document.querySelector('audio')?.muted)).toBe(true)
  await page.keyboard.press('m')
  await page.keyboard.press('?')
  expect(await page.locator('#help-sheet').isVisible()).toBe(true)
  expect(await page.locator('#help-sheet kbd').allTextContents()).toEqual(
    expect.arrayContaining(['Space', '←', 'F', '/', '?']),
  )
  await page.keyboard.press('Escape')
  expect(await page.locator('#help-sheet').isVisible()).toBe(false)
  await page.keyboard.press('/')
  await page.keyboard.type('k m c')
  // What is typed is text: nothing was pressed with it.
  expect(await page.locator('#query').inputValue()).toBe('k m c')
  expect((await status()).state).toBe('playing')
  await page.keyboard.press('Escape')
})

test('what is not touched is left alone, and comes back at a touch', async () => {
  if (await page.locator('#start').isVisible()) await page.locator('#home-button').click()
  await page.mouse.move(300, 200)
  const bars = page.locator('.bar.bottom')
  await bars.waitFor({ state: 'hidden' })
  await stir()
  await bars.waitFor({ state: 'visible' })
})

test('stop leads back to the lists, where the film can be gone on with where it was left', async () => {
  const left = await mediaTime()
  const leftAt = performance.now()
  /** Meanwhile the film goes on, more or less of the time. */
  const half = () => (performance.now() - leftAt) / 2000
  await press('#stop-button')
  const card = page.locator('#resume .card', { hasText: 'long' })
  await card.waitFor()
  const goOnAt = async () => {
    const facts = await card.locator('.card-facts').textContent()
    expect(facts).toMatch(/^Go on at \d:\d\d$/)
    return seconds((facts ?? '').slice(-4))
  }
  const halfway = half()
  await until(async () => Math.abs((await goOnAt()) - left - halfway)).toBeLessThan(4 + halfway)
  await card.locator('.card-play').click()
  await moving(page)
  expect(Math.abs((await mediaTime()) - left - half())).toBeLessThan(6 + half())
})

test('at the end the next is announced with a countdown, and can be called off', async () => {
  await evening.ask('/api/queue/add', { query: 'Holidays/The harbour.mp4', title: 'The harbour' })
  await evening.ask('/api/play', { query: 'city.mp4', from: 4.5 })
  // In one look, and called off at once: the countdown waits for nobody.
  const curtain = await page.waitForFunction(
    () =>
      document.querySelector('#upcoming-cancel') && [
        document.querySelector('.curtain-title')?.textContent,
        document.querySelector('.countdown')?.textContent,
      ],
  )
  await page.locator('#upcoming-cancel').click()
  const [title, count] = (await curtain.jsonValue()) ?? []
  expect(title).toBe('The harbour')
  expect(Number(count)).toBeLessThanOrEqual(5)
  await page.locator('#start').waitFor()
  expect((await status()).upcoming).toBeUndefined()
  expect(await queued()).toEqual(['The harbour'])
  await evening.ask('/api/queue/clear', {})
})

test.each([
  ['bot_check_1', 'bot-check'],
  ['age_gate_01', 'age-restricted'],
  ['region_0001', 'region-blocked'],
])('%s fails with its code, what to do, and another try', async (id, code) => {
  await page.locator('#query').fill(id)
  expect(await page.locator('#play-button').textContent()).toBe('Play')
  await page.locator('#play-button').click()
  const card = page.locator('.error-card', { hasText: code })
  await card.waitFor()
  expect((await card.textContent())?.length).toBeGreaterThan(60)
  await page.locator('#again-button').click()
  await until(async () => (await status()).state).toBe('error')
})

test('while something is looked for, the page says how far it is, and lets go when asked', async () => {
  await evening.ask('/api/play', { query: 'hangs_00001' })
  await page.locator('.steps [data-step="now"]').waitFor()
  expect(await page.locator('.steps [data-step="now"]').textContent()).toBe('Opening it')
  await page.locator('#cancel-button').click()
  await page.locator('#start').waitFor()
  expect((await status()).state).toBe('idle')
})
