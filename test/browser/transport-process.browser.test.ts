// The process that holds the peers is killed under a real server: the programme goes on, and everybody comes back by themselves.

import type { Page } from 'playwright-core'
import { afterEach, expect, test } from 'vitest'
import { AnsweringPeer } from '../../src/transport/answering-peer.ts'
import { type OwnServer, signIn, startOwnServer, transportPid } from '../sim/own-server.ts'
import { CAR, launchChromium } from './chromium.ts'

const open: { close(): unknown }[] = []
const keep = <T extends { close(): unknown }>(thing: T): T => {
  open.push(thing)
  return thing
}
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close()
})

/** What the page's ladder takes for the end of a connection while frames are due. */
const SILENCE_MS = 1000

/** A viewer without a browser that joins anew when nothing comes, over plain HTTP. */
class RejoiningViewer {
  readonly #url: string
  readonly #cookie: string
  readonly #look: NodeJS.Timeout
  #peer: AnsweringPeer | undefined
  #joining = false
  #heardAt = performance.now()
  /** When frames came, by this process' clock. */
  readonly frames: number[] = []

  constructor(url: string, cookie: string) {
    this.#url = url
    this.#cookie = cookie
    this.#look = setInterval(() => {
      this.#peer?.sendControl(JSON.stringify({ type: 'ping', sent: 0 }))
      if (performance.now() - this.#heardAt > SILENCE_MS) void this.join()
    }, 100)
  }

  async join(): Promise<void> {
    if (this.#joining) return
    this.#joining = true
    try {
      const { peer: name, sdp } = (await this.#post('/api/offer', {})) as { peer: string; sdp: string }
      this.#peer?.close()
      const peer = new AnsweringPeer()
      this.#peer = peer
      peer.onFrames(() => {
        this.#heardAt = performance.now()
        this.frames.push(this.#heardAt)
      })
      await this.#post('/api/answer', { peer: name, sdp: await peer.accept(sdp) })
      this.#heardAt = performance.now()
    } catch {
      // The next look tries again.
    } finally {
      this.#joining = false
    }
  }

  close(): void {
    clearInterval(this.#look)
    this.#peer?.close()
  }

  async #post(path: string, body: unknown): Promise<unknown> {
    const response = await fetch(new URL(path, this.#url), {
      method: 'POST',
      headers: { cookie: this.#cookie, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    if (!response.ok) throw new Error(await response.text())
    return response.status === 204 ? undefined : response.json()
  }
}

declare global {
  interface Window {
    /** How long the picture has been standing still, and the longest it has. */
    stillMs: number
    longestStillMs: number
  }
}

const watchPicture = (page: Page) =>
  page.evaluate(() => {
    let moved = { at: performance.now(), frame: -1 }
    window.longestStillMs = 0
    const look = () => {
      const { frame } = window.ascilineStats()
      const at = performance.now()
      window.stillMs = at - moved.at
      window.longestStillMs = Math.max(window.longestStillMs, window.stillMs)
      if (frame !== moved.frame) moved = { at, frame }
      requestAnimationFrame(look)
    }
    look()
  })

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

async function status(server: OwnServer, cookie: string) {
  const response = await fetch(new URL('/api/status', server.url), { headers: { cookie } })
  return (await response.json()) as { state: string; session_id: string; viewers: number }
}

test('kill -9 of the process with all peers: the session goes on, and everybody watches again without a word', async () => {
  const server = keep(await startOwnServer(['--play', 'demo:', '--preset', 'low']))
  const cookie = await signIn(server.url, server.pin)
  const viewers = Array.from({ length: 3 }, () => keep(new RejoiningViewer(server.url, cookie)))
  await Promise.all(viewers.map((viewer) => viewer.join()))
  const context = await keep(await launchChromium()).newContext({ viewport: CAR })
  const [name, value] = cookie.split('=') as [string, string]
  await context.addCookies([{ name, value, url: server.url }])
  const page = await context.newPage()
  await page.goto(server.url)
  await page.waitForFunction(() => window.ascilineStats().transport === 'webrtc')
  await expect.poll(() => viewers.every(({ frames }) => frames.length > 20), { timeout: 20_000 }).toBe(true)
  // The page may know of its connection before the server does, and a viewer that heard nothing for a second joins anew.
  await expect.poll(async () => (await status(server, cookie)).viewers, { timeout: 20_000 }).toBe(4)
  const before = await status(server, cookie)
  expect(before.state).toBe('playing')
  const { epoch } = await page.evaluate(() => window.ascilineStats())

  const pid = await transportPid(server)
  await watchPicture(page)
  const killedAt = performance.now()
  process.kill(pid, 'SIGKILL')
  const backMs = Promise.all(
    viewers.map(async ({ frames }) => {
      const comes = () => frames.find((at) => at > killedAt + 50)
      await expect.poll(comes, { timeout: 20_000, interval: 20 }).toBeDefined()
      return comes()! - killedAt
    }),
  )
  const headlessMs = await backMs
  await page.waitForFunction(() => window.longestStillMs > 200 && window.stillMs < 200)
  const { stillMs, wayBack } = await page.evaluate(() => ({
    stillMs: window.longestStillMs,
    wayBack: window.ascilineStats().transport,
  }))
  process.stdout.write(
    `transport process killed: frames again after ${headlessMs.map((ms) => ms.toFixed(0)).join(', ')} ms, Chromium's picture stood still for ${stillMs.toFixed(0)} ms (back over ${wayBack})\n`,
  )
  expect(Math.max(...headlessMs)).toBeLessThan(10_000)
  expect(stillMs).toBeLessThan(10_000)
  await page.waitForFunction(() => window.ascilineStats().transport === 'webrtc')
  expect((await page.evaluate(() => window.ascilineStats())).epoch).toBe(epoch)
  await expect.poll(async () => (await status(server, cookie)).viewers, { timeout: 20_000 }).toBe(4)
  expect(await status(server, cookie)).toMatchObject({ state: 'playing', session_id: before.session_id })
  expect(server.output()).toMatch(/transport-restarting: .*SIGKILL.*\d viewers/)

  const next = await transportPid(server)
  expect(next).not.toBe(pid)
  expect(isAlive(pid)).toBe(false)
  expect(await server.close()).toBe(0)
  expect(isAlive(next)).toBe(false)
})

test('kill -9 of the server itself leaves no transport process behind', async () => {
  const server = keep(await startOwnServer())
  const pid = await transportPid(server)
  expect(isAlive(pid)).toBe(true)
  server.kill('SIGKILL')
  await server.exited
  await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false)
})
