// Turns frames into slices, once for all viewers: what changed, what is repeated, at a step the budget allows.

import { checkGrid, type GridSize } from '../cells/grid.ts'
import { fillPicture, Picture } from '../cells/picture.ts'
import { EMPTY_BYTES, PACKET_OVERHEAD_BYTES } from '../protocol/slice-header.ts'
import { ChangeDetector } from './change-detector.ts'
import { ChangeFrames } from './change-frames.ts'
import { isBetterChanged } from './change-or-whole.ts'
import { CHANGING, MENDING, WHOLE } from './contexts.ts'
import { MacroblockLevels } from './macroblock-levels.ts'
import { MacroblockQuantiser } from './macroblock-quantiser.ts'
import { RateController, STEPS } from './rate-controller.ts'
import { type Plan, SlicePacker } from './slice-packer.ts'

/**
 * `bytesPerSecond` is the budget on the wire for one viewer, packet overhead included. `steps` are the luma steps it may choose
 * from, finest first, in whole quarters: one alone is a constant quality.
 */
export type SliceEncoderOptions = GridSize & {
  fps: number
  bytesPerSecond: number
  steps?: readonly number[]
}

/** Older bases are not worth the chance that a viewer has lost them. */
const MAX_AGE = 255

/** One encoder per grid. The messages it returns own their bytes; nothing else is allocated after construction. */
export class SliceEncoder {
  readonly #picture: Picture
  readonly #changes: ChangeDetector
  readonly #changeFrames = new ChangeFrames()
  readonly #rate: RateController
  readonly #packer: SlicePacker
  readonly #addresses: Uint16Array
  readonly #plan: Plan
  readonly #joinPlan: Plan
  readonly #quantiser = new MacroblockQuantiser()
  /** What everybody shows who has each macroblock's latest whole coding. */
  readonly #base: Picture
  /** Whether `#base` shows it by now: most whole codings are never changed, and need not be painted. */
  readonly #painted: Uint8Array
  /** Each macroblock as last coded whole, and as last sent onto that. */
  readonly #wholes: MacroblockLevels
  readonly #tops: MacroblockLevels
  /** How each macroblock was last coded: a change needs a whole one as its base. */
  readonly #sentModes: Uint8Array
  readonly #joinAddresses: Uint16Array
  /** Step each macroblock was last sent with, in quarters: a join must show exactly what the others see. */
  readonly #sentSteps: Uint8Array
  #frame = 0
  #epoch = -1
  /** Where the budget cut the previous frame: the next one starts there, so that no part of the picture starves. */
  #resumeAt = 0

  /** Throws RangeError for a bad grid, rate or budget. */
  constructor({ cols, rows, fps, bytesPerSecond, steps = STEPS }: SliceEncoderOptions) {
    checkGrid({ cols, rows })
    if (!(fps > 0 && fps <= 240)) throw new RangeError(`${fps} frames per second`)
    if (!(bytesPerSecond > 0)) throw new RangeError(`a budget of ${bytesPerSecond} bytes per second`)
    this.#picture = new Picture({ cols, rows })
    const { macroblocks } = this.#picture
    this.#changes = new ChangeDetector({ cols, rows, refreshFrames: Math.max(1, Math.round(fps)) })
    this.#rate = new RateController({ bytesPerSecond, fps, steps })
    this.#packer = new SlicePacker(this.#picture)
    this.#base = new Picture({ cols, rows })
    this.#painted = new Uint8Array(macroblocks)
    this.#wholes = new MacroblockLevels({ macroblocks })
    this.#tops = new MacroblockLevels({ macroblocks })
    this.#sentModes = new Uint8Array(macroblocks)
    const ages = new Uint16Array(macroblocks)
    this.#plan = { levels: new MacroblockLevels({ macroblocks }), modes: new Uint8Array(macroblocks), ages }
    this.#joinPlan = {
      levels: this.#wholes,
      modes: new Uint8Array(macroblocks),
      ages,
      tops: { levels: this.#tops, modes: this.#sentModes },
    }
    this.#addresses = new Uint16Array(2 * macroblocks)
    this.#joinAddresses = new Uint16Array(macroblocks)
    this.#sentSteps = new Uint8Array(macroblocks)
  }

  /** Encodes an rgb24 frame of cols * rows * 3 bytes. Never empty: an unchanged frame is one EMPTY heartbeat. */
  encode(rgb: Uint8Array, frame: number, epoch: number): Uint8Array[] {
    if (epoch !== this.#epoch) this.reset()
    this.#frame = frame
    this.#epoch = epoch
    fillPicture(this.#picture, rgb)
    const count = this.#select(frame)
    let { step } = this.#rate
    this.#pack(count, step)
    const retry = this.#rate.retryStep(this.#wireBytes(this.#packer.slices))
    if (retry !== undefined) {
      step = retry
      this.#pack(count, step)
    }
    const affordable = this.#affordableSlices()
    const messages = this.#packer.take(affordable)
    this.#recordSent(count, affordable, step)
    this.#rate.push(this.#wireBytes(affordable))
    return messages
  }

  /** All macroblocks exactly as every viewer without loss shows them; disturbs neither change detection nor budget. */
  encodeJoin(epoch: number): Uint8Array[] {
    this.#packer.begin({ frame: this.#frame, epoch, join: true })
    // One pass per step in use: a slice has one step, and another would show another picture than the others see.
    for (let quarters = 1; quarters <= 255; quarters += 1) {
      let count = 0
      for (let macroblock = 0; macroblock < this.#sentSteps.length; macroblock += 1) {
        if (this.#sentSteps[macroblock] === quarters && this.#changes.wasSent(macroblock)) {
          this.#joinAddresses[count++] = macroblock
        }
      }
      if (count > 0) this.#packer.add(this.#joinPlan, this.#joinAddresses, 0, count, quarters / 4)
    }
    return this.#packer.take(this.#packer.slices)
  }

  /** A new epoch: everything counts as changed. */
  reset(): void {
    this.#changes.reset()
    this.#rate.reset()
    this.#resumeAt = 0
  }

  // The chosen addresses once more behind themselves: any rotation of them is then one stretch of the array.
  #select(frame: number): number {
    const count = this.#changes.select(this.#picture, frame, this.#addresses)
    this.#addresses.copyWithin(count, 0, count)
    return count
  }

  #pack(count: number, step: number): void {
    this.#packer.begin({ frame: this.#frame, epoch: this.#epoch, join: false })
    const start = this.#startIndex(count)
    this.#planModes(count, step * 4)
    this.#quantise(count, step * 4)
    this.#packer.add(this.#plan, this.#addresses, start, start + count, step)
  }

  // A change goes onto a whole coding of the same step: so a join can repeat both, one on top of the other.
  #planModes(count: number, quarters: number): void {
    const { modes, ages } = this.#plan
    this.#changeFrames.begin(this.#changes, this.#sentModes, this.#addresses, count, this.#frame)
    for (let index = 0; index < count; index += 1) {
      const macroblock = this.#addresses[index]
      if (this.#changes.mends[macroblock] !== 0) {
        modes[macroblock] = MENDING
        continue
      }
      const age = this.#changes.hasMoved(macroblock)
        ? this.#frame - this.#changes.sentAt(macroblock)
        : Infinity
      const change =
        age <= MAX_AGE &&
        this.#sentModes[macroblock] === WHOLE &&
        this.#changeFrames.allows(this.#changes.sentAt(macroblock)) &&
        this.#sentSteps[macroblock] === quarters &&
        isBetterChanged(this.#picture, this.#paintedBase(macroblock), macroblock)
      modes[macroblock] = change ? CHANGING : WHOLE
      ages[macroblock] = change ? age : 0
    }
  }

  /** The base, with this macroblock in it. */
  #paintedBase(macroblock: number): Picture {
    if (this.#painted[macroblock] === 0) {
      this.#quantiser.paint(this.#wholes, macroblock, this.#sentSteps[macroblock], this.#base)
      this.#painted[macroblock] = 1
    }
    return this.#base
  }

  #quantise(count: number, quarters: number): void {
    const { levels, modes } = this.#plan
    for (let index = 0; index < count; index += 1) {
      const macroblock = this.#addresses[index]
      if (modes[macroblock] === CHANGING) {
        this.#quantiser.change(this.#picture, this.#base, macroblock, quarters, levels)
      } else if (modes[macroblock] === MENDING) {
        this.#quantiser.mending(this.#picture, macroblock, quarters, levels)
      } else {
        this.#quantiser.whole(this.#picture, macroblock, quarters, levels)
      }
    }
  }

  #startIndex(count: number): number {
    for (let index = 0; index < count; index += 1) {
      if (this.#addresses[index] >= this.#resumeAt) return index
    }
    return 0
  }

  /** How many of the packed slices fit what the budget leaves for this frame. */
  #affordableSlices(): number {
    const limit = this.#rate.limitBytes
    let slices = 0
    let bytes = 0
    while (slices < this.#packer.slices) {
      bytes += this.#packer.bytes[slices] + PACKET_OVERHEAD_BYTES
      if (bytes > limit) break
      slices += 1
    }
    return slices
  }

  #recordSent(count: number, slices: number, step: number): void {
    const start = this.#startIndex(count)
    const end = slices === 0 ? start : this.#packer.ends[slices - 1]
    let index = start
    for (; index < end; index += 1) {
      const macroblock = this.#addresses[index]
      this.#changes.markSent(this.#picture, macroblock, this.#frame)
      const mode = this.#plan.modes[macroblock]
      if (mode === MENDING) continue
      this.#sentSteps[macroblock] = step * 4
      this.#sentModes[macroblock] = mode
      if (mode === CHANGING) {
        this.#tops.copy(this.#plan.levels, macroblock)
        continue
      }
      this.#wholes.copy(this.#plan.levels, macroblock)
      this.#painted[macroblock] = 0
    }
    this.#resumeAt = index < start + count ? this.#addresses[index] : 0
  }

  #wireBytes(slices: number): number {
    if (slices === 0) return EMPTY_BYTES + PACKET_OVERHEAD_BYTES
    let bytes = slices * PACKET_OVERHEAD_BYTES
    for (let slice = 0; slice < slices; slice += 1) bytes += this.#packer.bytes[slice]
    return bytes
  }
}
