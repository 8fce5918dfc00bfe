// One epoch on the air: takes paced pictures from the source, encodes each once, publishes it, and knows where the programme stands.

import type { ControlFromServer, Timeline } from '../../signaling/messages.ts'
import {
  digestPicture,
  type LocalTime,
  type MediaTime,
  SliceDecoder,
  SliceEncoder,
} from '../../vendor/asciline/index.ts'
import type { Log } from '../log.ts'
import { Pacer } from '../source/pacer.ts'
import type { Source } from '../source/source.ts'
import type { FrameBus } from './frame-bus.ts'
import type { Preset } from './preset.ts'

/** 48 kHz AAC-LC as ffmpeg's encoder makes it: 1024 samples a frame, and one frame of priming that ADTS cannot declare. */
export const AUDIO_FORMAT = { sampleRate: 48_000, samplesPerFrame: 1024, primingSamples: 1024 } as const

export type BroadcastOptions = {
  source: Source
  preset: Preset
  epoch: number
  /** Media time of frame 0. */
  start: MediaTime
  playoutDelayMs: number
  bus: FrameBus
  /** Tells every viewer; called on each anchor, at the end, and with digests while somebody verifies. */
  announce: (message: ControlFromServer) => void
  now: () => LocalTime
  log: Log
}

/** Goes on the air when made; `close` takes it off. */
export class Broadcast {
  readonly #options: BroadcastOptions
  readonly #encoder: SliceEncoder
  readonly #pacer: Pacer
  #anchor: { frame: number; at: LocalTime } | undefined
  #latest = -1
  #join: { frame: number; slices: readonly Uint8Array[] } | undefined
  #reference: SliceDecoder | undefined
  readonly #over = Promise.withResolvers<void>()

  constructor(options: BroadcastOptions) {
    this.#options = options
    const { cols, rows, fps, bytesPerSecond } = options.preset
    this.#encoder = new SliceEncoder({ cols, rows, fps, bytesPerSecond })
    this.#pacer = new Pacer({
      ring: options.source.frames,
      fps,
      now: options.now,
      onAnchor: (anchor) => {
        this.#anchor = anchor
        options.announce(this.timeline() as Timeline)
      },
      onFrame: (rgb, index, dueAt) => this.#push(rgb, index, dueAt),
      onEnd: () => this.#over.resolve(),
    })
  }

  /** Resolves when the last frame has left or the broadcast was closed. */
  get over(): Promise<void> {
    return this.#over.promise
  }

  /** Where the programme stands; undefined until the first frame. */
  timeline(): Timeline | undefined {
    if (this.#anchor === undefined) return undefined
    const { epoch, preset, start, playoutDelayMs } = this.#options
    return {
      type: 'timeline',
      epoch,
      preset: preset.name,
      cols: preset.cols,
      rows: preset.rows,
      fps: preset.fps,
      frame: this.#anchor.frame,
      at: this.#anchor.at,
      start,
      playoutDelayMs,
      audio: AUDIO_FORMAT,
    }
  }

  /** All blocks of the latest frame, for somebody who has none; made once per frame however many join on it. */
  joinSlices(): readonly Uint8Array[] | undefined {
    if (this.#latest < 0) return undefined
    if (this.#join?.frame !== this.#latest)
      this.#join = { frame: this.#latest, slices: this.#encoder.encodeJoin(this.#options.epoch) }
    return this.#join.slices
  }

  /** Decodes along and announces a digest per frame while somebody checks pictures against it. */
  verify(wanted: boolean): void {
    if (wanted === (this.#reference !== undefined)) return
    if (!wanted) {
      this.#reference = undefined
      return
    }
    const reference = new SliceDecoder(this.#options.preset)
    reference.epoch(this.#options.epoch)
    for (const slice of this.joinSlices() ?? []) reference.decode(slice)
    this.#reference = reference
  }

  close(): void {
    this.#pacer.close()
    this.#over.resolve()
  }

  #push(rgb: Uint8Array, index: number, dueAt: LocalTime): void {
    const { epoch, bus, announce } = this.#options
    const slices = this.#encoder.encode(rgb, index, epoch)
    this.#latest = index
    bus.publish({ epoch, index, slices, dueAt })
    const reference = this.#reference
    if (reference === undefined) return
    for (const slice of slices) reference.decode(slice)
    announce({ type: 'digest', epoch, frame: index, digest: digestPicture(reference.picture) })
  }
}
