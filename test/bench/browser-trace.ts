// What Chromium's own tracing tells of a run: when a picture reached the display, and how long the collector of garbage held
// a page up.

import type { Browser } from 'playwright-core'

/** One complete or instant event, times in microseconds of the tracing clock. */
type TraceEvent = {
  name: string
  cat?: string
  ts: number
  dur?: number
  /** Of that, the time its thread ran. */
  tdur?: number
  ph: string
  pid: number
  tid: number
  args?: { name?: string }
}

/** One instant per picture that the display compositor has handed over. */
const DISPLAYED = 'disabled-by-default-display.framedisplayed'
/** What a page marks with performance.mark, to lay its clock beside this one. */
const MARKS = 'blink.user_timing'
const GARBAGE = 'v8'
const COLLECTIONS = /^(MinorGC|MajorGC|V8\.GC(Scavenger|Compactor|Finalize\w*|Incremental\w*))$/

/** A pause of a page's main thread for garbage, `at` on the trace's clock; those within another are listed too. */
export type Collection = { name: string; at: number; ms: number; cpuMs: number }

export type BrowserTrace = {
  /** When each picture was displayed, in milliseconds, rising. */
  displayedMs: number[]
  collections: Collection[]
  /** Time of the first `performance.mark` of this name, on the same clock as `displayedMs`. */
  markMs: (name: string) => number | undefined
}

/**
 * Traces garbage collections and nothing else: tracing makes garbage too. A browser has pages that nobody sees, with a heap of their own
 * each: told are the collections of those that set a mark meanwhile.
 */
export const traceGarbage = (browser: Browser) => traceBrowser(browser, [GARBAGE, MARKS])

/** Starts tracing; the function it resolves with ends it. Throws when the browser is being traced already. */
export async function traceBrowser(
  browser: Browser,
  includedCategories = [DISPLAYED, MARKS],
): Promise<() => Promise<BrowserTrace>> {
  const session = await browser.newBrowserCDPSession()
  const events: TraceEvent[] = []
  session.on('Tracing.dataCollected', ({ value }) => {
    for (const event of value as unknown as TraceEvent[]) events.push(event)
  })
  const complete = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve))
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories, recordMode: 'recordAsMuchAsPossible' },
  })
  return async () => {
    await session.send('Tracing.end')
    await complete
    await session.detach()
    return read(events)
  }
}

function read(events: TraceEvent[]): BrowserTrace {
  const marking = new Set(
    events.filter(({ cat, ph }) => cat?.includes(MARKS) && 'IiR'.includes(ph)).map(({ pid }) => pid),
  )
  const main = new Set(
    events
      .filter(
        ({ name, args, pid }) =>
          name === 'thread_name' && args?.name === 'CrRendererMain' && marking.has(pid),
      )
      .map(({ pid, tid }) => `${pid} ${tid}`),
  )
  return {
    displayedMs: events
      .filter(({ name }) => name === 'Display::FrameDisplayed')
      .map(({ ts }) => ts / 1000)
      .sort((a, b) => a - b),
    collections: events
      .filter(({ name, pid, tid }) => COLLECTIONS.test(name) && main.has(`${pid} ${tid}`))
      .map(({ name, ts, dur = 0, tdur = 0 }) => ({
        name,
        at: ts / 1000,
        ms: dur / 1000,
        cpuMs: tdur / 1000,
      })),
    markMs: (wanted) => {
      const mark = events.find(({ name }) => name === wanted)
      return mark === undefined ? undefined : mark.ts / 1000
    },
  }
}
