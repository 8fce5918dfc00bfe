// A case of the transport bench in a real Chromium: the whole server, its UDP sockets behind the case's path, and pages that keep
// their own books. Their pictures are not compared with anything: `correct` counts the frames all of whose slices were there in
// time. The server's playout delay is its own, 120 ms.

import { readFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import type { ServerLoad } from '../../src/metrics.ts'
import { launchChromium, openPlayer } from '../browser/chromium.ts'
import { type CuttingProxy, startCuttingProxy } from '../browser/cutting-proxy.ts'
import { type OwnServer, signIn, startOwnServer, transportPid } from '../sim/own-server.ts'
import type { Weather } from './impaired-udp.ts'
import { endWatch, pathReturned, startWatch, type Watched } from './page-watch.ts'
import type { Row } from './transport.ts'
import type { TransportCase } from './transport-cases.ts'

const IMPAIRED_UDP = fileURLToPath(new URL('./impaired-udp.ts', import.meta.url))
/** Frames shown before a page counts as one that watches. */
const FIRST_FRAMES = 24
const SETTLE_MS = 2500
const TICKS_PER_SECOND = 100

export type PagesOptions = { pages: number; clip: string; seconds: number; seed: number }

/** Throws when the server or the browser does not come up. */
export async function playInPages(
  each: TransportCase,
  { pages: count, clip, seconds, seed }: PagesOptions,
): Promise<Omit<Row, 'reached'>> {
  const { bitsPerSecond: _, queueMs: __, ...up } = each.path ?? {}
  const server = await withWeather({ down: each.path ?? {}, up, seed: seed * 1000 }, () =>
    startOwnServer(['--media', dirname(clip), '--play', basename(clip), '--preset', each.preset]),
  )
  const proxy = await startCuttingProxy(Number(new URL(server.url).port))
  const browser = await launchChromium()
  try {
    const pages: Page[] = []
    for (let n = 0; n < count; n += 1) {
      const page = await openPlayer(browser, { url: `http://127.0.0.1:${proxy.port}/`, pin: server.pin })
      await page.waitForFunction((frames) => {
        const { transport, totals } = window.ascilineStats()
        return transport === 'webrtc' && totals.framesPresented > frames
      }, FIRST_FRAMES)
      pages.push(page)
    }
    const pid = await transportPid(server)
    process.kill(pid, 'SIGUSR2')
    await sleep(each.settleMs ?? SETTLE_MS)
    const broken = each.outageMs === undefined ? [] : await outage({ pid, proxy, ms: each.outageMs, pages })
    await Promise.all(pages.map(startWatch))
    const cpuBefore = cpuSecondsOf(server.pid, pid)
    const since = performance.now()
    await sleep(seconds * 1000)
    const watched = await Promise.all(pages.map(endWatch))
    const elapsed = (performance.now() - since) / 1000
    const cpuSeconds = cpuSecondsOf(server.pid, pid) - cpuBefore
    return row(each.id, watched, { cpuSeconds, elapsed, broken, late: await lateness(server) })
  } finally {
    await browser.close()
    await proxy.close()
    await server.close()
  }
}

/** Of both processes of the server; without ffmpeg. Linux only. */
function cpuSecondsOf(...pids: number[]): number {
  return pids.reduce((sum, pid) => {
    // utime and stime: fields 14 and 15 of proc(5), behind a name that may hold blanks.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
    return sum + (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
  }, 0)
}

type Outage = { pid: number; proxy: CuttingProxy; ms: number; pages: readonly Page[] }

/** Neither datagrams nor connections; what the pages saw until they were well again. */
async function outage({ pid, proxy, ms, pages }: Outage): Promise<Watched[]> {
  await Promise.all(pages.map(startWatch))
  process.kill(pid, 'SIGUSR2')
  proxy.hold()
  await sleep(ms)
  process.kill(pid, 'SIGUSR2')
  proxy.release()
  const at = performance.timeOrigin + performance.now()
  await Promise.all(pages.map((page) => pathReturned(page, at)))
  await sleep(SETTLE_MS)
  return Promise.all(pages.map(endWatch))
}

async function lateness(server: OwnServer): Promise<Row['eventLoopLateMs']> {
  const cookie = await signIn(server.url, server.pin)
  const response = await fetch(new URL('/healthz', server.url), { headers: { cookie } })
  const { eventLoopDelayMs, transport } = (await response.json()) as ServerLoad
  const { p99, max } = eventLoopDelayMs
  const there = transport?.eventLoopDelayMs ?? { p99: 0, max: 0 }
  return { p99: Math.max(p99, there.p99), max: Math.max(max, there.max) }
}

type Run = {
  cpuSeconds: number
  elapsed: number
  /** Of the outage, where the case has one. */
  broken: readonly Watched[]
  late: Row['eventLoopLateMs']
}

/** As for headless viewers: sums of what adds up, the worst page's times. */
function row(
  id: string,
  pages: readonly Watched[],
  { cpuSeconds, elapsed, broken, late }: Run,
): Omit<Row, 'reached'> {
  const sum = (pick: (totals: Watched['to']) => number) =>
    pages.reduce((total, { from, to }) => total + pick(to) - pick(from), 0)
  const worst = (pick: (page: Watched) => number) => Math.max(...pages.map(pick))
  const back = broken.map(({ backAfterMs }) => backAfterMs).filter((ms) => ms !== undefined)
  const unknown = { p50: Number.NaN, p95: Number.NaN, p99: Number.NaN, max: Number.NaN }
  return {
    case: id,
    kind: 'chromium',
    stack: 'ours',
    viewers: pages.length,
    framesExpected: sum((totals) => totals.framesExpected),
    framesCorrect: sum((totals) => totals.framesComplete),
    latenessMs: {
      p50: worst(({ latenessMs }) => latenessMs.p50),
      p95: worst(({ latenessMs }) => latenessMs.p95),
      p99: worst(({ latenessMs }) => latenessMs.p99),
      max: worst(({ latenessMs }) => latenessMs.max),
    },
    longestSilenceMs: worst((page) => page.longestSilenceMs),
    bytes: sum((totals) => totals.bytes),
    cpuPercentPerViewer: (100 * cpuSeconds) / elapsed / pages.length,
    blocksFreshPercent: Number.NaN,
    blockAgeMs: unknown,
    clockErrorMs: Number.NaN,
    slicesRecovered: Number.NaN,
    pace: [...new Set(pages.map(({ pace, way }) => (way === 'webrtc' ? pace : `${pace}, ${way}`)))].join('/'),
    longestFreezeMs: worst((page) => page.longestFreezeMs),
    backAfterMs: back.length < pages.length ? undefined : Math.max(...back),
    framesStale: [...broken, ...pages].reduce((total, { framesStale }) => total + framesStale, 0),
    packetsPerSecond: sum((totals) => totals.slicesReceived) / elapsed,
    eventLoopLateMs: late,
    viewersLateMs: { p99: Number.NaN, max: Number.NaN },
    seconds: elapsed,
  }
}

/** A process started meanwhile has this weather. */
async function withWeather<T>(weather: Weather, start: () => Promise<T>): Promise<T> {
  const before = process.env.NODE_OPTIONS
  Object.assign(process.env, {
    NODE_OPTIONS: `${before ?? ''} --import ${IMPAIRED_UDP}`,
    UDP_WEATHER: JSON.stringify(weather),
  })
  try {
    return await start()
  } finally {
    if (before === undefined) delete process.env.NODE_OPTIONS
    else process.env.NODE_OPTIONS = before
  }
}
