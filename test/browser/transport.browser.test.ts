// Real Chromium against a real audience over loopback: what the simulator's own stack could hide shows here.

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Audience } from '../../src/transport/audience.ts'
import { frame, openAudience } from '../src/transport/studio.ts'

const ARGS = [
  '--headless',
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

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
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: ARGS,
  })
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
async function join(page: Page, audience: Audience, address = '127.0.0.1') {
  const began = performance.now()
  const { peer, sdp } = await audience.open({ id: 'browser', address })
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
  await page.waitForFunction((key) => window.viewings[key]?.openAt !== undefined, peer, { polling: 5 })
  return { peer, connectMs: performance.now() - began }
}

const read = (page: Page, peer: string) =>
  page.evaluate((key) => {
    const { frames, control } = window.viewings[key]!
    return { frames, control }
  }, peer)

test('a page on loopback connects, gets timeline and picture, and every frame of two seconds', async () => {
  const { audience, bus } = openAudience()
  open.push(audience)
  const page = await openPage()
  const { peer, connectMs } = await join(page, audience)
  await page.waitForFunction((key) => window.viewings[key]!.frames.length >= 4, peer)
  const first = 1000
  for (let index = first; index < first + 60; index += 1) {
    bus.publish(frame(index))
    await new Promise((resolve) => setTimeout(resolve, 33))
  }
  await page.waitForFunction(([key, last]) => window.viewings[key]!.frames.some((f) => f.index === last), [
    peer,
    first + 59,
  ] as const)
  const { frames, control } = await read(page, peer)
  expect(JSON.parse(control[0]!)).toMatchObject({ type: 'timeline', epoch: 7 })
  const indexes = frames.map(({ index }) => index).filter((index) => index >= first)
  // Both slices of every frame: on an idle loopback nothing is lost, the seventh record included (trap 1).
  expect(indexes.toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: 120 }, (_, n) => first + Math.floor(n / 2)),
  )
  expect(audience.stats()[0]!.dropped).toEqual({ replaced: 0, late: 0, stalled: 0 })
  process.stdout.write(`chromium connected in ${connectMs.toFixed(0)} ms\n`)
})
