// The viewer without a screen: takes what the two channels bring and says, whenever it is asked, which picture to show.
// The page asks in requestAnimationFrame, the simulator from a timer; neither does anything the other does not.

import type { ControlFromViewer, Pace, Timeline } from '../../signaling/messages.ts'
import type { LocalTime, MediaTime } from '../../vendor/asciline/index.ts'
import { parseControlFromServer } from './control-text.ts'
import type { DisplayAim } from './display-aim.ts'
import { FrameBooks } from './frame-books.ts'
import { GapWatch } from './gap-watch.ts'
import { Intake } from './intake.ts'
import { questionFor } from './lost-slices.ts'
import type { PlayerOptions } from './player-options.ts'
import type { PlayerStats } from './player-stats.ts'
import { Playout } from './playout.ts'
import type { Master } from './presentation-clock.ts'
import { ProgrammeClock } from './programme-clock.ts'
import type { Shown } from './shown-picture.ts'
import { SliceStore } from './slice-store.ts'

const REPORT_INTERVAL_MS = 300

/** Never throws on what the network brings; memory is bounded. All `now` are of one monotonic clock. */
export class Player {
  readonly #options: PlayerOptions
  readonly #programme = new ProgrammeClock()
  readonly #store = new SliceStore()
  readonly #books = new FrameBooks()
  readonly #gaps = new GapWatch()
  readonly #playout: Playout
  readonly #intake: Intake
  #ended = false
  #reconnected = false
  #pace: Pace = 'full'
  #reportedAt = Number.NEGATIVE_INFINITY

  constructor(options: PlayerOptions = {}) {
    this.#options = options
    const shared = { ...options, programme: this.#programme, store: this.#store, books: this.#books }
    this.#playout = new Playout(shared)
    this.#intake = new Intake({ ...shared, gaps: this.#gaps, playout: this.#playout })
  }

  /** The display and the viewer's own correction; set by whoever has a display. */
  get aim(): DisplayAim {
    return this.#playout.aim
  }

  get stats(): PlayerStats {
    const { check } = this.#playout
    if (check !== undefined) this.#books.stats.framesCorrect = check.correct
    return this.#books.stats
  }

  /** Starts all counts and distributions anew: what came before a measurement is not part of it. */
  restartStats(): void {
    this.#books.restart()
    this.#playout.check?.restart()
  }

  get timeline(): Timeline | undefined {
    return this.#programme.timeline
  }

  /** True after the server has said that the programme is over. */
  get ended(): boolean {
    return this.#ended
  }

  /** How much of the picture the server sends over this connection. */
  get pace(): Pace {
    return this.#pace
  }

  get rttMs(): number | undefined {
    return this.#programme.sync.rttMs
  }

  /** Server clock minus local clock in milliseconds; undefined before the first pong. */
  get clockOffsetMs(): number | undefined {
    return this.#programme.sync.offsetMs
  }

  /** How long after its departure a frame is shown here, in milliseconds; undefined before the first programme. */
  get playoutDelayMs(): number | undefined {
    return this.#programme.playoutDelayMs
  }

  /** How much later than other viewers this one sees everything, for the sake of its path, in milliseconds. */
  get ownDelayMs(): number {
    return this.#programme.own.ms
  }

  get master(): Master {
    return this.#playout.master
  }

  /** How far the sound is ahead of the presentation clock in milliseconds; undefined while it is silent. */
  get soundAheadMs(): number | undefined {
    return this.#playout.soundAheadMs
  }

  /**
   * Messages come over another connection, perhaps from another server. The next timeline tells: when it is of the epoch
   * that is on, everything goes on; when not, nothing learned about the server's clock holds. The picture stays.
   */
  reconnected(): void {
    this.#reconnected = true
    this.#programme.own.reset()
    this.#pace = 'full'
    this.#reportedAt = Number.NEGATIVE_INFINITY
  }

  /** Programme time to see at `now`, all viewers the same but for {@link ownDelayMs}; the sound is steered towards it. */
  serverTime(now: LocalTime): MediaTime | undefined {
    return this.#programme.time(now)
  }

  /**
   * Where the sound should be at `now`: with the frames as this display shows them, at most half a refresh from
   * {@link serverTime}. Aimed at the server's clock itself, it would be that much off the picture for a whole programme.
   */
  soundTarget(now: LocalTime): MediaTime | undefined {
    return this.#playout.soundTarget(now)
  }

  /** The sound's position in programme time, every display frame; undefined while it does not sound. */
  setAudioClock(position: MediaTime | undefined, now: LocalTime): void {
    this.#playout.pushAudio(position, now)
  }

  /** A message of the frames channel; its bytes are kept until its frame is due. */
  onFrameMessage(message: Uint8Array, now: LocalTime): void {
    if (this.#intake.push(message, now)) this.#askAgain(now)
  }

  /** A message of the control channel. */
  onControlMessage(text: string, now: LocalTime): void {
    const message = parseControlFromServer(text)
    if (message === undefined) return
    switch (message.type) {
      case 'pong':
        this.#programme.sync.push(message.sent, message.at, now)
        break
      case 'timeline':
        this.#announce(message, now)
        break
      case 'ended':
        if (message.epoch !== this.#programme.timeline?.epoch) return
        this.#ended = true
        this.#options.onEnded?.(message.epoch)
        break
      case 'pace':
        this.#pace = message.pace
        break
      case 'digest':
        if (message.epoch === this.#programme.timeline?.epoch)
          this.#playout.check?.pushMeant(message.frame, message.digest)
        break
    }
  }

  /** Pings and reports that are due; `tick` does it too, a hidden page calls it from a timer. */
  beat(now: LocalTime): void {
    if (this.#programme.sync.pingDue(now)) this.#send({ type: 'ping', sent: now })
    if (this.#programme.timeline === undefined || now - this.#reportedAt < REPORT_INTERVAL_MS) return
    this.#reportedAt = now
    const { framesLate: late, framesMissing: missing } = this.#books.stats
    this.#send({
      type: 'report',
      epoch: this.#programme.timeline.epoch,
      frame: this.#playout.frame ?? -1,
      late,
      missing,
    })
  }

  /** Decodes what is due and says what to show; undefined before the first picture. */
  tick(now: LocalTime): Shown | undefined {
    this.beat(now)
    this.#playout.tick(now)
    this.#askAgain(now)
    return this.#playout.take()
  }

  #announce(timeline: Timeline, now: LocalTime): void {
    const before = this.#programme.timeline
    const newEpoch = before?.epoch !== timeline.epoch
    this.#programme.timeline = timeline
    if (this.#options.verify && (before === undefined || this.#reconnected))
      this.#send({ type: 'verify', on: true })
    if (this.#reconnected && newEpoch) this.#programme.sync.reset()
    if (this.#reconnected || newEpoch) this.#gaps.reset()
    this.#reconnected = false
    if (newEpoch) {
      this.#ended = false
      this.#store.clear()
      this.#books.begin(timeline.fps)
      this.#playout.begin(timeline)
    }
    this.#options.onTimeline?.(timeline, newEpoch)
    if (newEpoch) for (const held of this.#intake.takeHeld(timeline.epoch)) this.onFrameMessage(held, now)
  }

  /** Asks for what should have come by now. */
  #askAgain(now: LocalTime): void {
    const { sendFleeting } = this.#options
    const { rttMs } = this.#programme.sync
    const timeline = this.#programme.timeline
    if (sendFleeting === undefined || timeline === undefined || rttMs === undefined) return
    const held = { store: this.#store, gaps: this.#gaps }
    const question = questionFor(held, this.#programme.timesOf, { epoch: timeline.epoch, rttMs, now })
    if (question === undefined) return
    sendFleeting(JSON.stringify(question))
    this.#books.stats.framesAskedFor += question.gaps.length
  }

  #send(message: ControlFromViewer): void {
    this.#options.sendControl?.(JSON.stringify(message))
  }
}
