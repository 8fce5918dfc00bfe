// The loop that asks the player, the speakers and the screen in every display frame, and looks around twice a second.

import { localTime } from '../../vendor/asciline/index.ts'
import { DisplayInterval, frameTime, type Player, RecentStats } from '../playback/index.ts'
import type { AudioOutput } from './audio-output.ts'
import type { Screen } from './screen/screen.ts'

const SLOW_LOOP_MS = 500
const WATCH_MS = 950
/** The picture has stood still for so long that somebody wonders. */
const STALL_MS = 900

export type PictureLoopOptions = {
  player: Player
  screen: Screen
  sound: AudioOutput
  /** The first picture of another epoch is on the screen. */
  onPicture: () => void
  /** Every display frame. */
  onFrame: (now: number) => void
  /** Twice a second, also while the page is hidden. */
  onBeat: (now: number) => void
}

/** Owns the timers of the picture. */
export class PictureLoop {
  readonly recent = new RecentStats()
  readonly #options: PictureLoopOptions
  readonly #display = new DisplayInterval()
  /** Epoch whose picture is on the screen; pictures of older ones are only kept, not presented. */
  #pictured: number | undefined
  #frame = -1
  #movedAt = 0
  #watchedAt = 0
  #watchedFrames = 0

  constructor(options: PictureLoopOptions) {
    this.#options = options
  }

  start(): void {
    setInterval(() => this.#beat(), SLOW_LOOP_MS)
    requestAnimationFrame((at) => this.#present(at))
  }

  /** Newest frame on the screen, -1 before the first. */
  get frame(): number {
    return this.#frame
  }

  /** Programme second on the screen; undefined while the screen shows something older. */
  get second(): number | undefined {
    const { timeline } = this.#options.player
    return timeline === undefined || this.#pictured !== timeline.epoch
      ? undefined
      : frameTime(timeline, this.#frame)
  }

  /** How long the picture has stood still matters only while it should move. */
  stalled(now: number): boolean {
    return this.#pictured !== undefined && now - this.#movedAt > STALL_MS
  }

  /** The programme is over: what is on the screen is none of the next one. */
  clear(): void {
    this.#pictured = undefined
  }

  /** Allocates nothing but what the browser allocates for it. */
  #present(refreshAt: number): void {
    const { player, screen, sound, onPicture, onFrame } = this.#options
    const now = localTime(performance.now())
    // The display's own time: the calls themselves come early or late by what else the page has to do.
    const refresh = localTime(refreshAt)
    this.#display.push(refresh)
    player.aim.refreshMs = this.#display.ms
    player.aim.lagMs = screen.lagMs(this.#display.ms, player.timeline?.fps ?? 0)
    player.setAudioClock(sound.tick(now), now)
    const shown = player.tick(refresh)
    if (shown !== undefined) {
      if (shown.frame !== this.#frame) this.#movedAt = now
      this.#frame = shown.frame
      if (shown.fresh) {
        screen.show(refresh, this.#display.ms)
        if (player.timeline !== undefined && this.#pictured !== player.timeline.epoch && !player.ended) {
          this.#pictured = player.timeline.epoch
          onPicture()
        }
      }
    }
    onFrame(now)
    requestAnimationFrame((at) => this.#present(at))
  }

  #beat(): void {
    const { player, screen, sound, onBeat } = this.#options
    const now = localTime(performance.now())
    // A hidden tab has no display frames, but its sound goes on, and so must its pings or the server takes it for dead.
    if (document.hidden) {
      player.setAudioClock(sound.tick(now), now)
      this.#movedAt = now
    }
    player.beat(now)
    this.recent.push(player.stats, now)
    screen.fit()
    this.#watchScreen(now)
    onBeat(now)
  }

  /** Once a second of being seen: does what is decoded reach the display? */
  #watchScreen(now: number): void {
    if (now - this.#watchedAt < WATCH_MS) return
    const { player, screen } = this.#options
    const { framesPresented } = player.stats
    // After a pause of the tab the figures are of another second.
    if (!document.hidden && now - this.#watchedAt < 2 * WATCH_MS)
      void screen.watch(framesPresented - this.#watchedFrames)
    else void screen.watch(0)
    this.#watchedAt = now
    this.#watchedFrames = framesPresented
  }
}
