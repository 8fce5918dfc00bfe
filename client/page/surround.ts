// What surrounds the picture: the bars and all that is in them, the curtain, the subtitles, the figures, the foyer. Drawn from
// what the page knows of the programme.

import type { PresetName } from '../../signaling/messages.ts'
import { localTime } from '../../vendor/asciline/index.ts'
import { mark, write } from './build.ts'
import { Controls, toggleFullscreen } from './controls/controls.ts'
import { Curtain } from './controls/curtain.ts'
import { helpSheet } from './controls/help-sheet.ts'
import { listenToKeys } from './controls/keyboard.ts'
import { playerKeys } from './controls/player-keys.ts'
import { popoverOpen } from './controls/popover.ts'
import { ProgressBar } from './controls/progress-bar.ts'
import { SeekPreview } from './controls/seek-preview.ts'
import { closeSheets, sheetOpen } from './controls/sheet.ts'
import { TransportBar } from './controls/transport-bar.ts'
import { VolumeControl } from './controls/volume-control.ts'
import { element } from './element.ts'
import { announce } from './media-session.ts'
import type { Preferences } from './preferences.ts'
import { progressAt } from './programme/position.ts'
import type { ProgrammePage } from './programme/programme-page.ts'
import { isActive, isOn } from './programme/programme-state.ts'
import type { Projector } from './projector.ts'
import { PairingSheet } from './remote/pairing-sheet.ts'
import type { SettingsSheet } from './settings-sheet.ts'
import { Foyer } from './start/foyer.ts'
import { StatsOverlay } from './stats-overlay.ts'
import { describe } from './status-line.ts'
import { Subtitles } from './subtitles/subtitles.ts'
import { viewerStats } from './viewer-stats.ts'

const PROGRESS_MS = 200

export type SurroundOptions = {
  page: ProgrammePage
  projector: Projector
  settings: SettingsSheet
  preferences: Preferences
  /** A value of `preferences` has changed. */
  onChange: () => void
  onStop: () => void
}

/** Draws itself when the state changes; `tick` and `beat` move what moves by itself. */
export class Surround {
  readonly foyer: Foyer
  readonly #options: SurroundOptions
  readonly #controls: Controls
  readonly #preview: SeekPreview
  readonly #progress: ProgressBar
  readonly #transport: TransportBar
  readonly #subtitles: Subtitles
  readonly #curtain: Curtain
  readonly #overlay: StatsOverlay
  readonly #progressLine = element('progress', HTMLDivElement)
  readonly #statusLine = element('status', HTMLParagraphElement)
  readonly #statusText = element('status-text', HTMLSpanElement)
  readonly #soundButton = element('sound-button', HTMLButtonElement)
  #progressDrawnAt = 0

  constructor(options: SurroundOptions) {
    this.#options = options
    const { page, projector, settings, preferences, onChange, onStop } = options
    const { door, state, commands } = page
    this.foyer = new Foyer({
      view: element('start', HTMLDivElement),
      onBrowse: (on) => {
        if (on) void page.start.refresh()
        this.draw()
      },
    })
    this.#controls = new Controls({
      busy: () => this.foyer.browsing || page.start.typing || popoverOpen() || sheetOpen() || settings.shown,
      onTouch: () => projector.sound.unlock(),
    })
    this.#preview = new SeekPreview({ door })
    this.#progress = new ProgressBar({
      parent: this.#progressLine,
      preview: this.#preview,
      onSeek: (second) => commands.seekTo(second),
      onLive: () => commands.goLive(),
    })
    this.#transport = new TransportBar({
      parent: element('transport', HTMLDivElement),
      commands,
      onPreset: (preset) => this.#choosePreset(preset),
      onStop,
      onQueue: () => {
        settings.show(false)
        page.queue.show(!page.queue.shown)
      },
    })
    const volume = new VolumeControl({
      parent: this.#transport.side,
      volume: preferences.volume,
      muted: preferences.muted,
      onVolume: (level, muted) => {
        preferences.volume = level
        preferences.muted = muted
        projector.sound.setVolume(level, muted)
        onChange()
      },
    })
    this.#subtitles = new Subtitles({
      layer: element('subtitles', HTMLDivElement),
      opener: this.#transport.subtitlesButton,
      door,
      preferences: preferences.subtitles,
      onChange,
    })
    this.#curtain = new Curtain({
      element: element('curtain', HTMLDivElement),
      onTryAgain: () => commands.tryAgain(),
      onPlayNow: () => commands.next(),
      onCallOff: () => commands.callOff(),
      onStop,
    })
    this.#overlay = new StatsOverlay({
      shown: preferences.stats,
      onShow: (on) => {
        preferences.stats = on
        onChange()
      },
    })
    const toggleHelp = () => help.show(!help.shown)
    const shortcuts = playerKeys({
      commands,
      volume,
      toggleSubtitles: () => this.#subtitles.toggle(),
      toggleQueue: () => page.queue.show(!page.queue.shown),
      toggleStats: () => this.#overlay.toggle(),
      toggleHelp,
      search: () => {
        this.foyer.browse(true)
        page.start.focus()
      },
      close: () => {
        if (!closeSheets()) this.foyer.browse(false)
      },
    })
    const help = helpSheet(shortcuts)
    element('fullscreen-button', HTMLButtonElement).addEventListener('click', toggleFullscreen)
    element('help-button', HTMLButtonElement).addEventListener('click', toggleHelp)
    new PairingSheet({ door, opener: element('pairing-button', HTMLButtonElement) })
    listenToKeys(shortcuts, () => !element('player-screen', HTMLElement).hidden)
    state.onChange(() => this.draw())
  }

  /** Is there, or is not while the door is shut. */
  show(on: boolean): void {
    this.#controls.show(on)
    if (!on) closeSheets()
  }

  draw(): void {
    const { page, projector, preferences } = this.#options
    const { facts } = page.state
    const { status } = facts
    const on = isOn(status)
    const active = isActive(status)
    const picture = facts.picture && on
    const { tone, text } = describe({ ...facts, picture })
    const moves = tone === 'playing' || tone === 'live'
    mark(this.#statusLine, 'data-tone', tone)
    write(this.#statusText, text)
    document.title = moves ? `${text} – asciline` : 'asciline'
    this.foyer.draw(facts)
    this.#progressLine.hidden = !on
    document.body.classList.toggle('dim', !picture || this.foyer.open)
    this.#controls.draw(picture && moves && !this.foyer.open)
    this.#transport.draw(facts)
    this.#transport.selectPreset(preferences.preset ?? status?.preset ?? 'med')
    this.#soundButton.hidden = !(active && projector.sound.state === 'blocked')
    this.#subtitles.begin(on ? (status?.session_id ?? null) : null)
    this.#preview.begin(status?.session_id ?? null, status?.duration ?? null, status?.still)
    announce({
      title: active ? (status?.title ?? '') : '',
      sounding: projector.sound.state === 'playing',
      still: status?.still,
      duration: status?.duration ?? undefined,
      position: status?.position?.media,
    })
    this.#curtain.draw(facts, performance.now(), this.foyer.browsing)
    this.#drawProgress(performance.now())
  }

  /** Every display frame. */
  tick(now: number): void {
    this.#subtitles.draw(this.#options.projector.loop.second)
    if (now - this.#progressDrawnAt < PROGRESS_MS) return
    this.#progressDrawnAt = now
    this.#drawProgress(now)
  }

  /** Twice a second. */
  beat(now: number): void {
    const { page, projector } = this.#options
    const { facts } = page.state
    this.#controls.fade(now)
    if (this.#overlay.shown) this.#overlay.draw(viewerStats(facts, projector))
    this.#curtain.draw(facts, now, this.foyer.browsing)
    this.#keepPreview()
  }

  #drawProgress(now: number): void {
    const { page, projector } = this.#options
    const { status, statusAt } = page.state.facts
    this.#progress.draw(progressAt({ status, statusAt, shown: projector.loop.second }, localTime(now)), now)
  }

  #keepPreview(): void {
    const { page, projector } = this.#options
    const { second } = projector.loop
    const { status } = page.state.facts
    if (second === undefined || status?.state !== 'playing' || !this.#preview.wants(second)) return
    void projector.screen.picture().then((picture) => picture && this.#preview.keep(second, picture))
  }

  #choosePreset(preset: PresetName): void {
    const { page, preferences, onChange } = this.#options
    preferences.preset = preset
    onChange()
    this.#transport.selectPreset(preset)
    // The programme that is on is everybody's, and so is its grid.
    const { status } = page.state.facts
    if (isOn(status) && status?.preset !== preset) page.commands.changePreset(preset)
  }
}
