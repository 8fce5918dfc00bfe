// `npm run sim`: many headless viewers at once; how many frames each had right, and when.

import { writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ServerLoad } from '../../src/metrics.ts'
import { localTime } from '../../vendor/asciline/index.ts'
import { readSimOptions, SIM_HELP, type SimOptions } from './options.ts'
import { signIn, startOwnServer } from './own-server.ts'
import { renderReport, type SimReport, sumUp, type ViewerReport } from './report.ts'
import { SimViewer } from './viewer.ts'

/** After joining, before counting: the rolling refresh (about 1 s) makes a joiner's blocks those of everybody. */
const SETTLE_MS = 2500
/** Viewers look at the clock this often; a display does it every 16.7 ms, so this sees lateness finer. */
const TICK_MS = 4
const JOINS_AT_ONCE = 4

async function joinAll(viewers: readonly SimViewer[]): Promise<void> {
  let done = 0
  const waiting = [...viewers]
  const worker = async () => {
    for (let viewer = waiting.shift(); viewer !== undefined; viewer = waiting.shift()) {
      await viewer.join().catch(() => undefined)
      done += 1
      process.stderr.write(`\rjoined ${done} of ${viewers.length} `)
    }
  }
  await Promise.all(Array.from({ length: JOINS_AT_ONCE }, worker))
  process.stderr.write('\n')
}

function report(viewer: SimViewer): ViewerReport {
  const { stats } = viewer.player
  const due = viewer.framesDue(localTime(performance.now()))
  const failure =
    viewer.failure ??
    (due === undefined
      ? 'the programme ended or changed'
      : stats.framesExpected === 0
        ? 'no frame came'
        : undefined)
  return {
    framesExpected: due ?? stats.framesExpected,
    framesCorrect: stats.framesCorrect,
    framesLate: stats.framesLate,
    slicesLost: stats.slicesLost,
    bytes: stats.bytes,
    latenessMs: stats.latenessMs.percentiles(),
    jitterMs: stats.jitterMs.percentiles(),
    audioBytes: viewer.audioBytes,
    connectMs: Math.round(viewer.connectMs ?? Number.NaN),
    firstFrameMs: Math.round(viewer.firstFrameMs ?? Number.NaN),
    ...(failure === undefined ? {} : { failure }),
  }
}

async function watch(options: SimOptions, url: string, pin: string): Promise<SimReport> {
  const cookie = await signIn(url, pin)
  const viewers = Array.from({ length: options.viewers }, () => new SimViewer({ url, cookie }))
  const timer = setInterval(() => {
    const at = localTime(performance.now())
    for (const viewer of viewers) viewer.tick(at)
  }, TICK_MS)
  try {
    await joinAll(viewers)
    await sleep(SETTLE_MS)
    const from = localTime(performance.now())
    for (const viewer of viewers) viewer.startCounting(from)
    for (let left = Math.ceil(options.seconds); left > 0; left--) {
      process.stderr.write(`\rwatching, ${left} s left  `)
      await sleep(Math.min(1000, options.seconds * 1000))
    }
    process.stderr.write('\n')
    const reports = viewers.map(report)
    const load = (await (await fetch(new URL('/healthz', url), { headers: { cookie } })).json()) as ServerLoad
    const { cpuPercent, eventLoopDelayMs, transport } = load
    return {
      total: sumUp(reports, options.seconds),
      viewers: reports,
      server: { cpuPercent, eventLoopDelayMs, ...(transport === undefined ? {} : { transport }) },
    }
  } finally {
    clearInterval(timer)
    for (const viewer of viewers) viewer.close()
  }
}

async function main(): Promise<number> {
  const options = readSimOptions(process.argv.slice(2))
  if (options === 'help') {
    process.stdout.write(SIM_HELP)
    return 0
  }
  const own =
    options.url === undefined
      ? await startOwnServer(['--play', options.query, '--preset', options.preset, '--log-level', 'warn'])
      : undefined
  try {
    const result = await watch(
      options,
      own?.url ?? (options.url as string),
      own?.pin ?? (options.pin as string),
    )
    process.stdout.write(renderReport(result))
    if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(result, null, 2)}\n`)
    return result.total.failed === 0 ? 0 : 1
  } finally {
    await own?.close()
  }
}

main().then(
  (code) => process.exit(code),
  (error: Error) => {
    process.stderr.write(`sim: ${error.message}\n`)
    process.exit(2)
  },
)
