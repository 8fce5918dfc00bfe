// One epoch of a programme: a source and, once it is its turn, the broadcast of what it decodes.

import type { CellRect, ControlFromServer, PresetName } from '../../signaling/messages.ts'
import { type LocalTime, mediaTime } from '../../vendor/asciline/index.ts'
import { Broadcast } from '../encode/broadcast.ts'
import type { FrameBus } from '../encode/frame-bus.ts'
import { PRESETS } from '../encode/preset.ts'
import type { Source } from '../source/source.ts'

export type LegOptions = {
  source: Source
  /** Where in the grid its picture lies. */
  picture: CellRect
  epoch: number
  preset: PresetName
  /** Programme seconds of frame 0. */
  from: number
  /** Somebody has jumped here: the first picture may leave before its time. */
  jumped: boolean
  paused: boolean
  /** The source is a file here, or drawn here. */
  local: boolean
  playoutDelayMs: number
  bus: FrameBus
  announce: (message: ControlFromServer) => void
  now: () => LocalTime
}

// Enough to start without a gap; what a live stream brings in bursts is waited for when it runs dry. A file comes faster than
// it is shown, so that its first frame can go at once.
const START_SECONDS = 0.1
/** What is left of the playout delay for the way of a first picture; whoever is further away sees it as soon as it is there. */
const FIRST_WAY_MS = 20

/** On the air when made. */
export class Leg {
  readonly source: Source
  readonly broadcast: Broadcast
  readonly epoch: number
  readonly preset: PresetName
  readonly from: number
  readonly #now: () => LocalTime
  readonly #since: LocalTime
  #parked = false

  constructor(options: LegOptions) {
    const { source, picture, epoch, preset, from, jumped, paused, playoutDelayMs, bus, announce, now } =
      options
    this.source = source
    this.epoch = epoch
    this.preset = preset
    this.from = from
    this.#now = now
    this.#since = now()
    this.broadcast = new Broadcast({
      source,
      picture,
      preset: PRESETS[preset],
      epoch,
      start: mediaTime(from),
      playoutDelayMs,
      paused,
      startSeconds: options.local ? 0 : START_SECONDS,
      headStartMs: jumped ? Math.max(0, playoutDelayMs - FIRST_WAY_MS) : 0,
      bus,
      announce,
      now,
    })
  }

  /** Programme seconds on the screens now. */
  get position(): number {
    return this.broadcast.position(this.#now())
  }

  /** Programme seconds behind the last frame that has been decoded. */
  get reach(): number {
    return this.from + (this.source.frames.arriving + 1) / PRESETS[this.preset].fps
  }

  /** Seconds that have passed and were not played. */
  get behind(): number {
    return Math.max(0, (this.#now() - this.#since) / 1000 - (this.position - this.from))
  }

  /** The source has been given up while the picture stands; going on means opening it again. */
  get parked(): boolean {
    return this.#parked
  }

  async park(): Promise<void> {
    this.#parked = true
    await this.source.close()
  }

  /** Takes it off the air and ends the source. May be called twice. */
  async close(): Promise<void> {
    this.broadcast.close()
    await this.source.close()
  }
}
