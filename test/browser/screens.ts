// Takes a picture of every screen and state at the three sizes people sit in front of, to be looked at:
//
//   node test/browser/screens.ts FOLDER [car|phone|desk]
//
// No test: whether a page is clear is not for a program to say.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { launchChromium, openPlayer } from './chromium.ts'
import { type Evening, moving, startEvening } from './evening.ts'

const SIZES: Record<string, BrowserContextOptions> = {
  car: { viewport: { width: 804, height: 638 }, deviceScaleFactor: 2, hasTouch: true },
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
  desk: { viewport: { width: 1920, height: 1080 } },
}
/** Until what has been asked for has been drawn, and what fades has faded. */
const SETTLE_MS = 900

class Photographer {
  readonly #browser: Browser
  readonly #evening: Evening
  readonly #folder: string
  readonly #size: string

  constructor({
    browser,
    evening,
    folder,
    size,
  }: { browser: Browser; evening: Evening; folder: string; size: string }) {
    this.#browser = browser
    this.#evening = evening
    this.#folder = folder
    this.#size = size
  }

  async run(): Promise<void> {
    const options = SIZES[this.#size]
    const locked = await (await this.#browser.newContext(options)).newPage()
    await locked.goto(this.#evening.url)
    await this.#shoot(locked, 'pin')
    await locked.context().close()

    const page = await openPlayer(this.#browser, this.#evening, options)
    await page.waitForTimeout(2000)
    await this.#shoot(page, 'start')
    await page.locator('#query').fill('nothing')
    await page.keyboard.press('Enter')
    await this.#shoot(page, 'found-nothing')
    await page.locator('#query').fill('harbour tour')
    await page.keyboard.press('Enter')
    await page.locator('#found .card').nth(5).waitFor()
    await this.#shoot(page, 'found')
    for (const card of [0, 2, 4]) await page.locator('#found .card-add').nth(card).click()
    await page.locator('#found .card-star').nth(3).click()
    await page.locator('#clear-search').click()
    await this.#playing(page)
    await this.#states(page)
    await this.#evening.ask('/api/play', { query: 'long.mp4', from: 31 })
    await moving(page)
    await this.#remote(page)
    this.#evening.kill('SIGKILL')
    await page.locator('.loader').waitFor()
    await this.#shoot(page, 'reconnecting')
    await page.context().close()
  }

  async #playing(page: Page): Promise<void> {
    await this.#evening.ask('/api/play', { query: 'long.mp4', from: 31 })
    await moving(page)
    await page.waitForTimeout(4500)
    await this.#shoot(page, 'playing-bare')
    await this.#stir(page)
    await this.#shoot(page, 'playing')
    const bar = await page.locator('#progress-bar').boundingBox()
    if (bar !== null) {
      await page.mouse.move(bar.x + bar.width * 0.69, bar.y + 24)
      await page.mouse.move(bar.x + bar.width * 0.7, bar.y + 24)
      await this.#shoot(page, 'preview')
    }
    for (const name of ['subtitles', 'detail']) {
      await page.locator(`#${name}-button`).click()
      await this.#shoot(page, name)
      if (name === 'subtitles') await page.locator('.subtitle-tracks button').nth(2).click()
    }
    await page.keyboard.press('Escape')
    await page.locator('#queue-button').click()
    await this.#shoot(page, 'queue')
    await page.locator('#queue-sheet-close').click()
    await page.keyboard.press('?')
    await this.#shoot(page, 'help')
    await page.keyboard.press('Escape')
    await page.locator('#pairing-button').click()
    await this.#shoot(page, 'pairing')
    await page.locator('#pairing-sheet-close').click()
    await page.locator('#settings-button').click()
    await this.#shoot(page, 'settings')
    await page.locator('#settings-close').click()
    await page.locator('#home-button').click()
    await this.#shoot(page, 'browsing')
    await page.locator('#home-button').click()
    await this.#evening.ask('/api/pause', {})
    await this.#shoot(page, 'paused')
  }

  async #states(page: Page): Promise<void> {
    const { ask } = this.#evening
    await ask('/api/play', { query: 'hangs_00001' })
    await this.#shoot(page, 'resolving')
    await ask('/api/play', { query: 'bot_check_1' })
    await page.locator('.error-card').waitFor()
    await this.#shoot(page, 'error')
    await ask('/api/play', { query: 'city.mp4', from: 4.5 })
    await page.locator('#upcoming-cancel').waitFor()
    await this.#shoot(page, 'upcoming')
    await ask('/api/next/cancel', {})
  }

  async #remote(page: Page): Promise<void> {
    const remote = await page.context().newPage()
    await remote.goto(`${this.#evening.url}?remote`)
    await this.#shoot(remote, 'remote-pad')
    await remote.locator('#tab-search').click()
    await this.#shoot(remote, 'remote-search')
    await remote.locator('#tab-queue').click()
    await this.#shoot(remote, 'remote-queue')
  }

  async #stir(page: Page): Promise<void> {
    if (SIZES[this.#size].hasTouch) await page.touchscreen.tap(200, 330)
    else await page.mouse.move(300, 300)
  }

  async #shoot(page: Page, name: string): Promise<void> {
    await page.waitForTimeout(SETTLE_MS)
    await page.screenshot({ path: join(this.#folder, `${this.#size}-${name}.png`) })
  }
}

const [folder, only] = process.argv.slice(2)
if (folder === undefined) {
  process.stderr.write('usage: node test/browser/screens.ts FOLDER [car|phone|desk]\n')
  process.exit(2)
}
mkdirSync(folder, { recursive: true })
const browser = await launchChromium()
for (const size of Object.keys(SIZES)) {
  if (only !== undefined && only !== size) continue
  const evening = await startEvening(['--preset', 'high'])
  try {
    await new Photographer({ browser, evening, folder, size }).run()
  } finally {
    await evening.close()
  }
}
await browser.close()
