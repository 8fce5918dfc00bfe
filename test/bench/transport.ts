// What viewers on bad networks see: npm run bench -- transport [--case ID] [--stack NAME] [--seconds 8] [--viewers N] [--seed 1] [--clip FILE|demo:] [--chromium PAGES] [--json FILE]
//
// The real source, encoder, audience and player, each viewer behind a seeded model of a path (loss, bursts, delay, jitter,
// reordering, a narrow link). Server and viewers are processes of their own. A frame is correct when the viewer's picture at the
// frame's presentation time is, bit for bit, that of a decoder that lost nothing.
//
// --chromium plays the cases in that many pages of a real Chromium instead, against the whole server (transport-pages.ts).
//
// Cases that compare are played over the other stacks too, one after the other: the same bytes, the same seed (stack.ts).

import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Percentiles } from '../../client/playback/index.ts'
import { PRESETS } from '../../src/encode/preset.ts'
import { withFolder } from '../sim/own-server.ts'
import type { Impairment } from './impaired-path.ts'
import { isStack, STACKS, type StackName, stackMissing } from './stack.ts'
import {
  Actor,
  type FromServerProcess,
  type FromViewers,
  type ServerReport,
  type ToServer,
  type ToViewers,
  type ViewerRow,
} from './stage.ts'
import { TRANSPORT_CASES, type TransportCase } from './transport-cases.ts'
import { type PagesOptions, playInPages } from './transport-pages.ts'

const CITY = fileURLToPath(new URL('../fixtures/city.mp4', import.meta.url))
/** Time for the first clock pings and the joins' own traffic to pass before counting starts. */
const SETTLE_MS = 1500
/** When a path that changes does, after measuring has begun. */
const CHANGE_MS = 1000
const JOINS_AT_ONCE = 4

export type Row = {
  case: string
  /** Headless viewers, or pages of a real Chromium that keep their own books (transport-pages.ts). */
  kind: 'headless' | 'chromium'
  stack: StackName
  viewers: number
  framesExpected: number
  framesCorrect: number
  latenessMs: Percentiles
  longestSilenceMs: number
  /** Payload that left for the viewers: slices sent again, parity and what was lost included. */
  bytes: number
  cpuPercentPerViewer: number
  /** Of the worst viewer: blocks younger than 100 ms, against a viewer that lost nothing. */
  blocksFreshPercent: number
  blockAgeMs: Percentiles
  /** How far the viewers' idea of the server's clock is off, at the end. */
  clockErrorMs: number
  slicesRecovered: number
  /** What each viewer is sent at the end, one word when all are sent the same. */
  pace: string
  longestFreezeMs: number
  backAfterMs: number | undefined
  framesStale: number
  packetsPerSecond: number
  eventLoopLateMs: { p99: number; max: number }
  /** The same of the process of the headless viewers. */
  viewersLateMs: { p99: number; max: number }
  seconds: number
  reached: boolean
}

/** A stack that this machine cannot run. */
export type MissingRow = { case: string; stack: StackName; missing: string }

/** Throws when a case or a stack is unknown, or a process of the bench fails. */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      case: { type: 'string', multiple: true },
      stack: { type: 'string', multiple: true },
      seconds: { type: 'string', default: '8' },
      viewers: { type: 'string' },
      seed: { type: 'string', default: '1' },
      clip: { type: 'string', default: CITY },
      json: { type: 'string' },
      chromium: { type: 'string', default: '0' },
    },
  })
  const cases = values.case?.map(caseOf) ?? TRANSPORT_CASES
  const stacks = values.stack?.map(stackOf)
  const rows: (Row | MissingRow)[] = []
  process.stdout.write(`${HEAD}\n`)
  await withFolder(async (folder) => {
    const clip = values.clip === 'demo:' ? values.clip : loop(values.clip, join(folder, 'loop.mp4'))
    if (Number(values.chromium) > 0) {
      const options = { pages: Number(values.chromium), clip, seconds: Number(values.seconds) }
      rows.push(...(await playPages(cases, { ...options, seed: Number(values.seed) })))
      return
    }
    for (const each of cases) {
      const viewers = values.viewers === undefined ? each.viewers : Number(values.viewers)
      for (const stack of stacks ?? (each.compared ? STACKS : ['ours' as const])) {
        const missing = await stackMissing(stack)
        if (missing !== undefined) {
          rows.push({ case: each.id, stack, missing })
          process.stdout.write(`${each.id.padEnd(10)} ${stack.padEnd(16)} not measured: ${missing}\n`)
          continue
        }
        const stage = new Stage({ ...each, viewers }, stack, Number(values.seed))
        try {
          const row = await stage.play(clip, Number(values.seconds))
          rows.push(row)
          process.stdout.write(`${line(row, each.goal)}\n`)
        } finally {
          await stage.close()
        }
      }
    }
  })
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ rows }, null, 2)}\n`)
}

/** Those cases whose viewers have a path; the others are about numbers of viewers. */
async function playPages(cases: readonly TransportCase[], options: PagesOptions): Promise<Row[]> {
  const rows: Row[] = []
  for (const each of cases.filter(({ path }) => path !== undefined)) {
    const judged = { ...(await playInPages(each, options)), reached: false }
    const row = { ...judged, reached: each.reached(judged) }
    rows.push(row)
    process.stdout.write(`${line(row, each.goal)}\n`)
  }
  return rows
}

/** One case: its two processes, from start to figures. */
class Stage {
  readonly #case: TransportCase
  readonly #stack: StackName
  readonly #seed: number
  readonly #server = new Actor<ToServer, FromServerProcess>('stage-server.ts')
  readonly #viewers = new Actor<ToViewers, FromViewers>('stage-viewers.ts')

  constructor(each: TransportCase, stack: StackName, seed: number) {
    this.#case = each
    this.#stack = stack
    this.#seed = seed
    this.#server.on = (message) => {
      if (message.type === 'frame' || message.type === 'offer') this.#viewers.send(message)
    }
    this.#viewers.on = (message) => {
      if (message.type === 'answer' || message.type === 'leave') this.#server.send(message)
      else if (message.type === 'join') this.#server.send({ type: 'open', viewer: message.viewer })
    }
  }

  async play(clip: string, seconds: number): Promise<Row> {
    const { preset, playoutDelayMs, viewers, path, later, sick, outageMs, settleMs = SETTLE_MS } = this.#case
    const { cols, rows } = PRESETS[preset]
    this.#viewers.send({ type: 'start', grid: { cols, rows } })
    const started = this.#server.next('started')
    this.#server.send({ type: 'start', options: { stack: this.#stack, clip, preset, playoutDelayMs } })
    await started
    for (let viewer = 0; viewer < viewers; viewer += JOINS_AT_ONCE) {
      const next = Array.from({ length: Math.min(JOINS_AT_ONCE, viewers - viewer) }, (_, n) => viewer + n)
      await Promise.all(next.map((each) => this.#join(each, path)))
    }
    if (sick !== undefined) await this.#join(viewers, sick)
    await sleep(settleMs)
    if (outageMs !== undefined) await this.#outage(outageMs)
    this.#server.send({ type: 'measure' })
    this.#viewers.send({ type: 'measure' })
    if (later !== undefined) await this.#change(later)
    await sleep(seconds * 1000 - (later === undefined ? 0 : CHANGE_MS))
    const [{ report }, { rows: figures, lateMs }] = await Promise.all([this.#ask(), this.#askViewers()])
    return this.#row(figures.slice(0, viewers), report, { seconds, lateMs })
  }

  async close(): Promise<void> {
    await Promise.all([this.#server.close(), this.#viewers.close()])
  }

  /** The handshake goes over a path that is only long: what loss does to it is not what is measured here. */
  async #join(viewer: number, path: TransportCase['path']): Promise<void> {
    const open = this.#viewers.next('open')
    const seed = this.#seed * 1000 + viewer * 10
    const { delayMs = 0 } = path ?? {}
    const direct = path === undefined
    const crowd = viewer >= (this.#case.players ?? Number.POSITIVE_INFINITY)
    this.#viewers.send({ type: 'watch', viewer, direct, delayMs, seed, stack: this.#stack, crowd })
    await open
    if (path !== undefined) this.#viewers.send({ type: 'weather', viewer, impairment: path })
  }

  async #change(path: Impairment): Promise<void> {
    await sleep(CHANGE_MS)
    for (let viewer = 0; viewer < this.#case.viewers; viewer += 1)
      this.#viewers.send({ type: 'weather', viewer, impairment: path })
  }

  async #outage(ms: number): Promise<void> {
    for (const cut of [true, false]) {
      for (let viewer = 0; viewer < this.#case.viewers; viewer += 1)
        this.#viewers.send({ type: 'weather', viewer, impairment: this.#case.path ?? {}, cut })
      if (cut) await sleep(ms)
    }
    await sleep(SETTLE_MS)
  }

  #ask() {
    const report = this.#server.next('report')
    this.#server.send({ type: 'report' })
    return report
  }

  #askViewers() {
    const rows = this.#viewers.next('rows')
    this.#viewers.send({ type: 'report' })
    return rows
  }

  /** Sums what adds up; of times it takes the worst viewer's, because the mean would hide the one who suffers. */
  #row(
    rows: readonly ViewerRow[],
    server: ServerReport,
    { seconds, lateMs }: { seconds: number; lateMs: Row['viewersLateMs'] },
  ): Row {
    const sum = (pick: (row: ViewerRow) => number) => rows.reduce((total, row) => total + pick(row), 0)
    const worst = (pick: (row: ViewerRow) => number) => Math.max(...rows.map(pick))
    const back = rows.map(({ backAfterMs }) => backAfterMs).filter((ms) => ms !== undefined)
    const row: Omit<Row, 'reached'> = {
      case: this.#case.id,
      kind: 'headless',
      stack: this.#stack,
      viewers: rows.length,
      framesExpected: sum((each) => each.framesExpected),
      framesCorrect: sum((each) => each.framesCorrect),
      latenessMs: {
        p50: worst((each) => each.latenessMs.p50),
        p95: worst((each) => each.latenessMs.p95),
        p99: worst((each) => each.latenessMs.p99),
        max: worst((each) => each.latenessMs.max),
      },
      longestSilenceMs: worst((each) => each.longestSilenceMs),
      bytes: server.bytesSent,
      blocksFreshPercent: Math.min(...rows.map((each) => each.blocksFreshPercent)),
      blockAgeMs: {
        p50: worst((each) => each.blockAgeMs.p50),
        p95: worst((each) => each.blockAgeMs.p95),
        p99: worst((each) => each.blockAgeMs.p99),
        max: worst((each) => each.blockAgeMs.max),
      },
      clockErrorMs: worst(({ clockOffsetMs, clockOrigin }) =>
        Math.abs((clockOffsetMs ?? Number.NaN) - (clockOrigin - server.clockOrigin)),
      ),
      cpuPercentPerViewer: (100 * server.cpuSeconds) / server.seconds / rows.length,
      slicesRecovered: sum((each) => each.slicesRecovered),
      pace: [...new Set(rows.map((each) => each.pace))].join('/'),
      longestFreezeMs: worst((each) => each.longestFreezeMs),
      backAfterMs:
        this.#case.outageMs === undefined || back.length < rows.length ? undefined : Math.max(...back),
      framesStale: sum((each) => each.framesStale),
      packetsPerSecond: server.packetsPerSecond,
      eventLoopLateMs: server.eventLoopLateMs,
      viewersLateMs: lateMs,
      seconds,
    }
    const judged = { ...row, reached: false }
    return { ...judged, reached: this.#case.reached(judged) }
  }
}

function caseOf(id: string): TransportCase {
  const found = TRANSPORT_CASES.find((each) => each.id === id)
  if (found === undefined)
    throw new Error(`no case ${id}; there are ${TRANSPORT_CASES.map((each) => each.id).join(' ')}`)
  return found
}

function stackOf(name: string): StackName {
  if (!isStack(name)) throw new Error(`no stack ${name}; there are ${STACKS.join(' ')}`)
  return name
}

/** A clip long enough for any case, out of a short one. */
function loop(clip: string, into: string): string {
  execFileSync('ffmpeg', [
    ...['-nostdin', '-v', 'error', '-stream_loop', '19', '-i', clip],
    ...['-t', '120', '-c', 'copy', into],
  ])
  return into
}

const HEAD =
  'case       stack            viewers  frames  correct  late p50/p95/p99/max ms   silence  freeze  fresh  kB/s each  cpu% each  loop late p99/max  theirs  pace   goal'

function line(row: Row, goal: string): string {
  const { p50, p95, p99, max } = row.latenessMs
  const ms = (value: number) => value.toFixed(0)
  return [
    row.case.padEnd(10),
    (row.kind === 'headless' ? row.stack : `${row.stack}, ${row.kind}`).padEnd(16),
    String(row.viewers).padStart(7),
    String(row.framesExpected).padStart(7),
    `${((100 * row.framesCorrect) / row.framesExpected).toFixed(1)} %`.padStart(8),
    `${ms(p50)} / ${ms(p95)} / ${ms(p99)} / ${ms(max)}`.padStart(24),
    ms(row.longestSilenceMs).padStart(9),
    ms(row.longestFreezeMs).padStart(7),
    (Number.isNaN(row.blocksFreshPercent) ? '-' : `${row.blocksFreshPercent.toFixed(1)}%`).padStart(6),
    (row.bytes / 1000 / row.seconds / row.viewers).toFixed(1).padStart(10),
    row.cpuPercentPerViewer.toFixed(2).padStart(10),
    `${ms(row.eventLoopLateMs.p99)} / ${ms(row.eventLoopLateMs.max)} ms`.padStart(18),
    (Number.isNaN(row.viewersLateMs.p99) ? '-' : ms(row.viewersLateMs.p99)).padStart(7),
    ` ${row.pace.padEnd(6)} ${row.reached ? 'yes' : 'NO '} ${goal}${row.backAfterMs === undefined ? '' : ` (${ms(row.backAfterMs)} ms)`}`,
  ].join(' ')
}
