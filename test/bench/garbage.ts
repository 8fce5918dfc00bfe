// How long a playing page stands still to collect garbage, with nothing of ours in the page: see docs/benchmarks.md.

import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { Page } from 'playwright-core'
import { launchChromium, openPlayer } from '../browser/chromium.ts'
import type {} from '../browser/page-hooks.d.ts'
import { startOwnServer } from '../sim/own-server.ts'
import { type Collection, traceGarbage } from './browser-trace.ts'

const SAMPLE_BYTES = 1024

/** Throws when the server or Chromium does not come up. */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      seconds: { type: 'string', default: '60' },
      preset: { type: 'string', default: 'med' },
      surface: { type: 'string', default: 'auto' },
      settle: { type: 'string', default: '40' },
      query: { type: 'string', default: 'demo:' },
      makers: { type: 'boolean', default: false },
      json: { type: 'string' },
    },
  })
  const server = await startOwnServer(['--play', values.query, '--preset', values.preset])
  const browser = await launchChromium()
  try {
    const surface = values.surface === 'auto' ? '' : `?surface=${values.surface}`
    const page = await openPlayer(browser, { url: `${server.url}${surface}`, pin: server.pin })
    await page.waitForFunction(() => window.ascilineStats().frame > 10)
    await page.mouse.click(10, 300)
    await page.waitForFunction(() => window.ascilineStats().sound.state === 'playing')
    await page.waitForTimeout(Number(values.settle) * 1000)
    const ms = Number(values.seconds) * 1000
    const endTrace = await traceGarbage(browser)
    await page.evaluate(() => performance.mark('this page'))
    await page.waitForTimeout(ms)
    const { collections } = await endTrace()
    // Sampling makes garbage and takes time, so it has a span of its own.
    const makers = values.makers ? await makersOf(page, ms) : undefined
    const report = {
      seconds: Number(values.seconds),
      collections: byName(collections),
      longest: longestOf(collections),
      makers,
    }
    process.stdout.write(`${JSON.stringify(report, null, 1)}\n`)
    if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`)
  } finally {
    await browser.close()
    await server.close()
  }
}

/** `ms` is the clock's time, `cpuMs` what the thread ran of it: on a busy machine the first says more about the machine. */
function byName(collections: Collection[]) {
  return [...new Set(collections.map(({ name }) => name))].map((wanted) => {
    const of = collections.filter(({ name }) => name === wanted)
    const longest = (values: number[]) => Math.max(0, ...values)
    return {
      name: wanted,
      count: of.length,
      longestMs: longest(of.map(({ ms }) => ms)),
      longestCpuMs: longest(of.map(({ cpuMs }) => cpuMs)),
      over4Ms: of.filter(({ ms }) => ms > 4).length,
      totalMs: of.reduce((sum, { ms }) => sum + ms, 0),
    }
  })
}

/** The ten longest, with the seconds after the first of all at which they came. */
function longestOf(collections: Collection[]) {
  const from = Math.min(...collections.map(({ at }) => at))
  return [...collections]
    .sort((a, b) => b.ms - a.ms)
    .slice(0, 10)
    .map(({ name, at, ms, cpuMs }) => ({ name, seconds: Math.round((at - from) / 1000), ms, cpuMs }))
}

/** Functions of the page by what they allocated, in bytes a second, what was collected meanwhile included. */
async function makersOf(page: Page, ms: number) {
  const session = await page.context().newCDPSession(page)
  await session.send('HeapProfiler.startSampling', {
    samplingInterval: SAMPLE_BYTES,
    includeObjectsCollectedByMajorGC: true,
    includeObjectsCollectedByMinorGC: true,
  })
  await page.waitForTimeout(ms)
  const { profile } = await session.send('HeapProfiler.stopSampling')
  const bytes = new Map<string, number>()
  const add = ({ callFrame, selfSize, children }: (typeof profile)['head']): void => {
    const { functionName, url, lineNumber, columnNumber } = callFrame
    const name = `${functionName || '(anonymous)'} ${url.split('/').pop()}:${lineNumber}:${columnNumber}`
    bytes.set(name, (bytes.get(name) ?? 0) + selfSize)
    for (const child of children) add(child)
  }
  add(profile.head)
  return [...bytes]
    .sort(([, a], [, b]) => b - a)
    .slice(0, 20)
    .map(([name, size]) => ({ name, bytesPerSecond: Math.round((size * 1000) / ms) }))
}
