// Keeps a viewer's account: of every frame whose time has come it is known whether it was complete, late or lacks slices.

import type { LocalTime, SliceHeader } from '../../vendor/asciline/index.ts'
import { PlayerStats } from './player-stats.ts'
import type { FrameRecord, Placement } from './slice-store.ts'

/** Turns what happens to frames and slices into {@link PlayerStats}. */
export class FrameBooks {
  stats = new PlayerStats()
  #intervalMs = 0
  #presenting = false
  #completeFrame = -1
  #completeAt = 0
  #countedFrame = -1
  /** Frames below this were counted in an account that is closed: nothing is taken back from the one that is open. */
  #firstFrame = 0

  /** Counts anew from here; frames already accounted for stay so. */
  restart(): void {
    this.stats = new PlayerStats()
    this.#firstFrame = this.#countedFrame + 1
  }

  /** Another epoch: frame numbers start over. */
  begin(fps: number): void {
    this.#intervalMs = 1000 / fps
    this.#presenting = false
    this.#completeFrame = -1
    this.#countedFrame = -1
    this.#firstFrame = 0
  }

  /** What the store did with a slice. Those of a join are extra: they can be neither late nor lost. */
  filed({ join }: SliceHeader, placement: Placement): void {
    this.stats.slicesReceived += 1
    if (join) return
    if (placement === 'late') this.stats.slicesLate += 1
    else if (placement === 'duplicate') this.stats.slicesDuplicate += 1
    else if (placement === 'refused') this.stats.slicesRefused += 1
  }

  /** A slice has joined its frame ahead of time; the one that completes it gives a jitter sample. */
  arrived(record: FrameRecord): void {
    if (!record.complete || record.frame <= this.#completeFrame) return
    if (record.frame === this.#completeFrame + 1) {
      this.stats.jitterMs.add(Math.abs(record.completeAt - this.#completeAt - this.#intervalMs))
    }
    this.#completeFrame = record.frame
    this.#completeAt = record.completeAt
  }

  /** The frame's time has come, `overdueMs` ago. True when the frame was complete, or will not be, by its time. */
  present(record: FrameRecord, overdueMs: number, now: LocalTime): boolean {
    const { stats } = this
    const complete = record.complete
    const inTime = !complete || record.completeAt <= now - overdueMs
    record.counted = true
    this.#countedFrame = record.frame
    stats.framesExpected += 1
    if (!complete) {
      stats.framesMissing += 1
      record.lost = record.missing
      stats.slicesLost += record.lost
    } else if (inTime || !this.#presenting) stats.framesComplete += 1
    else stats.framesLate += 1
    // What waited for the clock to be known says nothing about the path.
    if (complete && this.#presenting) stats.latenessMs.add(overdueMs)
    return inTime
  }

  /** A display frame's worth of frames has been presented: from now on lateness means something. */
  settle(): void {
    this.#presenting = true
  }

  /** A slice of a frame whose time was `lateMs` ago. */
  cameLate(record: FrameRecord, lateMs: number): void {
    const { stats } = this
    if (!record.counted || record.frame < this.#firstFrame) return
    const { missing } = record
    stats.slicesLost += missing - record.lost
    record.lost = missing
    if (!record.complete) return
    stats.framesMissing -= 1
    stats.framesLate += 1
    stats.latenessMs.add(lateMs)
  }

  /** Frames that were jumped over without a trace. */
  passedOver(frames: number): void {
    this.stats.framesExpected += frames
    this.stats.framesMissing += frames
    this.stats.slicesLost += frames
  }
}
