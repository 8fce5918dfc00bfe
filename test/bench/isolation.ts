// What joins do to those who watch, and what they leave behind: npm run bench -- isolation [--case joins|churn] [--viewers 20] [--joins N] [--seconds 6] [--rounds 3] [--servers 2] [--json FILE]
//
// The real program on loopback, playing the demo at LOW. `joins`: viewers watch for a while, then 30 more join at once; the
// lateness of the frames of the first is compared. The first joins of a process are its dearest, and this one's own viewers are cold at
// first too: so the rounds are played against one fresh server after the other, and of the second only the server is cold. `churn`: 200 join and leave; heap, after a
// collection of everything, and handles of both processes are compared.

import { writeFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { ServerLoad } from '../../src/metrics.ts'
import { localTime } from '../../vendor/asciline/index.ts'
import { type OwnServer, signIn, startOwnServer, transportPid } from '../sim/own-server.ts'
import { SimViewer } from '../sim/viewer.ts'
import type { FromJoiners, ToJoiners } from './isolation-joiners.ts'
import { Actor } from './stage.ts'

const COLLECT_ON_SIGNAL = fileURLToPath(new URL('./collect-on-signal.ts', import.meta.url))
const TICK_MS = 4
const SETTLE_MS = 2500
/** Nobody opens a page in the second in which the server has started. */
const IDLE_MS = 3000
/** Joins before the first look in `churn`: what is loaded and kept once is no leak. */
const WARM_UP_JOINS = 20
/** Looks at the heap behind a collection of everything, of which the least counts: a frame of the demo is held for a moment. */
const LOOKS = 4
const LOOK_MS = 500
/** Time for the server to let go of the last who left. */
const FREE_MS = 3000

/** Of one frame of one viewer, over all viewers: the mean of their p99, and the worst. */
type Lateness = { p99Mean: number; p99Worst: number; max: number }

export type JoinsRow = {
  case: 'joins'
  /** Which server of the run, and which round on it. */
  server: number
  round: number
  viewers: number
  joins: number
  joinSeconds: number
  quiet: Lateness
  during: Lateness
  risesByMs: number
  /** Longest pause of each process' event loop in the 15 to 30 s before: where a pause that all viewers share was. */
  pausesMs: { pacing: number; transport: number; viewers: number }
  failed: number
}

type Held = { heapBytes: number; handles: number; rssBytes: number }

export type ChurnRow = {
  case: 'churn'
  joins: number
  failed: number
  seconds: number
  before: { pacing: Held; transport: Held }
  after: { pacing: Held; transport: Held }
}

/** Throws when the server or a process of the bench fails. */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      case: { type: 'string', multiple: true },
      viewers: { type: 'string', default: '20' },
      joins: { type: 'string' },
      seconds: { type: 'string', default: '6' },
      rounds: { type: 'string', default: '3' },
      servers: { type: 'string', default: '2' },
      json: { type: 'string' },
    },
  })
  const rows: (JoinsRow | ChurnRow)[] = []
  const plays = (values.case ?? ['joins', 'churn']).flatMap((name) =>
    Array.from({ length: name === 'joins' ? Number(values.servers) : 1 }, (_, played) => ({ name, played })),
  )
  for (const { name, played } of plays) {
    const server = await collecting(() =>
      startOwnServer(['--play', 'demo:', '--preset', 'low', '--log-level', 'warn']),
    )
    const joiners = new Actor<ToJoiners, FromJoiners>('isolation-joiners.ts')
    try {
      if (name === 'joins') {
        const options = {
          viewers: Number(values.viewers),
          joins: Number(values.joins ?? 30),
          seconds: Number(values.seconds),
          rounds: Number(values.rounds),
          server: played + 1,
        }
        await sleep(IDLE_MS)
        rows.push(...(await measureJoins(server, joiners, options)))
      } else if (name === 'churn') rows.push(await measureChurn(server, joiners, Number(values.joins ?? 200)))
      else throw new Error(`no case ${name}; there are joins and churn`)
    } finally {
      await joiners.close()
      await server.close()
    }
  }
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ rows }, null, 2)}\n`)
}

/** A process started meanwhile collects its garbage when told to. */
async function collecting<T>(start: () => Promise<T>): Promise<T> {
  const before = process.env.NODE_OPTIONS
  process.env.NODE_OPTIONS = `${before ?? ''} --import ${COLLECT_ON_SIGNAL}`
  try {
    return await start()
  } finally {
    if (before === undefined) delete process.env.NODE_OPTIONS
    else process.env.NODE_OPTIONS = before
  }
}

type JoinsOptions = { viewers: number; joins: number; seconds: number; rounds: number; server: number }

async function measureJoins(
  server: OwnServer,
  joiners: Actor<ToJoiners, FromJoiners>,
  { viewers: count, joins, seconds, rounds, server: number }: JoinsOptions,
): Promise<JoinsRow[]> {
  const cookie = await signIn(server.url, server.pin)
  const viewers = Array.from({ length: count }, () => new SimViewer({ url: server.url, cookie }))
  const timer = setInterval(() => {
    const at = localTime(performance.now())
    for (const viewer of viewers) viewer.tick(at)
  }, TICK_MS)
  const own = monitorEventLoopDelay({ resolution: TICK_MS })
  own.enable()
  const rows: JoinsRow[] = []
  try {
    for (const viewer of viewers) await viewer.join()
    await sleep(SETTLE_MS)
    for (let round = 0; round < rounds; round += 1) {
      startCounting(viewers)
      await sleep(seconds * 1000)
      const quiet = lateness(viewers)
      startCounting(viewers)
      const since = performance.now()
      own.reset()
      const joined = joiners.next('joined')
      joiners.send({ type: 'burst', url: server.url, cookie, viewers: joins })
      const { failed } = await joined
      const during = lateness(viewers)
      const joinSeconds = (performance.now() - since) / 1000
      const risesByMs = during.p99Mean - quiet.p99Mean
      const pausesMs = { ...(await pauses(server, cookie)), viewers: own.max / 1e6 - TICK_MS }
      rows.push({
        case: 'joins',
        server: number,
        round: round + 1,
        viewers: count,
        joins,
        joinSeconds,
        quiet,
        during,
        risesByMs,
        pausesMs,
        failed,
      })
      process.stdout.write(
        `server ${number}, round ${round + 1}: ${joins} joins beside ${count} viewers in ${joinSeconds.toFixed(1)} s (${failed} failed): ${words(quiet)} before, ${words(during)} meanwhile, p99 up by ${risesByMs.toFixed(1)} ms; longest pauses: pacing ${pausesMs.pacing.toFixed(0)}, transport ${pausesMs.transport.toFixed(0)}, the viewers' own ${pausesMs.viewers.toFixed(0)} ms\n`,
      )
      const left = joiners.next('left')
      joiners.send({ type: 'leave' })
      await left
      await sleep(FREE_MS)
    }
  } finally {
    clearInterval(timer)
    own.disable()
    for (const viewer of viewers) viewer.close()
  }
  return rows
}

async function pauses(server: OwnServer, cookie: string): Promise<{ pacing: number; transport: number }> {
  // The worker tells its load four times a second.
  await sleep(LOOK_MS)
  const response = await fetch(new URL('/healthz', server.url), { headers: { cookie } })
  const { eventLoopDelayMs, transport } = (await response.json()) as ServerLoad
  return { pacing: eventLoopDelayMs.max, transport: transport?.eventLoopDelayMs.max ?? Number.NaN }
}

function startCounting(viewers: readonly SimViewer[]): void {
  const from = localTime(performance.now())
  for (const viewer of viewers) viewer.startCounting(from)
}

function lateness(viewers: readonly SimViewer[]): Lateness {
  const all = viewers.map(({ player }) => player.stats.latenessMs.percentiles())
  return {
    p99Mean: all.reduce((sum, { p99 }) => sum + p99, 0) / all.length,
    p99Worst: Math.max(...all.map(({ p99 }) => p99)),
    max: Math.max(...all.map(({ max }) => max)),
  }
}

const words = ({ p99Mean, p99Worst, max }: Lateness) =>
  `late p99 ${p99Mean.toFixed(1)} ms (worst viewer ${p99Worst.toFixed(1)}, max ${max.toFixed(1)})`

async function measureChurn(
  server: OwnServer,
  joiners: Actor<ToJoiners, FromJoiners>,
  joins: number,
): Promise<ChurnRow> {
  const cookie = await signIn(server.url, server.pin)
  const churn = async (viewers: number) => {
    const joined = joiners.next('joined', 140_000)
    joiners.send({ type: 'churn', url: server.url, cookie, viewers, atOnce: 4 })
    return (await joined).failed
  }
  await churn(WARM_UP_JOINS)
  const before = await held(server, cookie)
  const since = performance.now()
  const failed = await churn(joins)
  const seconds = (performance.now() - since) / 1000
  const after = await held(server, cookie)
  const line = (name: string, from: Held, to: Held) =>
    `${name}: heap ${megabytes(from.heapBytes)} -> ${megabytes(to.heapBytes)} MB, rss ${megabytes(from.rssBytes)} -> ${megabytes(to.rssBytes)} MB, handles ${from.handles} -> ${to.handles}`
  process.stdout.write(
    `${joins} joins and leaves in ${seconds.toFixed(0)} s, ${failed} failed\n` +
      `  ${line('pacing', before.pacing, after.pacing)}\n  ${line('transport', before.transport, after.transport)}\n`,
  )
  return { case: 'churn', joins, failed, seconds, before, after }
}

const megabytes = (bytes: number) => (bytes / 2 ** 20).toFixed(1)

/** What both processes hold when nobody watches, the least of several looks. */
async function held(server: OwnServer, cookie: string): Promise<ChurnRow['before']> {
  await sleep(FREE_MS)
  for (const pid of [server.pid, await transportPid(server)]) process.kill(pid, 'SIGUSR2')
  const pacing: Held[] = []
  const transport: Held[] = []
  for (let look = 0; look < LOOKS; look += 1) {
    await sleep(LOOK_MS)
    const response = await fetch(new URL('/healthz', server.url), { headers: { cookie } })
    const { transport: there, ...both } = (await response.json()) as ServerLoad
    if (there === undefined) throw new Error('the transport process is gone')
    transport.push(there)
    pacing.push({
      heapBytes: both.heapBytes - there.heapBytes,
      handles: both.handles - there.handles,
      rssBytes: both.rssBytes - there.rssBytes,
    })
  }
  return { pacing: least(pacing), transport: least(transport) }
}

const least = (looks: readonly Held[]): Held => ({
  heapBytes: Math.min(...looks.map(({ heapBytes }) => heapBytes)),
  handles: Math.min(...looks.map(({ handles }) => handles)),
  rssBytes: Math.min(...looks.map(({ rssBytes }) => rssBytes)),
})
