// The second encoding of the same grid, for all viewers whose link is too narrow for the first: made only while somebody
// needs it. Its slices are not the other's: whoever changes over begins with a whole picture of it.

import { SliceEncoder } from '../../vendor/asciline/index.ts'
import type { EncodedFrame } from './frame-bus.ts'
import type { Preset } from './preset.ts'

/** Part of the preset's budget: HIGH is then 200 kbit/s on the wire. */
const SHARE = 0.25

/** One epoch's. */
export class CoarseEncoder {
  readonly #preset: Preset
  #encoder: SliceEncoder | undefined
  #viewers = 0

  constructor(preset: Preset) {
    this.#preset = preset
  }

  /** Undefined while nobody needs it. One viewer more gets a whole picture, and so do the others. */
  encode(rgb: Uint8Array, frame: number, epoch: number, viewers: number): EncodedFrame['coarse'] {
    const comes = viewers > this.#viewers
    this.#viewers = viewers
    if (viewers === 0) {
      this.#encoder = undefined
      return undefined
    }
    const { cols, rows, fps, bytesPerSecond } = this.#preset
    this.#encoder ??= new SliceEncoder({ cols, rows, fps, bytesPerSecond: bytesPerSecond * SHARE })
    if (comes) this.#encoder.reset()
    return { slices: this.#encoder.encode(rgb, frame, epoch), isWhole: comes }
  }
}
