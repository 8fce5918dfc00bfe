// One epoch on the air: takes paced pictures from the source, encodes each once, publishes it, and knows where the programme stands.

import type { CellRect, ControlFromServer, Timeline } from '../../signaling/messages.ts'
import {
  digestPicture,
  type LocalTime,
  localTime,
  type MediaTime,
  mediaTime,
  SliceDecoder,
  SliceEncoder,
} from '../../vendor/asciline/index.ts'
import { Pacer } from '../source/pacer.ts'
import type { Source } from '../source/source.ts'
import { CoarseEncoder } from './coarse-encoder.ts'
import type { FrameBus } from './frame-bus.ts'
import type { Preset } from './preset.ts'

/** 48 kHz AAC-LC as ffmpeg's encoder makes it: 1024 samples a frame, and one frame of priming that ADTS cannot declare. */
export const AUDIO_FORMAT = { sampleRate: 48_000, samplesPerFrame: 1024, primingSamples: 1024 } as const

export type BroadcastOptions = {
  source: Source
  preset: Preset
  /** Cells that hold the picture; all of them without it. */
  picture?: CellRect
  epoch: number
  /** Media time of frame 0. */
  start: MediaTime
  playoutDelayMs: number
  /** Shows the first picture and stands there. */
  paused?: boolean
  /** Seconds of frames before the first leaves. */
  startSeconds?: number
  /** How much sooner than by the schedule the first picture is shown; at most the playout delay. */
  headStartMs?: number
  bus: FrameBus
  /** Tells every viewer; called on each anchor, at the end, and with digests while somebody verifies. */
  announce: (message: ControlFromServer) => void
  now: () => LocalTime
}

/** After a pause, when what was on its way has arrived: long enough for the last frame, too short to be seen. */
const STILL_REPEAT_MS = 150

/** Goes on the air when made; `close` takes it off. */
export class Broadcast {
  readonly #options: BroadcastOptions
  readonly #encoder: SliceEncoder
  readonly #coarse: CoarseEncoder
  readonly #pacer: Pacer
  #anchor: { frame: number; at: LocalTime } | undefined
  #latest = -1
  #join: { frame: number; slices: readonly Uint8Array[] } | undefined
  #reference: SliceDecoder | undefined
  readonly #started = Promise.withResolvers<void>()
  readonly #over = Promise.withResolvers<void>()
  #paused: boolean
  #still: NodeJS.Timeout | undefined

  constructor(options: BroadcastOptions) {
    this.#options = options
    this.#paused = options.paused ?? false
    const { cols, rows, fps, bytesPerSecond } = options.preset
    this.#encoder = new SliceEncoder({ cols, rows, fps, bytesPerSecond })
    this.#coarse = new CoarseEncoder(options.preset)
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
      ...(options.startSeconds === undefined ? {} : { startSeconds: options.startSeconds }),
      ...(options.headStartMs === undefined ? {} : { headStartMs: options.headStartMs }),
    })
    if (this.#paused) this.#pacer.pause()
  }

  /** Resolves when the first frame has left; never for a broadcast that is closed before. */
  get started(): Promise<void> {
    return this.#started.promise
  }

  /** Resolves when the last frame has left or the broadcast was closed. */
  get over(): Promise<void> {
    return this.#over.promise
  }

  /** Where the programme stands; undefined until the first frame. */
  timeline(): Timeline | undefined {
    if (this.#anchor === undefined) return undefined
    const { epoch, preset, picture, start, playoutDelayMs } = this.#options
    const bars = picture !== undefined && (picture.width < preset.cols || picture.height < preset.rows)
    return {
      type: 'timeline',
      epoch,
      preset: preset.name,
      cols: preset.cols,
      rows: preset.rows,
      ...(bars ? { picture } : {}),
      fps: preset.fps,
      frame: this.#anchor.frame,
      at: this.#anchor.at,
      start,
      playoutDelayMs,
      ...(this.#paused ? { paused: true } : {}),
      audio: AUDIO_FORMAT,
    }
  }

  /** Programme time on the screens at `now`: what left a playout delay ago. */
  position(now: LocalTime): MediaTime {
    const { start, preset, playoutDelayMs } = this.#options
    const anchor = this.#anchor
    if (anchor === undefined) return start
    const passed = this.#paused ? 0 : Math.max(0, now - anchor.at - playoutDelayMs)
    // A schedule that has run dry stands at its last frame.
    const frames = Math.min(anchor.frame + (passed * preset.fps) / 1000, this.#latest + 1)
    return mediaTime(start + frames / preset.fps)
  }

  /** Stands at the frame that left last: tells every viewer where, and repairs their picture of it. */
  pause(): void {
    if (this.#paused) return
    this.#paused = true
    this.#pacer.pause()
    if (this.#anchor === undefined || this.#latest < 0) return
    const at = localTime(
      this.#anchor.at + ((this.#latest - this.#anchor.frame) * 1000) / this.#options.preset.fps,
    )
    this.#anchor = { frame: this.#latest, at }
    this.#options.announce(this.timeline() as Timeline)
    // No later frame will repair what was lost of this one.
    this.#still = setTimeout(() => this.#repeat(), STILL_REPEAT_MS)
  }

  /** Goes on with the next frame; an announcement follows when it leaves. */
  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    clearTimeout(this.#still)
    this.#pacer.resume()
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
    clearTimeout(this.#still)
    this.#pacer.close()
    this.#over.resolve()
  }

  #push(rgb: Uint8Array, index: number, dueAt: LocalTime): void {
    const { epoch, bus, announce } = this.#options
    const slices = this.#encoder.encode(rgb, index, epoch)
    this.#latest = index
    this.#started.resolve()
    const coarse = this.#coarse.encode(rgb, index, epoch, bus.coarseViewers)
    bus.publish({ epoch, index, slices, dueAt, rgb, ...(coarse === undefined ? {} : { coarse }) })
    const reference = this.#reference
    if (reference === undefined) return
    for (const slice of slices) reference.decode(slice)
    announce({ type: 'digest', epoch, frame: index, digest: digestPicture(reference.picture) })
  }

  #repeat(): void {
    const slices = this.joinSlices()
    if (slices === undefined) return
    const { epoch, bus, now } = this.#options
    // Viewers and reference alike, or their pictures would differ from here on.
    for (const slice of slices) this.#reference?.decode(slice)
    bus.publish({ epoch, index: this.#latest, slices, dueAt: now() })
  }
}
