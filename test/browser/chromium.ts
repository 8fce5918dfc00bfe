// A real Chromium for the tests: found as the set-up finds it, a fresh profile each time, and nothing that phones home.

import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import {
  type Browser,
  type BrowserContextOptions,
  chromium,
  type LaunchOptions,
  type Page,
} from 'playwright-core'

const NAMES = ['google-chrome', 'google-chrome-stable', 'chromium', 'chromium-browser']
const MAC_CHROME = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'

/** The browser's executable. Throws when there is none: `npm test` installs one. */
export function chromiumPath(): string {
  const given = process.env.CHROMIUM_PATH
  if (given) return given
  const folders = (process.env.PATH ?? '').split(delimiter)
  const paths = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)))
  const found = [...paths, MAC_CHROME].find((path) => existsSync(path))
  if (found === undefined) throw new Error('no Chromium found; run the tests with `npm test`')
  return found
}

const ARGS = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** `further` are switches; `options` are for those who need more than that. */
export function launchChromium(
  further: readonly string[] = [],
  options: LaunchOptions = {},
): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath(),
    headless: true,
    args: [...ARGS, ...further],
    ...options,
  })
}

/** A Chromium whose end is a shot: its whole process group, with nothing said to anybody. */
export async function launchDoomedChromium() {
  const server = await chromium.launchServer({ executablePath: chromiumPath(), headless: true, args: ARGS })
  const browser = await chromium.connect(server.wsEndpoint())
  return {
    browser,
    shoot: () => {
      const { pid } = server.process()
      if (pid !== undefined) process.kill(-pid, 'SIGKILL')
    },
    close: () => server.kill().catch(() => {}),
  }
}

/** Half of a Tesla's screen, and half the pixels of a test browser's own window to draw. */
export const CAR = { width: 804, height: 638 }

/** Opens the page in a context of its own, as large as in a car unless it says otherwise, and enters the PIN. */
export async function openPlayer(
  browser: Browser,
  where: { url: string; pin: string },
  context: BrowserContextOptions = {},
): Promise<Page> {
  const page = await (await browser.newContext({ viewport: CAR, ...context })).newPage()
  await enterPlayer(page, where)
  return page
}

/** Opens the page and enters the PIN through the keypad's own field, as a person does. */
export async function enterPlayer(page: Page, { url, pin }: { url: string; pin: string }): Promise<void> {
  await page.goto(url)
  await page.locator('#pin-screen').waitFor({ state: 'visible' })
  await page.keyboard.type(pin)
  await page.keyboard.press('Enter')
}
