// Packs macroblocks into messages of at most SLICE_MAX_BYTES: as many as fit, then the next slice.

import type { Picture } from '../cells/picture.ts'
import {
  blankSliceHeader,
  EMPTY_BYTES,
  markLastSlice,
  SLICE_HEADER_BYTES,
  SLICE_MAX_BYTES,
  TAG_EMPTY,
  TAG_SLICE,
  writeSliceHeader,
} from '../protocol/slice-header.ts'
import { encodeBlock, encodeRun, quantise } from './block-encoder.ts'
import { CHROMA, CONTEXTS, LUMA } from './contexts.ts'
import { FORWARD_SCALE, forwardDct } from './dct.ts'
import { chromaOffset, lumaOffset } from './macroblock.ts'
import { FLUSH_BYTES, RangeEncoder } from './range-encoder.ts'
import { START_TABLE } from './start-table.ts'

/** The slice number is one byte. */
const MAX_SLICES = 256

/**
 * One macroblock alone always fits a slice: 256 levels, none above MAX_LEVEL, are 24 raw bits each at most, which is
 * 768 bytes, and decisions that adapt within a few levels. So the coder holds a full slice and one more macroblock.
 */
const CODER_CAPACITY = 2 * SLICE_MAX_BYTES

/** The slices of one frame: `begin`, `add` once per step, then `take` hands the messages out. */
export class SlicePacker {
  /** Slices packed so far, at most 256; what did not fit is what `ends` of the last slice leaves over. */
  slices = 0
  /** Per slice: its bytes, and the index into the addresses behind its last one. */
  readonly bytes = new Uint16Array(MAX_SLICES)
  readonly ends = new Uint16Array(MAX_SLICES)

  readonly #messages: Uint8Array
  readonly #coder = new RangeEncoder({ contexts: CONTEXTS, capacity: CODER_CAPACITY })
  readonly #header = blankSliceHeader()
  readonly #block = new Float64Array(64)
  readonly #levels = new Int16Array(64)
  readonly #lumaScale = new Float64Array(64)
  readonly #chromaScale = new Float64Array(64)
  #step = 0
  #y = 0
  #cb = 0
  #cr = 0

  /** `macroblocks` is how many a frame has. */
  constructor({ macroblocks }: { macroblocks: number }) {
    this.#messages = new Uint8Array(Math.min(MAX_SLICES, macroblocks) * SLICE_MAX_BYTES)
  }

  begin({ frame, epoch, join }: { frame: number; epoch: number; join: boolean }): void {
    this.slices = 0
    this.#header.frame = frame
    this.#header.epoch = epoch & 15
    this.#header.join = join
  }

  /** Codes addresses[from .. to) with this luma step, whole quarters; a slice ends wherever they do not ascend. */
  add(picture: Picture, addresses: Uint16Array, from: number, to: number, step: number): void {
    this.#useStep(step)
    let next = from
    while (next < to && (this.slices + 1) * SLICE_MAX_BYTES <= this.#messages.length) {
      next = this.#packSlice(picture, addresses, next, to)
    }
  }

  /** Copies of the first `count` slices, the last of them marked; an EMPTY when there is none. */
  take(count: number): Uint8Array[] {
    if (count === 0) return [this.#empty()]
    const messages: Uint8Array[] = []
    for (let slice = 0; slice < count; slice += 1) {
      const at = slice * SLICE_MAX_BYTES
      messages.push(this.#messages.slice(at, at + this.bytes[slice]))
    }
    markLastSlice(messages[count - 1])
    return messages
  }

  #empty(): Uint8Array {
    const message = new Uint8Array(EMPTY_BYTES)
    const header = this.#header
    header.tag = TAG_EMPTY
    header.slice = 0
    header.step = 0
    writeSliceHeader(message, header)
    markLastSlice(message)
    return message
  }

  /** Returns the index behind the last macroblock that fitted. */
  #packSlice(picture: Picture, addresses: Uint16Array, from: number, to: number): number {
    const coder = this.#coder
    coder.begin(START_TABLE)
    this.#y = 0
    this.#cb = 0
    this.#cr = 0
    this.#encodeMacroblock(picture, addresses[from])
    let next = from + 1
    while (next < to) {
      const run = addresses[next] - addresses[next - 1] - 1
      if (run < 0) break
      coder.save()
      encodeRun(coder, run)
      this.#encodeMacroblock(picture, addresses[next])
      if (coder.position + FLUSH_BYTES > SLICE_MAX_BYTES - SLICE_HEADER_BYTES) {
        coder.takeBack()
        break
      }
      next += 1
    }
    this.#finishSlice(addresses[from], next - from, next)
    return next
  }

  #finishSlice(first: number, count: number, end: number): void {
    const at = this.slices * SLICE_MAX_BYTES
    const header = this.#header
    header.tag = TAG_SLICE
    header.slice = this.slices
    header.step = this.#step
    header.first = first
    header.count = count
    writeSliceHeader(this.#messages, header, at)
    this.bytes[this.slices] = this.#coder.finish(this.#messages, at + SLICE_HEADER_BYTES) - at
    this.ends[this.slices] = end
    this.slices += 1
  }

  #encodeMacroblock(picture: Picture, macroblock: number): void {
    const { stride, chromaStride } = picture
    const luma = lumaOffset(picture, macroblock)
    const chroma = chromaOffset(picture, macroblock)
    this.#y = this.#encodeBlock(picture.y, luma, stride, this.#lumaScale, LUMA, this.#y)
    this.#y = this.#encodeBlock(picture.y, luma + 8, stride, this.#lumaScale, LUMA, this.#y)
    this.#cb = this.#encodeBlock(picture.cb, chroma, chromaStride, this.#chromaScale, CHROMA, this.#cb)
    this.#cr = this.#encodeBlock(picture.cr, chroma, chromaStride, this.#chromaScale, CHROMA, this.#cr)
  }

  /** Returns the first level, which predicts the next block's. */
  #encodeBlock(
    samples: Uint8Array,
    at: number,
    stride: number,
    scale: Float64Array,
    plane: number,
    predicted: number,
  ): number {
    forwardDct(samples, at, stride, this.#block)
    const last = quantise(this.#block, scale, this.#levels)
    encodeBlock(this.#coder, plane, this.#levels, last, predicted)
    return this.#levels[0]
  }

  #useStep(step: number): void {
    if (step === this.#step) return
    this.#step = step
    for (let index = 0; index < 64; index += 1) {
      this.#lumaScale[index] = FORWARD_SCALE[index] / step
      this.#chromaScale[index] = FORWARD_SCALE[index] / (2 * step)
    }
  }
}
