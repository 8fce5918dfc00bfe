// What a viewer that lost nothing shows, frame by frame: with it every viewer of a bench is compared.

import {
  digestPicture,
  type GridSize,
  MACROBLOCK_COLS,
  MACROBLOCK_ROWS,
  type Picture,
  SliceDecoder,
} from '../../vendor/asciline/index.ts'

/** Pictures kept: more than a second of any preset. */
const KEPT = 64
/** Blocks older than this many frames, or like nothing that was ever shown, count as this old. */
export const OLDEST = 60

/** The encoder's own rule of what counts as changed: one sample by more than this, or all by more than that on average. */
const SAMPLE_THRESHOLD = 24
const MEAN_THRESHOLD = 3

/** One for all viewers of a grid; frames are pushed in order. */
export class UnharmedPictures {
  readonly #decoder: SliceDecoder
  readonly #frames = new Float64Array(KEPT).fill(-1)
  readonly #digests = new Float64Array(KEPT)
  readonly #lumas: Uint8Array[]

  constructor(grid: GridSize, epoch: number) {
    this.#decoder = new SliceDecoder(grid)
    this.#decoder.epoch(epoch)
    this.#lumas = Array.from({ length: KEPT }, () => new Uint8Array(this.#decoder.picture.y.length))
  }

  push(frame: number, slices: readonly Uint8Array[]): void {
    for (const slice of slices) this.#decoder.decode(slice)
    const slot = frame % KEPT
    this.#frames[slot] = frame
    this.#digests[slot] = digestPicture(this.#decoder.picture)
    this.#lumas[slot]!.set(this.#decoder.picture.y)
  }

  /** Digest of the picture of a frame; undefined for one that has not come or is gone. */
  digest(frame: number): number | undefined {
    return this.#frames[frame % KEPT] === frame ? this.#digests[frame % KEPT] : undefined
  }

  /**
   * How many frames old each macroblock of a picture is that is on the screen when `frame` is due: 0 when it looks as it
   * should, otherwise back to when it last did. Empty when the frame is not known.
   */
  ages(picture: Picture, frame: number): Uint8Array {
    if (this.digest(frame) === undefined) return new Uint8Array(0)
    const ages = new Uint8Array(picture.macroblocks)
    for (let macroblock = 0; macroblock < ages.length; macroblock += 1) {
      let back = 0
      while (back < OLDEST && !this.#looksLike(picture, frame - back, macroblock)) back += 1
      ages[macroblock] = back
    }
    return ages
  }

  #looksLike(picture: Picture, frame: number, macroblock: number): boolean {
    if (frame < 0 || this.digest(frame) === undefined) return false
    const luma = this.#lumas[frame % KEPT]!
    const { y, stride, macroblockCols } = picture
    const row = Math.floor(macroblock / macroblockCols)
    const column = macroblock - row * macroblockCols
    let sum = 0
    for (let line = 0; line < MACROBLOCK_ROWS; line += 1) {
      const from = (row * MACROBLOCK_ROWS + line) * stride + column * MACROBLOCK_COLS
      for (let at = from; at < from + MACROBLOCK_COLS; at += 1) {
        const difference = Math.abs(y[at]! - luma[at]!)
        if (difference > SAMPLE_THRESHOLD) return false
        sum += difference
      }
    }
    return sum <= MEAN_THRESHOLD * MACROBLOCK_COLS * MACROBLOCK_ROWS
  }
}
