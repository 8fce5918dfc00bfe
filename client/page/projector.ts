// The projector: frames go in, picture and sound come out on one clock. The player, the screen, the speakers, and the loop that
// asks all three.

import { localTime } from '../../vendor/asciline/index.ts'
import { Player } from '../playback/index.ts'
import { AudioOutput } from './audio-output.ts'
import { element } from './element.ts'
import { PictureLoop } from './picture-loop.ts'
import { drawnLook, type Preferences } from './preferences.ts'
import { RUNGS, type RungName } from './screen/rung.ts'
import { Screen } from './screen/screen.ts'
import { cssColour } from './settings-sheet.ts'

export type ProjectorOptions = {
  stage: HTMLElement
  preferences: Preferences
  sendControl: (text: string) => void
  sendFleeting: (text: string) => void
  /** Another rung draws; `why` is there when nobody asked for it. */
  onRung: (name: RungName, why: string | undefined) => void
  /** The sound has begun, stopped, or been held back by the browser. */
  onSound: () => void
  /** A picture of the programme is on the screen, or none is any more. */
  onPicture: (on: boolean) => void
  /** Every display frame. */
  onFrame: (now: number) => void
  /** Twice a second, also while the page is hidden. */
  onBeat: (now: number) => void
}

/** Made of parts that others may ask; what makes one programme of them is here. */
export class Projector {
  readonly screen: Screen
  readonly player: Player
  readonly sound: AudioOutput
  readonly loop: PictureLoop
  readonly #options: ProjectorOptions
  #surface: Preferences['surface']

  constructor(options: ProjectorOptions) {
    this.#options = options
    const { stage, preferences, sendControl, sendFleeting, onRung, onSound, onPicture, onFrame, onBeat } =
      options
    // `?surface=NAME` overrules the setting for this visit, for somebody on the phone with somebody in a car.
    const asked = new URLSearchParams(location.search).get('surface')
    this.#surface = preferences.surface
    this.screen = new Screen({
      stage,
      look: drawnLook(preferences.look),
      background: cssColour(preferences.background),
      wanted: RUNGS.find((name) => name === asked) ?? preferences.surface,
      onRung,
    })
    this.player = new Player({
      painter: this.screen,
      sendControl,
      mayLag: true,
      sendFleeting,
      onTimeline: (timeline, newEpoch) => {
        if (newEpoch) this.loop.recent.clear()
        this.screen.crop(timeline.picture)
        // Silent at once; the timeline that goes on finds it again where it stopped.
        if (timeline.paused) this.sound.end()
        else this.sound.begin(timeline)
      },
      // The status says so too, over another connection: a frame between the two would count as the next programme's.
      onEnded: () => this.end(),
    })
    this.sound = new AudioOutput({
      element: element('sound', HTMLAudioElement),
      target: (at) => this.player.soundTarget(at),
      onState: onSound,
    })
    this.loop = new PictureLoop({
      player: this.player,
      screen: this.screen,
      sound: this.sound,
      onPicture: () => onPicture(true),
      onFrame,
      onBeat,
    })
  }

  start(): void {
    const { stage, preferences } = this.#options
    this.player.aim.avOffsetMs = preferences.avOffsetMs
    this.sound.setVolume(preferences.volume, preferences.muted)
    new ResizeObserver(() => this.screen.fit()).observe(stage)
    this.loop.start()
  }

  /** Frames are due: a programme runs that has been announced here and has not ended. */
  get running(): boolean {
    return this.player.timeline !== undefined && !this.player.ended
  }

  hearFrame(message: Uint8Array): void {
    this.player.onFrameMessage(message, localTime(performance.now()))
  }

  hearControl(text: string): void {
    this.player.onControlMessage(text, localTime(performance.now()))
  }

  /** Shows from now on what the preferences say. */
  adjust(): void {
    const { look, background, surface, avOffsetMs } = this.#options.preferences
    this.screen.setLook(drawnLook(look))
    this.screen.setBackground(cssColour(background))
    if (surface !== this.#surface) this.screen.choose(surface)
    this.#surface = surface
    this.player.aim.avOffsetMs = avOffsetMs
  }

  /** The programme is over: what is on the screen is none of the next one, and what was sent but not yet shown is still heard. */
  end(): void {
    this.loop.clear()
    this.#options.onPicture(false)
    this.sound.end(this.player.playoutDelayMs ?? 0)
  }
}
