// Shows every frame when its time has come, one after the other, whole or not: takes its slices out of the store, has them painted
// and enters it in the books. Which time it is the sound says while there is some, and the programme clock otherwise.

import type { Timeline } from '../../signaling/messages.ts'
import type { LocalTime, MediaTime } from '../../vendor/asciline/index.ts'
import { digestPicture, localTime, mediaTime } from '../../vendor/asciline/index.ts'
import { DisplayAim } from './display-aim.ts'
import type { FrameBooks } from './frame-books.ts'
import { PictureCheck } from './picture-check.ts'
import type { PlayerOptions } from './player-options.ts'
import { type Master, PresentationClock } from './presentation-clock.ts'
import { frameAt, frameTime } from './programme.ts'
import type { ProgrammeClock } from './programme-clock.ts'
import { type Shown, ShownPicture } from './shown-picture.ts'
import { REACH, type SliceStore } from './slice-store.ts'

export type PlayoutOptions = Pick<PlayerOptions, 'painter' | 'onPresented' | 'verify'> & {
  programme: ProgrammeClock
  store: SliceStore
  books: FrameBooks
}

/** Without a tick for this long (a hidden tab gets no animation frames) arriving messages move the picture on. */
const UNATTENDED_MS = 250

/** The half of a player that the screen drives; what it takes from the store the other half has put there. */
export class Playout {
  readonly aim = new DisplayAim()
  /** Only with `verify`. */
  readonly check: PictureCheck | undefined
  readonly #options: PlayoutOptions
  readonly #clock = new PresentationClock()
  readonly #shown: ShownPicture
  #tickedAt = localTime(Number.NEGATIVE_INFINITY)
  #soundAheadMs: number | undefined

  constructor(options: PlayoutOptions) {
    this.#options = options
    this.check = options.verify ? new PictureCheck() : undefined
    this.#shown = new ShownPicture(options.painter)
  }

  /** The frame on the screen; undefined before the first. */
  get frame(): number | undefined {
    return this.#shown.frame
  }

  get master(): Master {
    return this.#clock.master
  }

  /** How far the sound is ahead of the presentation clock in milliseconds; undefined while it is silent. */
  get soundAheadMs(): number | undefined {
    return this.#soundAheadMs
  }

  /** Another epoch; its slices come into an empty store. */
  begin(timeline: Timeline): void {
    this.#clock.reset()
    this.aim.reset()
    this.check?.reset()
    this.#shown.begin(timeline, timeline.epoch)
  }

  /** The sound's position in programme time; undefined while it does not sound. */
  pushAudio(position: MediaTime | undefined, now: LocalTime): void {
    this.#clock.pushAudio(position, now)
    const shown = this.#clock.read(now)
    this.#soundAheadMs = position === undefined || shown === undefined ? undefined : (position - shown) * 1000
  }

  /** Where the sound should be: on the programme clock, but with the frames as the display shows them. */
  soundTarget(now: LocalTime): MediaTime | undefined {
    const time = this.#options.programme.time(now)
    return time === undefined ? undefined : mediaTime(time + this.aim.serverShift)
  }

  /** Aims at the display and presents what is due. */
  tick(now: LocalTime): void {
    this.#tickedAt = now
    const { programme, books } = this.#options
    const { timeline } = programme
    const before = this.#shown.frame
    const time = this.#clock.read(now)
    if (timeline !== undefined && time !== undefined) this.aim.aim(timeline, time, programme.time(now))
    this.#advance(now)
    if (this.#shown.frame !== before) books.stats.framesPresented += 1
  }

  /** Presents what is due where nobody ticks. */
  attend(now: LocalTime): void {
    if (now - this.#tickedAt > UNATTENDED_MS) this.#advance(now)
  }

  /** What to show; undefined before the first picture. */
  take(): Shown | undefined {
    return this.#shown.take()
  }

  /** Paints a slice whose frame has been on the screen already, or one of a picture to begin with. */
  paintLate(frame: number, message: Uint8Array): void {
    this.#paint(this.#shown.frame ?? frame, message)
  }

  /** How long ago a frame's time was, in milliseconds. */
  lateMs(timeline: Timeline, frame: number, now: LocalTime): number {
    const time = this.#clock.read(now) ?? frameTime(timeline, frame)
    return (time - frameTime(timeline, frame)) * 1000 + this.aim.aheadMs
  }

  /** As far as frames are known to exist. */
  #advance(now: LocalTime): void {
    const { programme, store, books } = this.#options
    const { timeline } = programme
    if (timeline === undefined) return
    const clock = this.#clock.take(programme.time(now), now, this.soundTarget(now))
    if (clock === undefined) return
    const time = this.aim.seenAt(clock)
    const due = frameAt(timeline, time, this.aim.shift)
    // A first message from nowhere must not keep the store waiting for ever.
    if (store.next !== undefined && store.next > due + 2 * REACH) store.clear()
    const last = Math.min(due, store.newest)
    if (store.next !== undefined && store.next > last) return
    while (store.next !== undefined && store.next <= last) {
      const frame = store.next
      const record = store.record(frame)
      for (const message of record.messages) this.#paint(frame, message)
      if (!record.complete) this.#shown.mend(store.record(frame + 1).messages)
      const overdueMs = (time - frameTime(timeline, frame)) * 1000
      const inTime = books.present(record, overdueMs, now)
      store.advance()
      if (!this.#shown.present(frame)) continue
      const { picture } = this.#shown
      if (inTime && picture !== undefined) this.check?.pushShown(frame, digestPicture(picture))
      this.#options.onPresented?.(frame, inTime)
    }
    books.settle()
  }

  #paint(frame: number, message: Uint8Array): void {
    if (!this.#shown.paint(frame, message)) this.#options.books.stats.slicesRefused += 1
  }
}
