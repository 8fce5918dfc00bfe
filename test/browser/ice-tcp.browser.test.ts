// A real Chromium whose network carries no UDP, and a server with a TCP port for that.

import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { IceTcpPort } from '../../src/transport/ice-tcp-port.ts'
import { signIn, startOwnServer } from '../sim/own-server.ts'
import { CAR, launchChromium } from './chromium.ts'

const faults = join(dirname(fileURLToPath(import.meta.url)), 'udp-faults.ts')

const open: { close(): unknown }[] = []
const keep = <T extends { close(): unknown }>(thing: T): T => {
  open.push(thing)
  return thing
}
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close()
})

test('behind blocked UDP a page whose WebSocket never opens gets its picture over WebRTC by TCP', async () => {
  const free = await IceTcpPort.open(0)
  const { port } = free
  free.close()
  const before = { ...process.env }
  Object.assign(process.env, { NODE_OPTIONS: `--import=${faults}`, UDP_FAULT: 'blocked' })
  const starting = startOwnServer(['--play', 'demo:', '--preset', 'low', '--ice-tcp', String(port)])
  process.env = before
  const server = keep(await starting)
  const browser = keep(await launchChromium())
  const context = await browser.newContext({ viewport: CAR })
  // Then neither of the other ways is there: no datagram, and no socket to carry frames.
  await context.routeWebSocket(/\/signal/, (socket) => socket.close())
  const [cookie, value] = (await signIn(server.url, server.pin)).split('=') as [string, string]
  await context.addCookies([{ name: cookie, value, url: server.url }])
  const page = await context.newPage()
  await page.goto(server.url)
  const found = await page.waitForFunction(() => {
    const { transport, frame } = window.ascilineStats()
    return transport === 'webrtc' && frame >= 0 && performance.now()
  })
  process.stdout.write(
    `UDP blocked, --ice-tcp, no WebSocket: picture over WebRTC ${Number(await found.jsonValue()).toFixed(0)} ms after the load began\n`,
  )
  const from = await page.evaluate(() => window.ascilineStats().totals.framesPresented)
  await page.waitForFunction((first) => window.ascilineStats().totals.framesPresented > first + 96, from)
  expect(await page.evaluate(() => window.ascilineStats().transport)).toBe('webrtc')
})
