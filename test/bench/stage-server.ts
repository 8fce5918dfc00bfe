// The server's process of the transport bench: a real source, encoder and audience, without HTTP and signaling.

import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { Broadcast } from '../../src/encode/broadcast.ts'
import { FrameBus } from '../../src/encode/frame-bus.ts'
import { PRESETS } from '../../src/encode/preset.ts'
import { probe } from '../../src/source/probe.ts'
import { openSource } from '../../src/source/source.ts'
import { localTime, mediaTime } from '../../vendor/asciline/index.ts'
import { openStack, type Stack } from './stack.ts'
import {
  EPOCH,
  type FromServerProcess,
  type ServerReport,
  type StageOptions,
  type ToServer,
} from './stage.ts'

const now = () => localTime(performance.now())
const say = (message: FromServerProcess) => process.send?.(message)
const log = { info: () => {}, warn: (text: string) => process.stderr.write(`${text}\n`) }

/** The histogram measures whole intervals; what is beyond one is delay. */
const RESOLUTION_MS = 5
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
delay.enable()

class BenchServer {
  readonly #bus = new FrameBus()
  readonly #audience: Stack
  #broadcast: Broadcast | undefined
  #measuredFrom = { cpu: process.cpuUsage(), at: performance.now(), slices: 0, bytes: 0 }

  constructor({ stack, playoutDelayMs }: StageOptions) {
    this.#bus.subscribe(({ index, slices }) => say({ type: 'frame', frame: index, slices }))
    this.#audience = openStack(stack, {
      bus: this.#bus,
      timeline: () => this.#broadcast?.timeline(),
      joinSlices: () => this.#broadcast?.joinSlices(),
      playoutDelayMs,
      now,
      log,
    })
  }

  async play({ clip, preset, playoutDelayMs }: StageOptions): Promise<void> {
    const demo = clip === 'demo:'
    const media = demo
      ? ({ kind: 'demo', title: 'Demo', live: false, video: { url: clip, format: 'lavfi' } } as const)
      : ({ kind: 'file', title: clip, live: false, video: { url: clip } } as const)
    const info = await probe(media, { ffprobe: 'ffprobe' })
    const source = await openSource({ media, info, preset: PRESETS[preset], ffmpeg: 'ffmpeg', log })
    // Nobody listens: the ring of sound keeps what it can and lets the rest go.
    this.#broadcast = new Broadcast({
      source,
      preset: PRESETS[preset],
      epoch: EPOCH,
      start: mediaTime(0),
      playoutDelayMs,
      bus: this.#bus,
      announce: (message) => this.#audience.announce(message),
      now,
    })
    await this.#broadcast.started
  }

  async open(viewer: number): Promise<void> {
    const offer = await this.#audience.open({ id: String(viewer), address: '127.0.0.1' })
    say({ type: 'offer', viewer, ...offer })
  }

  answer(peer: string, sdp: string): Promise<void> {
    return this.#audience.answer(peer, sdp)
  }

  async leave(peer: string): Promise<void> {
    await this.#audience.close(peer)
  }

  measure(): void {
    delay.reset()
    const { slices, bytes } = this.#sent()
    this.#measuredFrom = { cpu: process.cpuUsage(), at: performance.now(), slices, bytes }
  }

  report(): ServerReport {
    const { cpu, at, slices, bytes } = this.#measuredFrom
    const sent = this.#sent()
    const used = process.cpuUsage(cpu)
    const seconds = (performance.now() - at) / 1000
    return {
      cpuSeconds: (used.user + used.system) / 1e6,
      seconds,
      packetsPerSecond: (sent.slices - slices) / seconds,
      bytesSent: sent.bytes - bytes,
      clockOrigin: performance.timeOrigin,
      eventLoopLateMs: {
        p99: delay.percentile(99) / 1e6 - RESOLUTION_MS,
        max: delay.max / 1e6 - RESOLUTION_MS,
      },
      viewers: this.#audience.stats(),
    }
  }

  #sent(): { slices: number; bytes: number } {
    const stats = this.#audience.stats()
    return {
      slices: stats.reduce((sum, { slicesSent }) => sum + slicesSent, 0),
      bytes: stats.reduce((sum, { bytesSent }) => sum + bytesSent, 0),
    }
  }
}

let server: BenchServer | undefined
process.on('message', async (raw) => {
  const message = raw as ToServer
  switch (message.type) {
    case 'start':
      server = new BenchServer(message.options)
      await server.play(message.options)
      say({ type: 'started' })
      break
    case 'open':
      await server?.open(message.viewer)
      break
    case 'answer':
      await server?.answer(message.peer, message.sdp)
      break
    case 'leave':
      await server?.leave(message.peer)
      break
    case 'measure':
      server?.measure()
      break
    case 'report':
      if (server !== undefined) say({ type: 'report', report: server.report() })
      break
  }
})
