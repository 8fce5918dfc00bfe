// How soon things are there: picture and sound after Play, the picture after joining, and whether two screens show the same.
// See docs/benchmarks.md.

import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { CAR, enterPlayer, launchChromium, openPlayer } from '../browser/chromium.ts'
import type {} from '../browser/page-hooks.d.ts'
import { type OwnServer, startOwnServer } from '../sim/own-server.ts'
import { MARKING, serverStages, watchStages } from './start-stages.ts'

const FIXTURES = fileURLToPath(new URL('../fixtures', import.meta.url))
const BETWEEN_MS = 1500
/** What somebody needs who has just entered the PIN, at least, to choose and to press Play. */
const CHOOSING_MS = 4000
/** Time for a page to connect, and to be refused its sound. */
const UNTOUCHED_MS = 4000

/** Milliseconds after Play was pressed. */
type Start = { pictureMs: number; soundMs: number; soundDataMs: number; stages: Map<string, number> }

/** Throws when the server or Chromium does not come up. */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      starts: { type: 'string', default: '10' },
      joins: { type: 'string', default: '10' },
      seconds: { type: 'string', default: '20' },
      preset: { type: 'string', default: 'med' },
      json: { type: 'string' },
    },
  })
  process.env.NODE_OPTIONS = MARKING
  const server = await startOwnServer(['--media', FIXTURES, '--preset', values.preset])
  delete process.env.NODE_OPTIONS
  const browser = await launchChromium()
  const other = await launchChromium()
  try {
    const page = await (await browser.newContext({ viewport: CAR })).newPage()
    await watchStages(page)
    await enterPlayer(page, server)
    // The list of files, and with it what each of them is.
    await page.locator('#library .card').first().waitFor()
    await page.waitForTimeout(CHOOSING_MS)
    await page.mouse.click(10, 300)
    const starts: Start[] = []
    for (let i = 0; i < Number(values.starts); i++) {
      starts.push(await playOnce(page, server, 'city.mp4'))
      await page.waitForTimeout(BETWEEN_MS)
      await page.request.post(`${server.url}api/stop`)
      await page.waitForFunction(() => window.ascilineStats().state === 'idle')
      await page.waitForTimeout(BETWEEN_MS)
    }
    await playOnce(page, server, 'demo:')
    const joins: number[] = []
    for (let i = 0; i < Number(values.joins); i++) joins.push(await joinOnce(other, server))
    const beside = await openPlayer(other, server)
    const seconds = Number(values.seconds)
    const sounding = await compareScreens([page, beside], 'playing', seconds)
    await beside.context().close()
    const silent = await compareScreens([page, await openUntouched(other, server)], 'blocked', seconds)
    const report = {
      preset: values.preset,
      play: {
        pictureMs: spread(starts.map(({ pictureMs }) => pictureMs)),
        soundMs: spread(starts.map(({ soundMs }) => soundMs)),
        soundAfterDataMs: spread(starts.map(({ soundMs, soundDataMs }) => soundMs - soundDataMs)),
      },
      stages: stagesOf(starts),
      joinMs: spread(joins),
      together: { sounding, silent },
    }
    process.stdout.write(`${JSON.stringify(report)}\n`)
    if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`)
  } finally {
    await Promise.all([browser.close(), other.close()])
    await server.close()
  }
}

/** The picture counts from the display frame in which the new epoch's first is drawn, the sound from when its clock runs. */
async function playOnce(page: Page, server: OwnServer, query: string): Promise<Start> {
  const { pressedAt, pictureMs, soundMs, marks } = await page.evaluate(async (query) => {
    const { epoch } = window.ascilineStats()
    const audio = document.querySelector('audio') as HTMLAudioElement
    const field = document.querySelector<HTMLInputElement>('#query')
    const button = document.querySelector<HTMLButtonElement>('#play-button')
    if (field === null || button === null) throw new Error('the page has no Play')
    field.value = query
    field.dispatchEvent(new Event('input', { bubbles: true }))
    window.stages.clear()
    const began = performance.now()
    button.click()
    let pictureMs = Number.NaN
    let soundMs = Number.NaN
    let from: number | undefined
    while (Number.isNaN(pictureMs) || Number.isNaN(soundMs)) {
      const at = await new Promise<number>(requestAnimationFrame)
      if (at - began > 15_000) throw new Error('it did not play')
      const now = window.ascilineStats()
      if (now.epoch === epoch || now.epoch === null) continue
      if (Number.isNaN(pictureMs) && now.mediaTime !== null) pictureMs = at + now.displayLagMs - began
      if (audio.paused || now.sound.state !== 'playing') continue
      from ??= audio.currentTime
      if (Number.isNaN(soundMs) && audio.currentTime > from) soundMs = at - began
    }
    const marks = [...window.stages].map(([name, at]): [string, number] => [name, at - began])
    return { pressedAt: performance.timeOrigin + began, pictureMs, soundMs, marks }
  }, query)
  const stages = new Map([...marks, ...serverStages(server.output(), pressedAt)])
  stages.set('picture', pictureMs).set('sound', soundMs)
  return { pictureMs, soundMs, soundDataMs: stages.get('page: answer with sound') ?? Number.NaN, stages }
}

/** Median and worst time of each step, in the order they come in. */
function stagesOf(starts: readonly Start[]) {
  const names = [...new Set(starts.flatMap(({ stages }) => [...stages.keys()]))]
  return names
    .map((stage) => ({ stage, ...spread(starts.map(({ stages }) => stages.get(stage) ?? Number.NaN)) }))
    .sort((a, b) => a.median - b.median)
}

/** From when the page's channel is open to the display frame that has the whole picture. */
async function joinOnce(browser: Browser, server: OwnServer): Promise<number> {
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.addInitScript(() => {
    // The page makes its channels itself; the first to open is the one that brings pictures, or opens with it.
    const make = RTCPeerConnection.prototype.createDataChannel
    RTCPeerConnection.prototype.createDataChannel = function (this: RTCPeerConnection, ...args) {
      const channel = make.apply(this, args)
      channel.addEventListener('open', () => performance.mark('channel-open'))
      return channel
    }
  })
  await page.goto(server.url)
  await page.locator('#pin-screen').waitFor({ state: 'visible' })
  await page.evaluate(() => {
    const look = (at: number) => {
      if (window.ascilineStats?.().mediaTime != null) performance.measure('picture', { start: 0, end: at })
      else requestAnimationFrame(look)
    }
    requestAnimationFrame(look)
  })
  await page.keyboard.type(server.pin)
  await page.keyboard.press('Enter')
  await page.waitForFunction(() => performance.getEntriesByName('picture').length > 0)
  const tookMs = await page.evaluate(() => {
    const [open] = performance.getEntriesByName('channel-open')
    const [picture] = performance.getEntriesByName('picture')
    return picture.duration + window.ascilineStats().displayLagMs - open.startTime
  })
  await context.close()
  return tookMs
}

/** A page that nobody has touched: it shows the picture on the server's clock, and is silent. */
async function openUntouched(browser: Browser, { url, pin }: OwnServer): Promise<Page> {
  const context = await browser.newContext({ viewport: CAR })
  await context.request.post(`${url}api/auth`, { data: { pin } })
  const page = await context.newPage()
  await page.goto(url)
  // Whatever is evaluated in it counts as a touch.
  await page.waitForTimeout(UNTOUCHED_MS)
  return page
}

/** A picture, and when it is seen, on the wall's clock. */
type Seen = { at: number; frame: number }

/**
 * In how many display frames of the first page the second had the same frame on the screen, one of them apart at most; and how long
 * after the first the second began to show each.
 */
async function compareScreens(pages: [Page, Page], sound: string, seconds: number) {
  await pages[1].waitForFunction((sound) => {
    const now = window.ascilineStats()
    return now.frame > 0 && now.sound.state === sound
  }, sound)
  await pages[1].waitForTimeout(4000)
  const watch = (page: Page) =>
    page.evaluate(async (ms) => {
      const seen: Seen[] = []
      const behind = new MessageChannel()
      const until = performance.now() + ms
      while (performance.now() < until) {
        const at = await new Promise<number>(requestAnimationFrame)
        // Behind the page's own callback, whichever of the two comes first.
        await new Promise((resolve) => {
          behind.port1.onmessage = resolve
          behind.port2.postMessage(undefined)
        })
        const { frame, displayLagMs } = window.ascilineStats()
        seen.push({ at: performance.timeOrigin + at + displayLagMs, frame })
      }
      return seen
    }, seconds * 1000)
  const [first, second] = await Promise.all(pages.map(watch))
  const ownDelaysMs = await Promise.all(
    pages.map((page) => page.evaluate(() => window.ascilineStats().ownDelayMs)),
  )
  let compared = 0
  let same = 0
  let within = 0
  for (let i = 0, j = 0; i < first.length; i++) {
    while (j + 1 < second.length && second[j + 1].at <= first[i].at) j += 1
    if (second[j].at > first[i].at || j + 1 === second.length) continue
    const apart = Math.abs(second[j].frame - first[i].frame)
    compared += 1
    if (apart === 0) same += 1
    if (apart <= 1) within += 1
  }
  const begun = beginnings(second)
  const laterMs = [...beginnings(first)].map(([frame, at]) => (begun.get(frame) ?? Number.NaN) - at)
  const sorted = laterMs.filter(Number.isFinite).sort((a, b) => a - b)
  const share = (part: number) => Math.round(sorted[Math.floor(part * (sorted.length - 1))] * 10) / 10
  return {
    compared,
    samePercent: (100 * same) / compared,
    withinOnePercent: (100 * within) / compared,
    ownDelaysMs,
    laterMs: { p1: share(0.01), median: share(0.5), p99: share(0.99) },
  }
}

/** When each frame was first seen; the one that was there already is left out. */
function beginnings(seen: readonly Seen[]): Map<number, number> {
  const begun = new Map<number, number>()
  for (const { at, frame } of seen) if (frame !== seen[0].frame && !begun.has(frame)) begun.set(frame, at)
  return begun
}

function spread(values: number[]) {
  const sorted = values
    .filter(Number.isFinite)
    .map(Math.round)
    .sort((a, b) => a - b)
  return { median: sorted[sorted.length >> 1], most: sorted[sorted.length - 1], of: sorted.length }
}
