// The page in front of which somebody watches: one player, one surface, one pair of speakers, one connection.

import type { PresetName, SessionStatus } from '../../signaling/messages.ts'
import { localTime } from '../../vendor/asciline/index.ts'
import { mark, write } from './build.ts'
import { Calibration } from './calibration.ts'
import { Connection } from './connection.ts'
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
import { FrameKeeper } from './frame-keeper.ts'
import { announce, handleMediaKeys } from './media-session.ts'
import { hangHooks } from './page-hooks.ts'
import { drawnLook, loadPreferences, MAX_AV_OFFSET_MS, savePreferences } from './preferences.ts'
import { progressAt } from './programme/position.ts'
import { ProgrammePage } from './programme/programme-page.ts'
import { isActive, isOn } from './programme/programme-state.ts'
import { Projector } from './projector.ts'
import { PairingSheet } from './remote/pairing-sheet.ts'
import { SettingsSheet } from './settings-sheet.ts'
import { wakeSpeakers } from './speakers.ts'
import { Foyer } from './start/foyer.ts'
import { StatsOverlay } from './stats-overlay.ts'
import { describe } from './status-line.ts'
import { Subtitles } from './subtitles/subtitles.ts'
import { viewerStats } from './viewer-stats.ts'

const WHO = 'Screen'
const PROGRESS_MS = 200

/** Wires the parts together and starts them. */
export function openPlayerPage(): void {
  const preferences = loadPreferences()
  const startView = element('start', HTMLDivElement)
  const progressLine = element('progress', HTMLDivElement)
  const keep = () => savePreferences(preferences)
  let drawnAt = 0

  const page = new ProgrammePage({
    who: WHO,
    preset: () => preferences.preset,
    start: startView,
    onPlay: () => foyer.browse(false),
    onEnter: () => {
      controls.show(true)
      connection.open()
      page.refresh()
    },
    onLocked: () => {
      connection.close()
      controls.show(false)
      closeSheets()
      sound.end(0)
    },
  })
  const { door, state, commands } = page

  const projector = new Projector({
    stage: element('stage', HTMLElement),
    preferences,
    sendControl: (text) => connection.sendControl(text),
    sendFleeting: (text) => connection.sendFleeting(text),
    onRung: (name, why) => {
      settings.refresh()
      if (why !== undefined) commands.notify(`Now drawn by: ${name} (${why})`)
    },
    onSound: () => draw(),
    onPicture: (on) => state.change({ picture: on }),
    onFrame: (now) => {
      subtitles.draw(loop.second)
      if (now - drawnAt < PROGRESS_MS) return
      drawnAt = now
      drawProgress(now)
    },
    onBeat: (now) => {
      if (player.timeline !== undefined) keeper.cover(player.timeline)
      controls.fade(now)
      if (overlay.shown) overlay.draw(stats())
      state.change({
        stalled: state.facts.status?.state === 'playing' && loop.stalled(now),
        pace: player.pace,
      })
      curtain.draw(state.facts, now, foyer.browsing)
      keepPreview()
    },
  })
  const { screen, player, sound, loop } = projector

  const connection = new Connection({
    door,
    onLink: (link) => {
      if (link.kind === 'locked') page.lock()
      else state.change({ link })
      if (link.kind === 'connected') {
        page.refresh()
        wakeSpeakers()
      }
    },
    onStatus: (status) => hearStatus(status),
    onNews: (list) => page.hearNews(list),
    onOpen: () => player.reconnected(),
    onFrame: (message) => projector.hearFrame(message),
    onControl: (text) => projector.hearControl(text),
    isPlaying: () => state.facts.status?.state === 'playing' && projector.running,
  })

  const foyer = new Foyer({
    view: startView,
    onBrowse: (on) => {
      if (on) void page.start.refresh()
      draw()
    },
  })
  const controls = new Controls({
    busy: () => foyer.browsing || page.start.typing || popoverOpen() || sheetOpen() || settings.shown,
    onTouch: () => sound.unlock(),
  })
  const preview = new SeekPreview({ door })
  const progress = new ProgressBar({
    parent: progressLine,
    preview,
    onSeek: (second) => commands.seekTo(second),
    onLive: () => commands.goLive(),
  })
  const transport = new TransportBar({
    parent: element('transport', HTMLDivElement),
    commands,
    onPreset: choosePreset,
    onStop: stop,
    onQueue: () => {
      settings.show(false)
      page.queue.show(!page.queue.shown)
    },
  })
  const volume = new VolumeControl({
    parent: transport.side,
    volume: preferences.volume,
    muted: preferences.muted,
    onVolume: (level, muted) => {
      preferences.volume = level
      preferences.muted = muted
      sound.setVolume(level, muted)
      keep()
    },
  })
  const subtitles = new Subtitles({
    layer: element('subtitles', HTMLDivElement),
    opener: transport.subtitlesButton,
    door,
    preferences: preferences.subtitles,
    onChange: keep,
  })
  const curtain = new Curtain({
    element: element('curtain', HTMLDivElement),
    onTryAgain: () => commands.tryAgain(),
    onPlayNow: () => commands.next(),
    onCallOff: () => commands.callOff(),
    onStop: stop,
  })
  const overlay = new StatsOverlay()
  const keeper = new FrameKeeper({
    screen,
    look: () => drawnLook(preferences.look),
    onDone: (words) => commands.notify(words),
  })
  const calibration = new Calibration({
    offsetMs: () => preferences.avOffsetMs,
    onMove: (byMs) => {
      const moved = preferences.avOffsetMs + byMs
      preferences.avOffsetMs = Math.min(MAX_AV_OFFSET_MS, Math.max(-MAX_AV_OFFSET_MS, moved))
      applySettings()
    },
    onShow: (on) => sound.setVolume(preferences.volume, on || preferences.muted),
  })
  const settings = new SettingsSheet({
    preferences,
    onChange: applySettings,
    onCalibrate: () => calibration.open(),
    onSave: (kind) => void keeper.save(kind),
    drawnBy: () => screen.rung,
  })

  const statsButton = element('stats-button', HTMLButtonElement)
  const statusLine = element('status', HTMLParagraphElement)
  const statusText = element('status-text', HTMLSpanElement)
  const soundButton = element('sound-button', HTMLButtonElement)

  const shortcuts = playerKeys({
    commands,
    volume,
    toggleSubtitles: () => subtitles.toggle(),
    toggleQueue: () => page.queue.show(!page.queue.shown),
    toggleStats: () => showStats(!overlay.shown),
    toggleHelp: () => help.show(!help.shown),
    search: () => {
      foyer.browse(true)
      page.start.focus()
    },
    close: () => {
      if (!closeSheets()) foyer.browse(false)
    },
  })
  const help = helpSheet(shortcuts)

  function hearStatus(status: SessionStatus): void {
    if (!isActive(status)) projector.end()
    page.hearStatus(status)
  }

  function stop(): void {
    sound.end(0)
    commands.stop()
  }

  function choosePreset(preset: PresetName): void {
    preferences.preset = preset
    keep()
    transport.selectPreset(preset)
    // The programme that is on is everybody's, and so is its grid.
    const { status } = state.facts
    if (isOn(status) && status?.preset !== preset) commands.changePreset(preset)
  }

  function showStats(on: boolean): void {
    preferences.stats = on
    overlay.show(on)
    mark(statsButton, 'aria-pressed', String(on))
    keep()
  }

  function applySettings(): void {
    projector.adjust()
    settings.refresh()
    keep()
  }

  function draw(): void {
    const { facts } = state
    const { status } = facts
    const on = isOn(status)
    const active = isActive(status)
    const picture = facts.picture && on
    const { tone, text } = describe({ ...facts, picture })
    mark(statusLine, 'data-tone', tone)
    write(statusText, text)
    document.title = tone === 'playing' || tone === 'live' ? `${text} – asciline` : 'asciline'
    foyer.draw(facts)
    progressLine.hidden = !on
    document.body.classList.toggle('dim', !picture || foyer.open)
    controls.draw(picture && (tone === 'playing' || tone === 'live') && !foyer.open)
    transport.draw(facts)
    transport.selectPreset(preferences.preset ?? status?.preset ?? 'med')
    soundButton.hidden = !(active && sound.state === 'blocked')
    subtitles.begin(on ? (status?.session_id ?? null) : null)
    preview.begin(status?.session_id ?? null, status?.duration ?? null, status?.still)
    announce({
      title: active ? (status?.title ?? '') : '',
      sounding: sound.state === 'playing',
      still: status?.still,
      duration: status?.duration ?? undefined,
      position: status?.position?.media,
    })
    curtain.draw(facts, performance.now(), foyer.browsing)
    drawProgress(performance.now())
  }

  function drawProgress(now: number): void {
    const { status, statusAt } = state.facts
    progress.draw(progressAt({ status, statusAt, shown: loop.second }, localTime(now)), now)
  }

  function keepPreview(): void {
    const { second } = loop
    const { status } = state.facts
    if (second === undefined || status?.state !== 'playing' || !preview.wants(second)) return
    void screen.picture().then((picture) => picture && preview.keep(second, picture))
  }

  const stats = () => viewerStats(state.facts, projector)
  hangHooks({ stats, screen })

  handleMediaKeys({
    play: () => sound.resume(),
    pause: () => sound.pause(),
    stop,
    next: () => commands.next(),
    seekBy: (seconds) => commands.seekBy(seconds),
    seekTo: (second) => commands.seekTo(second),
  })
  statsButton.addEventListener('click', () => showStats(!overlay.shown))
  element('fullscreen-button', HTMLButtonElement).addEventListener('click', toggleFullscreen)
  element('help-button', HTMLButtonElement).addEventListener('click', () => help.show(!help.shown))
  new PairingSheet({ door, opener: element('pairing-button', HTMLButtonElement) })
  listenToKeys(shortcuts, () => !element('player-screen', HTMLElement).hidden)
  state.onChange(draw)
  showStats(preferences.stats)
  projector.start()
  void page.open()
}
