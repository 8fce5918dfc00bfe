// A real Chromium whose network carries no UDP and whose WebSocket is of no use: plain HTTP is all there is.

import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { signIn, startOwnServer } from '../sim/own-server.ts'
import { CAR, launchChromium } from './chromium.ts'
import { pictureRate } from './picture-rate.ts'

const faults = join(dirname(fileURLToPath(import.meta.url)), 'udp-faults.ts')

const open: { close(): unknown }[] = []
const keep = <T extends { close(): unknown }>(thing: T): T => {
  open.push(thing)
  return thing
}
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close()
})

test.each([
  ['never opens', false],
  ['opens and swallows what it is told', true],
])('without UDP, and with a WebSocket that %s, the picture comes over plain HTTP', async (name, opens) => {
  const before = { ...process.env }
  Object.assign(process.env, { NODE_OPTIONS: `--import=${faults}`, UDP_FAULT: 'blocked' })
  const starting = startOwnServer(['--play', 'demo:', '--preset', 'low'])
  process.env = before
  const server = keep(await starting)
  const browser = keep(await launchChromium())
  const context = await browser.newContext({ viewport: CAR })
  const [cookie, value] = (await signIn(server.url, server.pin)).split('=') as [string, string]
  await context.addCookies([{ name: cookie, value, url: server.url }])
  await context.routeWebSocket(/\/signal/, (socket) => {
    if (!opens) {
      socket.close()
      return
    }
    const inner = socket.connectToServer()
    socket.onMessage(() => {})
    inner.onMessage((message) => socket.send(message))
  })
  const page = await context.newPage()
  await page.goto(server.url)
  const found = await page.waitForFunction(() => {
    const { transport, frame } = window.ascilineStats()
    return transport === 'websocket' && frame >= 0 && performance.now()
  })
  const pictureMs = Number(await found.jsonValue())
  const { presented } = await pictureRate(page, 2)
  const { latenessMs } = await page.evaluate(() => window.ascilineStats())
  process.stdout.write(
    `no UDP, WebSocket ${name}: picture over HTTP ${pictureMs.toFixed(0)} ms after the load began, then ${presented.toFixed(1)} frames a second, lateness p95 ${latenessMs.p95.toFixed(1)} ms\n`,
  )
  expect(presented).toBeGreaterThan(5)
})
