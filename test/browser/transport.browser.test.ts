// Real Chromium against a real audience over loopback: what the simulator's own stack could hide shows here.

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { FrameBus } from '../../src/encode/frame-bus.ts'
import type { Audience } from '../../src/transport/audience.ts'
import { LossyRelay } from '../src/transport/lossy-relay.ts'
import { frame, openAudience } from '../src/transport/studio.ts'
import { launchChromium } from './chromium.ts'

/** What the page keeps of one connection. */
type Viewing = {
  connection: RTCPeerConnection
  frames: { at: number; index: number; bytes: number }[]
  control: string[]
  openAt: number | undefined
  send(text: string): void
}

declare global {
  interface Window {
    viewings: Record<string, Viewing>
  }
}

let browser: Browser
let site: Server
let origin: string
const open: { close(): unknown }[] = []

beforeAll(async () => {
  browser = await launchChromium()
  site = createServer((_request, response) => response.end('<!doctype html><title>viewer</title>'))
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`
})
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close()
})
afterAll(async () => {
  await browser?.close()
  site?.close()
})

async function openPage(): Promise<Page> {
  const page = await browser.newPage()
  open.push(page)
  await page.goto(origin)
  return page
}

/** Answers an offer in the page, without waiting for candidates. Resolves when both channels are open. */
async function join(page: Page, audience: Audience, relay?: LossyRelay, address = '127.0.0.1') {
  const began = performance.now()
  const { peer, sdp: direct } = await audience.open({ id: 'browser', address })
  const sdp = relay === undefined ? direct : await relay.through(direct)
  const answer = await page.evaluate(
    async ([key, offer]) => {
      const connection = new RTCPeerConnection()
      const frames = connection.createDataChannel('frames', {
        negotiated: true,
        id: 0,
        ordered: false,
        maxRetransmits: 0,
      })
      const control = connection.createDataChannel('control', { negotiated: true, id: 1 })
      frames.binaryType = 'arraybuffer'
      const viewing: Viewing = {
        connection,
        frames: [],
        control: [],
        openAt: undefined,
        send: (text) => control.send(text),
      }
      frames.onopen = () => {
        viewing.openAt = performance.now()
      }
      frames.onmessage = ({ data }: MessageEvent<ArrayBuffer>) =>
        viewing.frames.push({
          at: performance.now(),
          index: new DataView(data).getUint32(0),
          bytes: data.byteLength,
        })
      // Or the server would take the viewer for dead after five seconds.
      control.onopen = () =>
        setInterval(() => control.readyState === 'open' && control.send('{"type":"ping","sent":0}'), 1000)
      control.onmessage = ({ data }: MessageEvent<string>) => viewing.control.push(data)
      window.viewings ??= {}
      window.viewings[key] = viewing
      await connection.setRemoteDescription({ type: 'offer', sdp: offer })
      await connection.setLocalDescription()
      return connection.localDescription?.sdp ?? ''
    },
    [peer, sdp] as const,
  )
  await audience.answer(peer, answer)
  await page.waitForFunction((key) => window.viewings[key]?.openAt !== undefined, peer, {
    polling: 5,
    timeout: 15_000,
  })
  return { peer, connectMs: performance.now() - began }
}

const read = (page: Page, peer: string) =>
  page.evaluate((key) => {
    const { frames, control } = window.viewings[key]!
    return { frames, control }
  }, peer)

/** Publishes frames of two slices, at most 30 a second, and waits until the page has the last ones. */
async function play(page: Page, peer: string, bus: FrameBus, first: number, count: number) {
  for (let n = 0; n < count; n += 1) {
    bus.publish(frame(first + n))
    // After a hiccup of the machine nothing is made up for: of two at once the server would leave one out.
    await new Promise((resolve) => setTimeout(resolve, 33))
  }
  // Lost, the last one would never come: the one after it will.
  const last = first + count - 1
  await expect
    .poll(async () => (await read(page, peer)).frames.some(({ index }) => index >= last - 3))
    .toBe(true)
  return (await read(page, peer)).frames.filter(({ index }) => index >= first).map(({ index }) => index)
}

test('a page on loopback connects, gets timeline and picture, and every frame of two seconds', async () => {
  const { audience, bus } = openAudience()
  open.push(audience)
  const page = await openPage()
  const { peer, connectMs } = await join(page, audience)
  // Two channels: what was said first on one need not be the first to come.
  await expect.poll(async () => (await read(page, peer)).control.length).toBeGreaterThanOrEqual(1)
  await expect.poll(async () => (await read(page, peer)).frames.length).toBeGreaterThanOrEqual(4)
  const { control, frames } = await read(page, peer)
  expect(JSON.parse(control[0]!)).toMatchObject({ type: 'timeline', epoch: 7 })
  expect(frames.slice(0, 4).map(({ bytes }) => bytes)).toEqual([900, 500, 900, 500])
  const first = 1000
  await play(page, peer, bus, first, 60)
  const come = async () => (await read(page, peer)).frames.filter(({ index }) => index >= first).length
  // Both slices of every frame: on an idle loopback nothing is lost, the seventh and eighth record included (trap 1).
  await expect.poll(come).toBe(120)
  expect(audience.stats()[0]).toMatchObject({ packetsLost: 0, dropped: { replaced: 0, late: 0, stalled: 0 } })
  process.stdout.write(`chromium connected in ${connectMs.toFixed(0)} ms\n`)
})

test('at 2 % loss a page gets 98 % of the slices, and all of control', async () => {
  const { audience, bus } = openAudience()
  open.push(audience)
  const relay = new LossyRelay({ seed: 31, loss: 0.02, delayMs: 10 })
  open.push(relay)
  const page = await openPage()
  const { peer } = await join(page, audience, relay)
  const indexes = await play(page, peer, bus, 1000, 150)
  const slices = audience.stats()[0]!.framesSent * 2
  // Mean and five standard deviations; the join's slices are not counted here.
  expect(indexes.length).toBeGreaterThan(slices * 0.98 - 5 * Math.sqrt(slices * 0.02 * 0.98) - 2)
  for (let n = 1; n <= 20; n += 1) {
    await page.evaluate(([key, sent]) => window.viewings[key]!.send(JSON.stringify({ type: 'ping', sent })), [
      peer,
      n,
    ] as const)
  }
  const pongs = async () =>
    (await read(page, peer)).control
      .map((text) => JSON.parse(text) as { type: string; sent: number })
      .filter(({ type, sent }) => type === 'pong' && sent > 0)
      .map(({ sent }) => sent)
  await expect.poll(pongs).toEqual(Array.from({ length: 20 }, (_, n) => n + 1))
})

test('joins of a page succeed through 10 % loss of every packet of the handshake', async () => {
  const { audience } = openAudience()
  open.push(audience)
  const relay = new LossyRelay({ seed: 8, loss: 0.1 })
  open.push(relay)
  const page = await openPage()
  for (let n = 0; n < 5; n += 1) await join(page, audience, relay)
  await expect.poll(() => audience.size).toBe(5)
})

test('a page that is closed, and one that closes its connection, are noticed', async () => {
  const { audience } = openAudience()
  open.push(audience)
  const [staying, leaving] = [await openPage(), await openPage()]
  const kept = await join(staying, audience)
  const closed = await join(staying, audience)
  const gone = await join(leaving, audience)
  await expect.poll(() => audience.size).toBe(3)
  await staying.evaluate((key) => window.viewings[key]!.connection.close(), closed.peer)
  await expect.poll(() => audience.stats().some(({ id }) => id === closed.peer)).toBe(false)
  await leaving.close()
  await expect.poll(() => audience.stats().some(({ id }) => id === gone.peer)).toBe(false)
  expect(audience.stats().map(({ id }) => id)).toEqual([kept.peer])
})

test('a page from outside connects through the announced address alone', async () => {
  const { audience } = openAudience({ announce: '127.0.0.2', interfaces: () => ({}) })
  open.push(audience)
  const page = await openPage()
  const { peer } = await join(page, audience, undefined, '203.0.113.9')
  await expect.poll(async () => (await read(page, peer)).frames.length).toBeGreaterThan(0)
})
