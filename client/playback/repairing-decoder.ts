// Decodes slices, and puts what comes after its time where it belongs. A change whose base is missing is ignored when it is
// decoded, and a macroblock that was mended is no base for anything; so while a frame lacks slices, the picture before it and
// everything since are kept, and painted anew behind the slice that was missing. Then the picture is what it would be had
// nothing come late.
//
//   frames   complete | lacks a slice | ... | newest
//            [ base   ]               everything kept from here on
//                                     ^ the slice comes: live = base, then all that is kept

import type { GridSize, Picture, SliceHeader } from '../../vendor/asciline/index.ts'
import { parseSliceHeader, SliceDecoder } from '../../vendor/asciline/index.ts'

/** Frames waited for: as many as are asked for behind their time (lost-slices.ts). Each is decoded once more when it comes. */
const KEPT_FRAMES = 12
const KEPT_MESSAGES = 256

type Kept = Readonly<SliceHeader> & { message: Uint8Array }

/** One per grid, in place of a plain decoder; a late slice costs up to twelve frames of decoding. Never throws. */
export class RepairingDecoder {
  readonly #size: GridSize
  readonly #live: SliceDecoder
  #base: SliceDecoder | undefined
  /** The first frame that is not whole in the base; undefined while nothing is missing. */
  #baseFrame: number | undefined
  /** The newest frame that was mended before the next one was painted. */
  #mended = -1
  /** Ascending by frame. */
  readonly #kept: Kept[] = []
  #newest = -1
  /** Of one frame's slices, by number. */
  readonly #seen = new Uint8Array(256)

  /** Throws RangeError for a bad grid. */
  constructor(size: GridSize) {
    this.#size = { cols: size.cols, rows: size.rows }
    this.#live = new SliceDecoder(size)
  }

  /** What is to be shown; the same object for ever. */
  get picture(): Picture {
    return this.#live.picture
  }

  /** The frame a macroblock was last painted from, negative before the first. */
  paintedAt(macroblock: number): number {
    return this.#live.paintedAt(macroblock)
  }

  /** From now on only slices of this epoch count; the picture stays until they paint over it. */
  epoch(epoch: number): void {
    this.#live.epoch(epoch)
    this.#kept.length = 0
    this.#baseFrame = undefined
    this.#mended = -1
    this.#newest = -1
  }

  /** False when the message is refused. It is kept for a while: its bytes must not be written again. */
  decode(message: Uint8Array): boolean {
    const header = parseSliceHeader(message)
    if (header === undefined) return false
    const { frame } = header
    this.#keepBase(frame)
    if (!this.#live.decode(message)) return false
    let at = this.#kept.length
    while (at > 0 && this.#kept[at - 1]!.frame > frame) at -= 1
    this.#kept.splice(at, 0, { ...header, message })
    if (frame < this.#newest || frame <= this.#mended) this.#repair(frame)
    this.#newest = Math.max(this.#newest, frame)
    this.#settle()
    return true
  }

  /** Paints what a message of the next frame holds in place of the present one (`SliceDecoder.mend`). */
  mend(message: Uint8Array): boolean {
    const header = parseSliceHeader(message)
    if (header === undefined) return false
    this.#keepBase(header.frame)
    this.#mended = Math.max(this.#mended, header.frame - 1)
    return this.#live.mend(message)
  }

  /** Keeps the picture as it is when something before `frame`, which comes next, is missing. */
  #keepBase(frame: number): void {
    if (this.#baseFrame !== undefined || this.#newest < 0 || frame <= this.#newest) return
    const missing = this.#isWhole(this.#newest) ? this.#newest + 1 : this.#newest
    if (missing >= frame) return
    this.#base ??= new SliceDecoder(this.#size)
    this.#base.copyFrom(this.#live)
    this.#baseFrame = missing
  }

  #repair(frame: number): void {
    const from = this.#baseFrame
    if (this.#base === undefined || from === undefined || frame < from) return
    this.#live.copyFrom(this.#base)
    for (const kept of this.#kept) if (kept.frame >= from) this.#live.decode(kept.message)
  }

  /** Moves the base on over what is whole by now, and over what is not waited for any more. */
  #settle(): void {
    const oldest = this.#newest - KEPT_FRAMES
    while (this.#baseFrame !== undefined && this.#baseFrame <= this.#newest) {
      const frame = this.#baseFrame
      if (frame >= oldest && !this.#isWhole(frame)) break
      this.#baseFrame = Math.max(frame + 1, oldest)
      for (const kept of this.#kept)
        if (kept.frame >= frame && kept.frame < this.#baseFrame) this.#base?.decode(kept.message)
    }
    if (this.#baseFrame !== undefined && this.#baseFrame > this.#newest) this.#baseFrame = undefined
    const needed = this.#baseFrame ?? this.#newest
    let old = Math.max(0, this.#kept.length - KEPT_MESSAGES)
    while (old < this.#kept.length && this.#kept[old]!.frame < needed) old += 1
    if (old > 0) this.#kept.splice(0, old)
  }

  #isWhole(frame: number): boolean {
    let last = -1
    let slices = 0
    this.#seen.fill(0)
    for (const kept of this.#kept) {
      if (kept.frame !== frame || kept.join) continue
      slices += 1 - this.#seen[kept.slice]!
      this.#seen[kept.slice] = 1
      if (kept.last) last = kept.slice
    }
    return last >= 0 && slices === last + 1
  }
}
