// The server's process of the transport bench: a real source, encoder and audience, without HTTP and signaling.

import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import type { ControlFromServer } from '../../signaling/messages.ts'
import { Broadcast } from '../../src/encode/broadcast.ts'
import { FrameBus } from '../../src/encode/frame-bus.ts'
import { PRESETS } from '../../src/encode/preset.ts'
import { probe } from '../../src/source/probe.ts'
import { openSource } from '../../src/source/source.ts'
import { Audience } from '../../src/transport/audience.ts'
import { localTime, mediaTime } from '../../vendor/asciline/index.ts'
import { loopback } from '../src/transport/studio.ts'
import type { FromServerProcess, ServerReport, StageOptions, ToServer } from './stage.ts'

const now = () => localTime(performance.now())
const say = (message: FromServerProcess) => process.send?.(message)
const log = { info: () => {}, warn: (text: string) => process.stderr.write(`${text}\n`) }

/** The histogram measures whole intervals; what is beyond one is delay. */
const RESOLUTION_MS = 5
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
delay.enable()

class BenchServer {
  readonly #bus = new FrameBus()
  readonly #audience: Audience
  #broadcast: Broadcast | undefined
  #measuredFrom = { cpu: process.cpuUsage(), at: performance.now(), slices: 0 }

  constructor({ playoutDelayMs }: StageOptions) {
    this.#audience = new Audience({
      bus: this.#bus,
      timeline: () => this.#broadcast?.timeline(),
      joinSlices: () => this.#broadcast?.joinSlices(),
      playoutDelayMs,
      maxViewers: 1000,
      interfaces: loopback,
      now,
      log,
    })
  }

  async play({ clip, preset, playoutDelayMs }: StageOptions): Promise<void> {
    const media = { kind: 'file', title: clip, live: false, video: { url: clip } } as const
    const info = await probe(media, { ffprobe: 'ffprobe' })
    const source = await openSource({ media, info, preset: PRESETS[preset], ffmpeg: 'ffmpeg', log })
    // Nobody listens: the ring of sound keeps what it can and lets the rest go.
    this.#broadcast = new Broadcast({
      source,
      preset: PRESETS[preset],
      epoch: 1,
      start: mediaTime(0),
      playoutDelayMs,
      bus: this.#bus,
      announce: (message) => this.#announce(message),
      now,
    })
    this.#broadcast.verify(true)
    await this.#broadcast.started
  }

  async open(viewer: number): Promise<void> {
    const { peer, sdp } = await this.#audience.open({ id: String(viewer), address: '127.0.0.1' })
    say({ type: 'offer', viewer, peer, sdp })
  }

  answer(peer: string, sdp: string): Promise<void> {
    return this.#audience.answer(peer, sdp)
  }

  measure(): void {
    delay.reset()
    this.#measuredFrom = { cpu: process.cpuUsage(), at: performance.now(), slices: this.#slices() }
  }

  report(): ServerReport {
    const { cpu, at, slices } = this.#measuredFrom
    const used = process.cpuUsage(cpu)
    const seconds = (performance.now() - at) / 1000
    return {
      cpuSeconds: (used.user + used.system) / 1e6,
      seconds,
      packetsPerSecond: (this.#slices() - slices) / seconds,
      eventLoopLateMs: {
        p99: delay.percentile(99) / 1e6 - RESOLUTION_MS,
        max: delay.max / 1e6 - RESOLUTION_MS,
      },
      viewers: this.#audience.stats(),
    }
  }

  #slices(): number {
    return this.#audience.stats().reduce((sum, { slicesSent }) => sum + slicesSent, 0)
  }

  #announce(message: ControlFromServer): void {
    if (message.type === 'digest') say({ type: 'digest', text: JSON.stringify(message) })
    else this.#audience.announce(message)
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
    case 'measure':
      server?.measure()
      break
    case 'report':
      if (server !== undefined) say({ type: 'report', report: server.report() })
      break
  }
})
