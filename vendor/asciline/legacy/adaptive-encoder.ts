// What a client that asked for `codec=adaptive` gets behind the frame index: a tag, and the smallest payload of four.
//
//   tag 0 RAW     the cells
//   tag 1 ZLIB    zlib(the cells)
//   tag 2 DELTA   zlib(numbers of the changed cells, u32 LE each, then their bytes in the same order, absolute)
//   tag 3 RLE     zlib(runs of all cells, cell-runs.ts)
//
// One encoder serves every such client, because all of them show the same cells: whoever joins or has missed a frame
// gets `full()` and from then on what everybody gets.

import { packRuns } from './cell-runs.ts'

/** Opens the payload of an adaptive frame. 4 is upstream's PROFILE, which is for pixels and lossy, and not sent here. */
export const STOCK_TAG = { raw: 0, zlib: 1, delta: 2, runs: 3 } as const

/** Upstream forces a whole frame this often, and so do we: a client may count on it. */
export const KEYFRAME_INTERVAL = 48

/** Runs above this share of the cells are not deflated to compare. */
const RUNS_SHARE = 0.5

export type AdaptiveEncoderOptions = {
  /** Cells of the grid. */
  cells: number
  /** Bytes of a cell. */
  cellBytes: number
  /** zlib-wrapped deflate (RFC 1950). */
  deflate: (bytes: Uint8Array) => Uint8Array
}

export class AdaptiveEncoder {
  readonly #options: AdaptiveEncoderOptions
  /** What every client shows: the cells of the frame encoded last. */
  readonly #shown: Uint8Array
  /** Room for a delta before it is deflated: all numbers, then all values. */
  readonly #numbers: Uint32Array
  readonly #delta: Uint8Array
  /** Room for runs that are worth a second deflate: RUNS_SHARE of the cells. */
  readonly #runs: Uint8Array
  #sinceKeyframe = KEYFRAME_INTERVAL
  #full: Uint8Array | undefined
  /** Bytes of the latest whole frame, the measure of whether a delta is worth comparing with another. */
  #fullBytes = 0

  constructor(options: AdaptiveEncoderOptions) {
    const { cells, cellBytes } = options
    this.#options = options
    this.#shown = new Uint8Array(cells * cellBytes)
    this.#numbers = new Uint32Array(cells)
    this.#delta = new Uint8Array(cells * (4 + cellBytes))
    this.#runs = new Uint8Array(Math.floor(cells * cellBytes * RUNS_SHARE))
  }

  /** Tag and payload of the next frame; the bytes are the caller's to keep. `cells` may be overwritten afterwards. */
  encode(cells: Uint8Array): Uint8Array {
    const delta = this.#sinceKeyframe < KEYFRAME_INTERVAL ? this.#encodeDelta(cells) : undefined
    this.#shown.set(cells)
    this.#full = undefined
    this.#sinceKeyframe += 1
    // A whole frame costs a millisecond of deflate; beside a delta of a fraction of the last one it cannot win.
    if (delta !== undefined && delta.length < this.#fullBytes / 4) return delta
    const full = this.full()
    if (delta !== undefined && delta.length < full.length) return delta
    this.#sinceKeyframe = 1
    return full
  }

  /** Tag and payload that paint the latest frame on any screen; made once per frame however many need it. */
  full(): Uint8Array {
    if (this.#full === undefined) {
      this.#full = this.#encodeFull()
      this.#fullBytes = this.#full.length
    }
    return this.#full
  }

  #encodeFull(): Uint8Array {
    const { cellBytes, deflate } = this.#options
    const shown = this.#shown
    const packed = deflate(shown)
    const bytes = packRuns(shown, cellBytes, this.#runs)
    const runs = bytes === undefined ? undefined : deflate(this.#runs.subarray(0, bytes))
    if (runs !== undefined && runs.length < Math.min(packed.length, shown.length))
      return tagged(STOCK_TAG.runs, runs)
    return packed.length < shown.length ? tagged(STOCK_TAG.zlib, packed) : tagged(STOCK_TAG.raw, shown)
  }

  /** undefined when so much has changed that the delta would be longer than the cells before either is deflated. */
  #encodeDelta(cells: Uint8Array): Uint8Array | undefined {
    const { cellBytes, deflate } = this.#options
    const most = Math.floor(cells.length / (4 + cellBytes))
    const count = this.#findChanges(cells, most)
    if (count > most) return undefined
    const delta = this.#delta
    let to = 0
    for (let at = 0; at < count; at += 1, to += 4) {
      const number = this.#numbers[at]
      delta[to] = number
      delta[to + 1] = number >>> 8
      delta[to + 2] = number >>> 16
      delta[to + 3] = number >>> 24
    }
    for (let at = 0; at < count; at += 1) {
      const from = this.#numbers[at] * cellBytes
      for (let byte = 0; byte < cellBytes; byte += 1, to += 1) delta[to] = cells[from + byte]
    }
    return tagged(STOCK_TAG.delta, deflate(delta.subarray(0, to)))
  }

  /** How many cells differ from what is shown; stops counting above `most`. Their numbers go to #numbers. */
  #findChanges(cells: Uint8Array, most: number): number {
    const { cellBytes } = this.#options
    const shown = this.#shown
    let count = 0
    for (let from = 0, number = 0; from < cells.length && count <= most; from += cellBytes, number += 1) {
      for (let at = from; at < from + cellBytes; at += 1) {
        if (cells[at] === shown[at]) continue
        this.#numbers[count] = number
        count += 1
        break
      }
    }
    return count
  }
}

function tagged(tag: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + payload.length)
  bytes[0] = tag
  bytes.set(payload, 1)
  return bytes
}
