// Packs macroblocks into messages of at most SLICE_MAX_BYTES: as many as fit, then the next slice.

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
import { encodeAge, encodeBlock, encodeRun } from './block-encoder.ts'
import {
  CHANGING,
  CHROMA,
  CONTEXTS,
  LUMA,
  MEND,
  MENDING,
  ONTO,
  ONTO_CHROMA,
  ONTO_LUMA,
  TOP,
  WHOLE,
} from './contexts.ts'
import { MEND_STEPS } from './macroblock.ts'
import { BLOCK_LEVELS, BLOCKS, type MacroblockLevels } from './macroblock-levels.ts'
import { ChangeSurroundings, Neighbours } from './neighbours.ts'
import { FLUSH_BYTES, RangeEncoder } from './range-encoder.ts'
import { START_TABLE } from './start-table.ts'

/** The slice number is one byte. */
const MAX_SLICES = 256

/**
 * One macroblock alone always fits a slice: 256 levels, none above MAX_LEVEL, are 24 raw bits each at most, which is
 * 768 bytes, and decisions that adapt within a few levels. So the coder holds a full slice and one more macroblock.
 */
const CODER_CAPACITY = 2 * SLICE_MAX_BYTES

/** Per macroblock: how it is coded, with which levels, and, for a change, how old what it changes is. */
export type Plan = {
  levels: MacroblockLevels
  modes: Uint8Array
  ages: Uint16Array
  /** For a join: what goes on top of `levels` where these modes say so. */
  tops?: { levels: MacroblockLevels; modes: Uint8Array }
}

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
  readonly #macroblockCols: number
  readonly #luma: Neighbours
  readonly #blue: Neighbours
  readonly #red: Neighbours
  #step = 0
  readonly #lumaChange = new ChangeSurroundings()
  readonly #chromaChange = new ChangeSurroundings()
  #mode = WHOLE
  #plan!: Plan

  /** `macroblocks` is how many a frame has, `macroblockCols` how many side by side. */
  constructor({ macroblocks, macroblockCols }: { macroblocks: number; macroblockCols: number }) {
    this.#macroblockCols = macroblockCols
    this.#luma = new Neighbours({ columns: 2 * macroblockCols })
    this.#blue = new Neighbours({ columns: macroblockCols })
    this.#red = new Neighbours({ columns: macroblockCols })
    this.#messages = new Uint8Array(Math.min(MAX_SLICES, macroblocks) * SLICE_MAX_BYTES)
  }

  begin({ frame, epoch, join }: { frame: number; epoch: number; join: boolean }): void {
    this.slices = 0
    this.#header.frame = frame
    this.#header.epoch = epoch & 15
    this.#header.join = join
  }

  /**
   * Codes addresses[from .. to) with this luma step, whole quarters; a slice ends wherever they do not ascend.
   */
  add(plan: Plan, addresses: Uint16Array, from: number, to: number, step: number): void {
    this.#plan = plan
    this.#step = step
    let next = from
    while (next < to && (this.slices + 1) * SLICE_MAX_BYTES <= this.#messages.length) {
      next = this.#packSlice(addresses, next, to)
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
  #packSlice(addresses: Uint16Array, from: number, to: number): number {
    const coder = this.#coder
    coder.begin(START_TABLE)
    this.#luma.begin()
    this.#blue.begin()
    this.#red.begin()
    this.#lumaChange.begin()
    this.#chromaChange.begin()
    this.#mode = WHOLE
    this.#encodeMacroblock(addresses[from])
    let next = from + 1
    while (next < to) {
      const run = addresses[next] - addresses[next - 1] - 1
      if (run < 0) break
      coder.save()
      encodeRun(coder, run)
      this.#encodeMacroblock(addresses[next])
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

  #encodeMacroblock(macroblock: number): void {
    const { levels, modes, ages, tops } = this.#plan
    const coder = this.#coder
    const mode = modes[macroblock]
    coder.encode(ONTO + this.#mode, mode === CHANGING ? 1 : 0)
    if (mode === CHANGING) {
      encodeAge(coder, ages[macroblock])
      this.#encodeChange(levels, macroblock)
    } else {
      coder.encode(MEND + this.#mode, mode === MENDING ? 1 : 0)
      this.#encodeWhole(levels, macroblock, mode === MENDING ? MEND_STEPS : 1)
      if (this.#header.join) {
        const top = tops?.modes[macroblock] === CHANGING
        coder.encode(TOP, top ? 1 : 0)
        if (tops !== undefined && top) this.#encodeChange(tops.levels, macroblock)
      }
    }
    this.#mode = mode
  }

  #encodeChange(levels: MacroblockLevels, macroblock: number): void {
    const coder = this.#coder
    const luma = this.#lumaChange
    const chroma = this.#chromaChange
    const block = macroblock * BLOCKS
    luma.push(encodeBlock(coder, ONTO_LUMA, levels, block, 0, luma))
    luma.push(encodeBlock(coder, ONTO_LUMA, levels, block + 1, 0, luma))
    chroma.push(encodeBlock(coder, ONTO_CHROMA, levels, block + 2, 0, chroma))
    chroma.push(encodeBlock(coder, ONTO_CHROMA, levels, block + 3, 0, chroma))
  }

  #encodeWhole(levels: MacroblockLevels, macroblock: number, coarser: number): void {
    const quarters = this.#step * 4 * coarser
    const row = Math.floor(macroblock / this.#macroblockCols)
    const column = macroblock - row * this.#macroblockCols
    const block = macroblock * BLOCKS
    this.#encodeBlock(levels, block, LUMA, this.#luma, row, 2 * column, quarters)
    this.#encodeBlock(levels, block + 1, LUMA, this.#luma, row, 2 * column + 1, quarters)
    this.#encodeBlock(levels, block + 2, CHROMA, this.#blue, row, column, 2 * quarters)
    this.#encodeBlock(levels, block + 3, CHROMA, this.#red, row, column, 2 * quarters)
  }

  #encodeBlock(
    levels: MacroblockLevels,
    block: number,
    plane: number,
    neighbours: Neighbours,
    row: number,
    column: number,
    quarters: number,
  ): void {
    neighbours.look(row, column, quarters)
    const predicted = Math.floor(neighbours.predicted / quarters + 0.5)
    const nonzeros = encodeBlock(this.#coder, plane, levels, block, predicted, neighbours)
    neighbours.push(row, column, levels.levels[block * BLOCK_LEVELS] * quarters, nonzeros)
  }
}
