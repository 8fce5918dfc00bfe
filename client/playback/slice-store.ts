// Holds slices until the clock reaches their frame, and keeps the books: which frames are complete, what is missing, what
// came too late.

import type { LocalTime, ParityHeader, SliceHeader } from '../../vendor/asciline/index.ts'
import { parseSliceHeader, recoverSlice } from '../../vendor/asciline/index.ts'

/** Frames that can be held ahead, and are remembered behind for their late slices: 4 s each at 60 fps. */
export const REACH = 256
const SLOTS = 2 * REACH
/** Slices held at most. 10 s of the largest preset is 2 MB in about 2400 slices. */
const MAX_MESSAGES = 4096
const MAX_BYTES = 4 * 1024 * 1024

/** What became of a message: `held` until its frame is due, `late` when its frame is past and it should be painted at once. */
export type Placement = 'held' | 'late' | 'duplicate' | 'refused'

/** Everything known of one frame; objects are reused, so keep none. */
export class FrameRecord {
  frame = -1
  /** Messages to decode when the frame is due, in order of arrival. */
  readonly messages: Uint8Array[] = []
  /** One bit per slice number. */
  readonly #seen = new Uint32Array(8)
  received = 0
  /** Number of the last slice, -1 while the slice with the last flag has not arrived. */
  lastSlice = -1
  highestSlice = -1
  /** When the slice arrived that completed the frame; NaN before. */
  completeAt = Number.NaN
  /** True once its time has come and it was counted. */
  counted = false
  /** Out of which one missing slice can be made, and of how many it was made. */
  parity: { slices: number; message: Uint8Array } | undefined
  /** Slices counted as lost when its time came, to be taken back as they arrive. */
  lost = 0

  get complete(): boolean {
    return this.lastSlice >= 0 && this.received === this.lastSlice + 1
  }

  /** Slices that must be missing: with the last flag unseen, at least the one that carries it. */
  get missing(): number {
    const slices = this.lastSlice >= 0 ? this.lastSlice + 1 : this.highestSlice + 2
    return Math.max(0, slices - this.received)
  }

  has(slice: number): boolean {
    return (this.#seen[slice >> 5] & (1 << (slice & 31))) !== 0
  }

  /** Marks a slice as arrived; false when it was there already. */
  mark({ slice, last }: SliceHeader, now: LocalTime): boolean {
    const bit = 1 << (slice & 31)
    if (this.#seen[slice >> 5] & bit) return false
    this.#seen[slice >> 5] |= bit
    this.received += 1
    if (slice > this.highestSlice) this.highestSlice = slice
    if (last) this.lastSlice = slice
    if (this.complete) this.completeAt = now
    return true
  }

  reset(frame: number): void {
    this.frame = frame
    this.messages.length = 0
    this.#seen.fill(0)
    this.received = 0
    this.lastSlice = -1
    this.highestSlice = -1
    this.completeAt = Number.NaN
    this.counted = false
    this.parity = undefined
    this.lost = 0
  }
}

/** Ring of frame records around the next frame to present. Bounded in frames, messages and bytes; never throws. */
export class SliceStore {
  readonly #records = Array.from({ length: SLOTS }, () => new FrameRecord())
  #next: number | undefined
  #started = false
  #newest = -1
  #messages = 0
  #bytes = 0

  /** Frame that is presented next; undefined before the first message. */
  get next(): number | undefined {
    return this.#next
  }

  /** Newest frame a message has shown to exist, -1 before the first. */
  get newest(): number {
    return this.#newest
  }

  get heldBytes(): number {
    return this.#bytes
  }

  /**
   * Files a slice under its frame. Join slices repaint but are not part of the frame's own count; the ones that come first are
   * `late`, so that a joiner sees its picture at once instead of after the playout delay.
   */
  push(header: SliceHeader, message: Uint8Array, now: LocalTime): Placement {
    const { frame } = header
    if (this.#next === undefined) this.#next = header.join ? frame + 1 : frame
    // Until something was presented, the first frame is simply the earliest that has arrived.
    else if (!this.#started && !header.join && frame < this.#next && this.#next - frame < REACH)
      this.#next = frame
    if (frame >= this.#next + REACH || frame < this.#next - REACH) return 'refused'
    const late = frame < this.#next
    if (late && header.join) return 'late'
    if (!late && (this.#messages >= MAX_MESSAGES || this.#bytes + message.length > MAX_BYTES))
      return 'refused'
    const record = this.record(frame)
    if (!header.join) {
      if (!record.mark(header, now)) return 'duplicate'
      if (frame > this.#newest) this.#newest = frame
    }
    if (late) return 'late'
    record.messages.push(message)
    this.#messages += 1
    this.#bytes += message.length
    return 'held'
  }

  /** Keeps a frame's parity while the frame is not due and not complete; one per frame. */
  pushParity({ frame, slices }: ParityHeader, message: Uint8Array): Placement {
    if (this.#next === undefined || frame >= this.#next + REACH) return 'refused'
    if (frame < this.#next) return 'refused'
    if (this.#bytes + message.length > MAX_BYTES) return 'refused'
    const record = this.record(frame)
    if (record.complete || record.parity !== undefined) return 'duplicate'
    record.parity = { slices, message }
    this.#bytes += message.length
    return 'held'
  }

  /** The one slice a frame lacks, when its parity can bring it; it is to be pushed like any other. Gives it once. */
  recover(frame: number): Uint8Array | undefined {
    if (this.#next === undefined || frame < this.#next || frame >= this.#next + REACH) return undefined
    const record = this.record(frame)
    const { parity } = record
    if (parity === undefined) return undefined
    if (record.complete) {
      this.#forgetParity(record)
      return undefined
    }
    if (record.received !== parity.slices - 1) return undefined
    this.#forgetParity(record)
    // Those of a join are not part of the frame's own.
    return recoverSlice(
      parity.message,
      record.messages.filter((message) => !isJoin(message)),
    )
  }

  /** The record of a frame within reach, emptied first when its place still held an older frame. */
  record(frame: number): FrameRecord {
    const record = this.#records[frame % SLOTS]
    if (record.frame !== frame) {
      this.#forget(record)
      record.reset(frame)
    }
    return record
  }

  /** The next frame's record, for decoding and counting; {@link advance} lets go of its messages. */
  peek(): FrameRecord | undefined {
    return this.#next === undefined ? undefined : this.record(this.#next)
  }

  /** Moves on past the frame that {@link peek} gave. */
  advance(): void {
    if (this.#next === undefined) return
    this.#forget(this.record(this.#next))
    this.#started = true
    this.#next += 1
  }

  /** Jumps to a frame out of reach; what was held is forgotten. Returns the frames passed over. */
  jump(frame: number): number {
    const passed = this.#next === undefined ? 0 : frame - this.#next
    this.clear()
    this.#next = frame
    this.#started = true
    return passed
  }

  /** Forgets everything: another epoch begins. */
  clear(): void {
    for (const record of this.#records) record.reset(-1)
    this.#next = undefined
    this.#started = false
    this.#newest = -1
    this.#messages = 0
    this.#bytes = 0
  }

  #forgetParity(record: FrameRecord): void {
    this.#bytes -= record.parity?.message.length ?? 0
    record.parity = undefined
  }

  #forget(record: FrameRecord): void {
    this.#forgetParity(record)
    this.#messages -= record.messages.length
    for (const message of record.messages) this.#bytes -= message.length
    record.messages.length = 0
  }
}

/** Part of a joiner's picture rather than of its frame. */
function isJoin(message: Uint8Array): boolean {
  return parseSliceHeader(message)?.join === true
}
