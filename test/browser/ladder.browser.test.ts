// Real Chromium on networks as they are: without UDP, with an address that goes away, with a browser that is shot.

import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type OwnServer, signIn, startOwnServer, transportPid } from '../sim/own-server.ts'
import { CAR, launchChromium, launchDoomedChromium } from './chromium.ts'
import { pictureRate } from './picture-rate.ts'

const faults = join(dirname(fileURLToPath(import.meta.url)), 'udp-faults.ts')

let browser: Browser
beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(() => browser?.close())

const open: { close(): unknown }[] = []
const keep = <T extends { close(): unknown }>(thing: T): T => {
  open.push(thing)
  return thing
}
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close()
})

/** A server that plays the demo, with udp-faults.ts between it and the network. */
async function startFaultyServer(fault: 'blocked' | 'closing' | 'none'): Promise<OwnServer> {
  const before = { ...process.env }
  if (fault !== 'none') Object.assign(process.env, { NODE_OPTIONS: `--import=${faults}`, UDP_FAULT: fault })
  try {
    return keep(await startOwnServer(['--play', 'demo:', '--preset', 'low']))
  } finally {
    for (const name of ['NODE_OPTIONS', 'UDP_FAULT']) {
      if (before[name] === undefined) delete process.env[name]
      else process.env[name] = before[name]
    }
  }
}

/** A context that has been let in already, so that a page's load is all there is to wait for. */
async function signedIn(server: OwnServer, within = browser): Promise<BrowserContext> {
  const [name, value] = (await signIn(server.url, server.pin)).split('=') as [string, string]
  const context = keep(await within.newContext({ viewport: CAR }))
  await context.addCookies([{ name, value, url: server.url }])
  return context
}

const stats = (page: Page) => page.evaluate(() => window.ascilineStats())

/** Milliseconds from the start of the page's load to its first picture over the way named. */
async function firstPicture(page: Page, way: string): Promise<number> {
  const found = await page.waitForFunction((wanted) => {
    const { transport, frame } = window.ascilineStats()
    return transport === wanted && frame >= 0 && performance.now()
  }, way)
  return Number(await found.jsonValue())
}

declare global {
  interface Window {
    /** When the picture moved, by the page's clock, and which frame it was. */
    moves: { at: number; frame: number }[]
  }
}

/** Notes every new frame from now on. */
const watchMoves = (page: Page) =>
  page.evaluate(() => {
    window.moves = []
    const look = () => {
      const { frame } = window.ascilineStats()
      if (window.moves.at(-1)?.frame !== frame) window.moves.push({ at: performance.now(), frame })
      requestAnimationFrame(look)
    }
    look()
  })

const moves = (page: Page) => page.evaluate(() => window.moves)

/** The longest the picture stood still, in milliseconds. */
const longestFreeze = (list: { at: number }[]) =>
  Math.max(...list.slice(1).map(({ at }, index) => at - list[index]!.at))

test('behind blocked UDP the picture comes over the WebSocket, and over WebRTC as soon as that works', async () => {
  const server = await startFaultyServer('blocked')
  const page = await (await signedIn(server)).newPage()
  await page.goto(server.url)
  const pictureMs = await firstPicture(page, 'websocket')
  process.stdout.write(
    `UDP blocked: picture over WebSocket ${pictureMs.toFixed(0)} ms after the load began\n`,
  )
  expect(pictureMs).toBeLessThan(8000)
  await expect.poll(() => page.locator('#status-text').textContent()).toContain('over WebSocket')

  const { programme, presented } = await pictureRate(page, 3)
  const before = await stats(page)
  process.stdout.write(
    `over WebSocket: ${presented.toFixed(1)} frames a second, lateness p95 ${before.latenessMs.p95.toFixed(1)} ms, missing ${before.totals.framesMissing}\n`,
  )
  expect(programme).toBeGreaterThan(20)
  expect(presented).toBeGreaterThan(14)

  // The network gets better; the page is told so by the browser, or finds out at its next try.
  await watchMoves(page)
  process.kill(await transportPid(server), 'SIGUSR2')
  await page.evaluate(() => window.dispatchEvent(new Event('online')))
  await page.waitForFunction(() => window.ascilineStats().transport === 'webrtc')
  await page.waitForTimeout(1000)
  const list = await moves(page)
  process.stdout.write(`switch to WebRTC: longest freeze ${longestFreeze(list).toFixed(0)} ms\n`)
  expect(longestFreeze(list)).toBeLessThan(1000)
  // No jump: no frame is shown again.
  expect(list.map(({ frame }) => frame)).toEqual(list.map(({ frame }) => frame).sort((a, b) => a - b))
  expect((await stats(page)).epoch).toBe(before.epoch)
})

test('when the socket of the server goes away the picture is back without a reload, and the sound never stops', async () => {
  const server = await startFaultyServer('closing')
  const page = await (await signedIn(server)).newPage()
  await page.goto(server.url)
  await firstPicture(page, 'webrtc')
  await page.mouse.click(20, 300)
  await page.waitForFunction(() => window.ascilineStats().sound.state === 'playing')
  const freezes: number[] = []
  for (let round = 0; round < 2; round += 1) {
    const { frame } = await stats(page)
    await watchMoves(page)
    process.kill(await transportPid(server), 'SIGUSR2')
    await page.waitForFunction(
      (first) => window.ascilineStats().frame > first + 48 && window.ascilineStats().transport === 'webrtc',
      frame,
    )
    freezes.push(longestFreeze(await moves(page)))
    expect(await page.evaluate(() => Array.isArray(window.moves))).toBe(true)
    expect((await stats(page)).sound).toMatchObject({ state: 'playing', reopened: 0 })
  }
  process.stdout.write(
    `server's socket closed: picture again after ${freezes.map((ms) => ms.toFixed(0)).join(', ')} ms\n`,
  )
  expect(Math.max(...freezes)).toBeLessThan(6000)
})

test('a page whose WebSocket never opens plays all the same, and knows the status', async () => {
  const server = await startFaultyServer('none')
  const context = await signedIn(server)
  // What some firmware does: the constructor is there, the connection is not.
  await context.routeWebSocket(/\/signal/, (socket) => socket.close())
  const page = await context.newPage()
  await page.goto(server.url)
  const pictureMs = await firstPicture(page, 'webrtc')
  process.stdout.write(`no WebSocket: picture ${pictureMs.toFixed(0)} ms after the load began\n`)
  await page.waitForFunction(() => window.ascilineStats().state === 'playing')
  await page.locator('body').click({ position: { x: 20, y: 300 } })
  await fetch(new URL('/api/stop', server.url), {
    method: 'POST',
    headers: { cookie: await signIn(server.url, server.pin) },
  })
  await page.waitForFunction(() => window.ascilineStats().state === 'idle')
})

test('a page whose WebSocket takes everything and answers nothing plays all the same', async () => {
  const server = await startFaultyServer('none')
  const context = await signedIn(server)
  // The sending half is dead: what the server says arrives, what the page says does not.
  await context.routeWebSocket(/\/signal/, (socket) => {
    const server = socket.connectToServer()
    socket.onMessage(() => {})
    server.onMessage((message) => socket.send(message))
  })
  const page = await context.newPage()
  await page.goto(server.url)
  const pictureMs = await firstPicture(page, 'webrtc')
  process.stdout.write(`deaf WebSocket: picture ${pictureMs.toFixed(0)} ms after the load began\n`)
})

test('a browser without WebRTC gets its picture over the WebSocket, and trips over nothing', async () => {
  const server = await startFaultyServer('none')
  const context = await signedIn(server)
  await context.addInitScript(() => Reflect.deleteProperty(window, 'RTCPeerConnection'))
  const page = await context.newPage()
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(error.message))
  await page.goto(server.url)
  const pictureMs = await firstPicture(page, 'websocket')
  process.stdout.write(`no WebRTC: picture over WebSocket ${pictureMs.toFixed(0)} ms after the load began\n`)
  expect(errors).toEqual([])
})

/** Five and more take a small machine a minute to open. */
const VIEWERS = Number(process.env.SHOT_AMONG ?? 3)

test('of several viewers one is shot, with its whole browser: it is noticed, the others do not notice', async () => {
  const server = await startFaultyServer('none')
  const cookie = await signIn(server.url, server.pin)
  const health = async () =>
    (await (await fetch(new URL('/healthz', server.url), { headers: { cookie } })).json()) as {
      viewers: number
      rssBytes: number
    }
  const pages: Page[] = []
  for (let n = 1; n < VIEWERS; n += 1) {
    const page = await (await signedIn(server)).newPage()
    await page.goto(server.url)
    await firstPicture(page, 'webrtc')
    pages.push(page)
  }
  // A page knows of its connection before the server does, and counts twice until the detour it may have taken is let go.
  const watching = async () => (await health()).viewers
  await expect.poll(watching).toBe(VIEWERS - 1)
  const before = await health()
  const doomed = keep(await launchDoomedChromium())
  const victim = await (await signedIn(server, doomed.browser)).newPage()
  await victim.goto(server.url)
  await firstPicture(victim, 'webrtc')
  await expect.poll(watching).toBe(VIEWERS)
  const lostBefore = (await stats(pages[0]!)).totals.slicesLost
  const shotAt = performance.now()
  doomed.shoot()
  await expect.poll(watching).toBe(VIEWERS - 1)
  const noticedMs = performance.now() - shotAt
  const grown = async () => ((await health()).rssBytes - before.rssBytes) / 2 ** 20
  await expect.poll(grown, { timeout: 10_000, interval: 250 }).toBeLessThan(60)
  const grownMb = await grown()
  const lost = (await stats(pages[0]!)).totals.slicesLost - lostBefore
  process.stdout.write(
    `one of ${VIEWERS} shot: noticed after ${noticedMs.toFixed(0)} ms; then the server has ${grownMb.toFixed(1)} MB more than before it came; another lost ${lost} slices\n`,
  )
  expect(noticedMs).toBeLessThan(10_000)
  expect(await pages[0]!.evaluate(() => window.ascilineStats().link)).toBe('connected')
}, 90_000)
