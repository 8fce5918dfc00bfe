// A server, a bad network and a viewer in one loop over simulated time: seeded, so that every run is the same run.

import { Player, type PlayerOptions } from '../../../client/playback/index.ts'
import type { Timeline } from '../../../signaling/messages.ts'
import { digestPicture, localTime, SliceDecoder, SliceEncoder } from '../../../vendor/asciline/index.ts'

export type LinkOptions = {
  seed?: number
  /** Share of frames-channel messages that vanish. The control channel is reliable. */
  loss?: number
  duplicates?: number
  delayMs?: number
  /** Added to the delay, uniform; more than a frame of it reorders. */
  jitterMs?: number
  /** Server clock minus viewer clock. */
  clockOffsetMs?: number
  tickMs?: number
  fps?: number
  cols?: number
  rows?: number
  player?: PlayerOptions
}

type Delivery = { at: number; order: number; deliver: () => void }

export const baseTimeline: Timeline = {
  type: 'timeline',
  epoch: 1,
  preset: 'low',
  cols: 48,
  rows: 24,
  fps: 25,
  frame: 0,
  at: 0,
  start: 0,
  playoutDelayMs: 120,
  audio: { sampleRate: 48_000, samplesPerFrame: 1024, primingSamples: 1024 },
}

/** mulberry32: 32 bits of state are plenty for a test. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** Run it with {@link advance}; the viewer is `player`. */
export class LossyLink {
  readonly player: Player
  readonly timeline: Timeline
  readonly #options: Required<Omit<LinkOptions, 'player'>>
  readonly #random: () => number
  readonly #encoder: SliceEncoder
  readonly #reference: SliceDecoder
  readonly #rgb: Uint8Array
  #queue: Delivery[] = []
  #order = 0
  /** Viewer's clock in ms. */
  now = 0
  #frame = 0
  #sending = true
  frozen = false

  constructor(options: LinkOptions = {}) {
    const defaults = {
      seed: 1,
      loss: 0,
      duplicates: 0,
      delayMs: 20,
      jitterMs: 0,
      clockOffsetMs: 1e6,
      tickMs: 4,
    }
    const grid = { fps: baseTimeline.fps, cols: baseTimeline.cols, rows: baseTimeline.rows }
    this.#options = { ...defaults, ...grid, ...options }
    const { seed, fps, cols, rows, clockOffsetMs } = this.#options
    this.#random = seededRandom(seed)
    this.#encoder = new SliceEncoder({ cols, rows, fps, bytesPerSecond: 200_000 })
    this.#reference = new SliceDecoder({ cols, rows })
    this.#reference.epoch(1)
    this.#rgb = new Uint8Array(cols * rows * 3)
    this.timeline = { ...baseTimeline, fps, cols, rows, at: clockOffsetMs }
    this.player = new Player({
      verify: true,
      ...options.player,
      sendControl: (text) => this.#toServer(text),
    })
    this.control(this.timeline)
  }

  /** Lets `ms` pass. */
  advance(ms: number): void {
    const { tickMs } = this.#options
    for (const end = this.now + ms; this.now < end; this.now += tickMs) {
      while (this.#sending && this.now >= this.#dueAt(this.#frame)) this.#sendFrame()
      this.#queue.sort((a, b) => a.at - b.at || a.order - b.order)
      while (this.#queue.length > 0 && this.#queue[0].at <= this.now) this.#queue.shift()?.deliver()
      if (!this.frozen) this.player.tick(localTime(this.now))
    }
  }

  /** The source has nothing more to send. */
  stopSending(): void {
    this.#sending = false
  }

  /** The source goes on, its next frame leaving now. */
  resumeAnchored(): void {
    this.#sending = true
    this.timeline.frame = this.#frame
    this.timeline.at = this.now + this.#options.clockOffsetMs
    this.control(this.timeline)
  }

  /** True when the viewer shows what a decoder without loss shows. */
  pictureMatches(): boolean {
    const shown = this.player.tick(localTime(this.now))
    return (
      shown?.picture !== undefined && digestPicture(shown.picture) === digestPicture(this.#reference.picture)
    )
  }

  /** A message of the server's on the control channel. */
  control(message: object): void {
    const text = JSON.stringify(message)
    this.#later(this.#options.delayMs, () => this.player.onControlMessage(text, localTime(this.now)))
  }

  #dueAt(frame: number): number {
    const { at, frame: anchor } = this.timeline
    return at - this.#options.clockOffsetMs + ((frame - anchor) * 1000) / this.#options.fps
  }

  #sendFrame(): void {
    const frame = this.#frame++
    this.#draw(frame)
    const slices = this.#encoder.encode(this.#rgb, frame, 1)
    for (const slice of slices) {
      this.#reference.decode(slice)
      if (this.#random() >= this.#options.loss) this.#carry(slice)
      if (this.#random() < this.#options.duplicates) this.#carry(slice)
    }
    this.control({ type: 'digest', epoch: 1, frame, digest: digestPicture(this.#reference.picture) })
  }

  #carry(slice: Uint8Array): void {
    const delay = this.#options.delayMs + this.#random() * this.#options.jitterMs
    this.#later(delay, () => this.player.onFrameMessage(slice, localTime(this.now)))
  }

  #toServer(text: string): void {
    const message = JSON.parse(text)
    if (message.type !== 'ping') return
    this.#later(this.#options.delayMs, () => {
      this.control({ type: 'pong', sent: message.sent, at: this.now + this.#options.clockOffsetMs })
    })
  }

  #later(ms: number, deliver: () => void): void {
    this.#queue.push({ at: this.now + ms, order: this.#order++, deliver })
  }

  /** A bright bar that moves a column per frame over a still gradient. */
  #draw(frame: number): void {
    const { cols, rows } = this.#options
    for (let row = 0, i = 0; row < rows; row++) {
      for (let col = 0; col < cols; col++, i += 3) {
        const bar = Math.abs(col - (frame % cols)) < 3
        this.#rgb[i] = bar ? 250 : row * 8
        this.#rgb[i + 1] = bar ? 240 : col * 4
        this.#rgb[i + 2] = bar ? 60 : 90
      }
    }
  }
}
