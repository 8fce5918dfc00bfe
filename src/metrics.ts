// How hard a process of the server works: CPU and event-loop delay over a sliding window, for /healthz and the simulator.

import { monitorEventLoopDelay } from 'node:perf_hooks'

const WINDOW_MS = 15_000

export type Load = {
  /** Of one core, user and system, over the window. */
  cpuPercent: number
  /** How late timers ran, in milliseconds, over the window. */
  eventLoopDelayMs: { p99: number; max: number }
  rssBytes: number
  heapBytes: number
  /** Sockets, timers, pipes and the like that are open now: flat, or something leaks. */
  handles: number
}

/** The whole server's: CPU, memory and handles of both processes; the delay is that of the one that paces. */
export type ServerLoad = Load & {
  /** The transport process alone; absent while there is none. */
  transport?: Load
}

export function addLoads(pacing: Load, transport: Load | undefined): ServerLoad {
  if (transport === undefined) return pacing
  return {
    cpuPercent: round(pacing.cpuPercent + transport.cpuPercent),
    eventLoopDelayMs: pacing.eventLoopDelayMs,
    rssBytes: pacing.rssBytes + transport.rssBytes,
    heapBytes: pacing.heapBytes + transport.heapBytes,
    handles: pacing.handles + transport.handles,
    transport,
  }
}

type IntervalHistogram = ReturnType<typeof monitorEventLoopDelay>
type Window = { since: number; cpu: NodeJS.CpuUsage; delays: IntervalHistogram }

/** Measures between 15 and 30 s back: the last full window and what has come since. */
export class LoadMeter {
  #current: Window
  #previous: Window | undefined
  readonly #timer: NodeJS.Timeout

  constructor() {
    this.#current = this.#open()
    this.#timer = setInterval(() => {
      this.#previous?.delays.disable()
      this.#previous = this.#current
      this.#current = this.#open()
    }, WINDOW_MS)
    this.#timer.unref()
  }

  read(): Load {
    const windows = [this.#previous, this.#current].filter((window) => window !== undefined)
    const from = windows[0]
    const used = process.cpuUsage(from.cpu)
    const elapsedMs = Math.max(1, performance.now() - from.since)
    // A histogram with nothing in it yet reports NaN or absurd bounds.
    const worst = (pick: (histogram: IntervalHistogram) => number) =>
      Math.max(
        0,
        ...windows
          .filter(({ delays }) => delays.count > 0)
          .map(({ delays }) => pick(delays) / 1e6 - RESOLUTION_MS),
      )
    return {
      cpuPercent: round((100 * (used.user + used.system)) / 1000 / elapsedMs),
      eventLoopDelayMs: { p99: round(worst((h) => h.percentile(99))), max: round(worst((h) => h.max)) },
      rssBytes: process.memoryUsage.rss(),
      heapBytes: process.memoryUsage().heapUsed,
      handles: process.getActiveResourcesInfo().length,
    }
  }

  close(): void {
    clearInterval(this.#timer)
    this.#current.delays.disable()
    this.#previous?.delays.disable()
  }

  #open(): Window {
    const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
    delays.enable()
    return { since: performance.now(), cpu: process.cpuUsage(), delays }
  }
}

// monitorEventLoopDelay reports the whole interval between two ticks of its timer; what exceeds the interval is the delay.
const RESOLUTION_MS = 10
const round = (value: number) => Math.round(value * 100) / 100
