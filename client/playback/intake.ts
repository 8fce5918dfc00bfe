// Everything between a message's arrival and the place where its slice is filed: what is of no programme that is on is kept or refused,
// what parity can bring is made, what comes after its time is painted at once.

import type { Timeline } from '../../signaling/messages.ts'
import type { LocalTime, SliceHeader } from '../../vendor/asciline/index.ts'
import { blankSliceHeader, parseParity, parseSliceHeader, TAG_PARITY } from '../../vendor/asciline/index.ts'
import type { FrameBooks } from './frame-books.ts'
import type { GapWatch } from './gap-watch.ts'
import type { PlayerOptions } from './player-options.ts'
import type { Playout } from './playout.ts'
import type { ProgrammeClock } from './programme-clock.ts'
import { REACH, type SliceStore } from './slice-store.ts'
import { UnannouncedSlices } from './unannounced-slices.ts'

export type IntakeOptions = Pick<PlayerOptions, 'mayLag'> & {
  programme: ProgrammeClock
  store: SliceStore
  books: FrameBooks
  gaps: GapWatch
  playout: Playout
}

/** Slices of this many epochs back are leftovers; anything else unknown may be an epoch still to be announced. */
const LEFTOVER_EPOCHS = 4

/** The half of a player that the network drives; what it puts into the store the other half shows. Never throws. */
export class Intake {
  readonly #options: IntakeOptions
  readonly #unannounced = new UnannouncedSlices()
  readonly #header = blankSliceHeader()

  constructor(options: IntakeOptions) {
    this.#options = options
  }

  /** A message's bytes are kept until its frame is due. True for a slice of the programme that is on. */
  push(message: Uint8Array, now: LocalTime): boolean {
    const { programme, books, playout } = this.#options
    const { stats } = books
    stats.bytes += message.length
    if (message[4] === TAG_PARITY) {
      this.#pushParity(message, now)
      return false
    }
    const header = parseSliceHeader(message, this.#header)
    if (header === undefined) {
      stats.slicesRefused += 1
      return false
    }
    const current = programme.timeline
    if (current === undefined || header.epoch !== (current.epoch & 15)) {
      const back = current === undefined ? 0 : (current.epoch - header.epoch) & 15
      if (back >= 1 && back <= LEFTOVER_EPOCHS) stats.slicesRefused += 1
      else this.#unannounced.push(header.epoch, message)
      return false
    }
    playout.attend(now)
    this.#file(current, header, message, now)
    if (!header.join) this.#recover(current, header.frame, now)
    return true
  }

  /** The messages that came before their epoch was announced, to be pushed anew. */
  takeHeld(epoch: number): readonly Uint8Array[] {
    return this.#unannounced.take(epoch & 15)
  }

  /** It says nothing before the programme it belongs to is known, and nothing of one that is over. */
  #pushParity(message: Uint8Array, now: LocalTime): void {
    const { programme, store, books } = this.#options
    const header = parseParity(message)
    const current = programme.timeline
    const known = header !== undefined && current !== undefined && header.epoch === (current.epoch & 15)
    if (!known || store.pushParity(header, message) === 'refused') books.stats.slicesRefused += 1
    else this.#recover(current, header.frame, now)
  }

  /** Files the slice a frame lacks when its parity can bring it, as if it had just come. */
  #recover(timeline: Timeline, frame: number, now: LocalTime): void {
    const { store, books } = this.#options
    const message = store.recover(frame)
    if (message === undefined) return
    const header = parseSliceHeader(message, this.#header)
    if (header === undefined || header.join || header.epoch !== (timeline.epoch & 15)) {
      books.stats.slicesRefused += 1
      return
    }
    books.stats.slicesRecovered += 1
    this.#file(timeline, header, message, now)
  }

  #file(timeline: Timeline, header: SliceHeader, message: Uint8Array, now: LocalTime): void {
    const { programme, store, books, playout } = this.#options
    const { frame } = header
    const expected = programme.frame(now)
    // No honest frame is far ahead of the server's own clock.
    if (expected !== undefined && frame > expected + REACH) {
      books.stats.slicesRefused += 1
      return
    }
    if (expected !== undefined && store.next !== undefined && frame >= store.next + REACH) {
      books.passedOver(store.jump(frame))
    }
    const placement = store.push(header, message, now)
    books.filed(header, placement)
    if (placement === 'late') playout.paintLate(frame, message)
    if (header.join || placement === 'duplicate' || placement === 'refused') return
    const record = store.record(frame)
    if (placement === 'held') books.arrived(record)
    else books.cameLate(record, playout.lateMs(timeline, frame, now))
    if (record.complete) this.#completed(timeline, frame, now)
  }

  /** The slice just filed was the last that its frame lacked: what does that say about the path? */
  #completed({ playoutDelayMs }: Timeline, frame: number, now: LocalTime): void {
    const { programme, gaps, playout, mayLag } = this.#options
    const { sync, own } = programme
    const { offsetMs, rttMs } = sync
    const times = programme.timesOf(frame)
    if (times === undefined || offsetMs === undefined || rttMs === undefined) return
    const asked = gaps.arrived(frame, now - times.leftAt, now)
    if (!mayLag) return
    own.arrived(times.leftAt + offsetMs, asked, now)
    const answerMs = gaps.slackMs + rttMs
    own.learn({ offsetMs, playoutDelayMs, aheadMs: playout.aim.aheadMs, answerMs }, now)
  }
}
