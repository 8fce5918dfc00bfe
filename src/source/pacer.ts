// Lets frames out of the ring on an absolute schedule, start + n / fps, so that no error adds up. The only timer of
// the sending side lives here.

import { type LocalTime, localTime } from '../../vendor/asciline/index.ts'
import type { FrameRing } from './frame-ring.ts'
import { type Anchor, pace } from './pace.ts'

export type PacerOptions = {
  ring: FrameRing
  fps: number
  /** The schedule starts, or starts anew after the source ran dry: frame `frame` leaves at `at`. */
  onAnchor: (anchor: Anchor) => void
  /** `rgb` belongs to the ring and is valid during the call only. */
  onFrame: (rgb: Uint8Array, index: number, dueAt: LocalTime) => void
  /** The last frame has had its whole time. Called once. */
  onEnd: () => void
  /** The ring ran dry; `onAnchor` follows when enough has come. */
  onUnderrun?: () => void
  /** Seconds of frames before a (re)start: what hides the burstiness of segments without being felt as a wait. */
  startSeconds?: number
  /**
   * The very first frame leaves this long after its time, so that it is shown the sooner; those whose time passed meanwhile are
   * left out. For a place that somebody has jumped to, where nothing has been seen yet.
   */
  headStartMs?: number
  now?: () => LocalTime
}

/** Starts at once; `close` ends it without `onEnd`. */
export class Pacer {
  readonly #options: PacerOptions
  readonly #startFrames: number
  readonly #now: () => LocalTime
  readonly #leaveRing: () => void
  #anchor: Anchor | undefined
  #next: number
  #timer: NodeJS.Timeout | undefined
  #closed = false
  #paused = false
  #sent = false
  #sending = false
  #skipped = 0
  #underruns = 0

  constructor(options: PacerOptions) {
    this.#options = options
    this.#now = options.now ?? (() => localTime(performance.now()))
    // Never more than the ring can hold, or the start would wait for ever.
    const wanted = Math.ceil((options.startSeconds ?? 0.3) * options.fps)
    this.#startFrames = Math.max(1, Math.min(wanted, options.ring.capacity))
    this.#next = options.ring.oldest
    this.#leaveRing = options.ring.onAvailable(() => {
      // While the schedule runs it wakes by the clock; only a stopped one waits for frames. Those that a release brings in find
      // it at work: a second run would set a timer of its own, and with every frame there would be one more.
      if (this.#timer === undefined && !this.#sending) this.#run()
    })
    this.#timer = setTimeout(() => this.#run(), 0)
  }

  /** Frames left out because their time had passed, and times the ring ran dry. */
  get stats(): { skipped: number; underruns: number } {
    return { skipped: this.#skipped, underruns: this.#underruns }
  }

  /** Stands still from the next frame on; one that has sent nothing yet sends its first, so that there is a picture. */
  pause(): void {
    this.#paused = true
    if (!this.#sent) return
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#anchor = undefined
  }

  /** Goes on with the next frame; `onAnchor` tells when. */
  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    if (this.#timer === undefined) this.#run()
  }

  /** Stops the schedule. May be called twice. */
  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    this.#leaveRing()
  }

  /** Runs once or twice per frame. */
  #run(): void {
    this.#timer = undefined
    const { ring, fps } = this.#options
    while (!this.#closed) {
      if (this.#paused && this.#sent) {
        this.#anchor = undefined
        return
      }
      const now = this.#now()
      const step = pace({
        now,
        fps,
        anchor: this.#anchor,
        next: this.#next,
        newest: ring.newest,
        finished: ring.finished,
        startFrames: this.#startFrames,
      })
      switch (step.do) {
        case 'buffer':
          if (this.#anchor !== undefined) {
            this.#anchor = undefined
            this.#underruns += 1
            this.#options.onUnderrun?.()
          }
          return
        case 'anchor':
          this.#start(step.anchor)
          break
        case 'sleep':
          this.#timer = setTimeout(() => this.#run(), step.until - now)
          return
        case 'send':
          this.#skipped += step.skipped
          this.#send(step.frame, step.dueAt)
          break
        case 'end':
          this.close()
          this.#options.onEnd()
          return
      }
    }
  }

  #start({ frame, at }: Anchor): void {
    const { fps, onAnchor, headStartMs = 0 } = this.#options
    const early = this.#sent ? 0 : headStartMs
    this.#anchor = { frame, at: localTime(at - early) }
    onAnchor(this.#anchor)
    if (early === 0) return
    this.#send(frame, at)
    this.#next = frame + Math.max(1, Math.ceil((early * fps) / 1000))
  }

  #send(index: number, dueAt: LocalTime): void {
    const { ring, onFrame } = this.#options
    const rgb = ring.get(index)
    // Moved on first, so that a release that brings new frames in finds the pacer ready for them.
    this.#next = index + 1
    this.#sent = true
    this.#sending = true
    if (rgb !== undefined) onFrame(rgb, index, dueAt)
    ring.release(index)
    this.#sending = false
  }
}
