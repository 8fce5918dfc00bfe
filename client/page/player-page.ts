// The page in front of which somebody watches: one player, one surface, one pair of speakers, one connection.

import type { PresetName, SessionStatus } from '../../signaling/messages.ts'
import { localTime } from '../../vendor/asciline/index.ts'
import { Player, pictureText } from '../playback/index.ts'
import { AudioOutput } from './audio-output.ts'
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
import { PictureLoop } from './picture-loop.ts'
import { drawnLook, loadPreferences, MAX_AV_OFFSET_MS, savePreferences } from './preferences.ts'
import { progressAt } from './programme/position.ts'
import { ProgrammePage } from './programme/programme-page.ts'
import { isActive, isOn } from './programme/programme-state.ts'
import { PairingSheet } from './remote/pairing-sheet.ts'
import { RUNGS } from './screen/rung.ts'
import { Screen } from './screen/screen.ts'
import { cssColour, SettingsSheet } from './settings-sheet.ts'
import { wakeSpeakers } from './speakers.ts'
import { StatsOverlay, type ViewerStats } from './stats-overlay.ts'
import { describe } from './status-line.ts'
import { Subtitles } from './subtitles/subtitles.ts'
import { viewerStats } from './viewer-stats.ts'

const WHO = 'Screen'
const PROGRESS_MS = 200

declare global {
  interface Window {
    /** The figures of the overlay, for tests and for people with a console. */
    ascilineStats: () => ViewerStats
    /** The picture on the screen as text. */
    ascilineText: () => Promise<string>
  }
}

/** Wires the parts together and starts them. */
export function openPlayerPage(): void {
  const preferences = loadPreferences()
  const stage = element('stage', HTMLElement)
  const startView = element('start', HTMLDivElement)
  const progressLine = element('progress', HTMLDivElement)
  const keep = () => savePreferences(preferences)
  let browsing = false
  let drawnAt = 0

  const page = new ProgrammePage({
    who: WHO,
    preset: () => preferences.preset,
    start: startView,
    onPlay: () => browse(false),
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

  /** `?surface=NAME` overrules the setting for this visit, for somebody on the phone with somebody in a car. */
  const asked = new URLSearchParams(location.search).get('surface')
  const screen = new Screen({
    stage,
    look: drawnLook(preferences.look),
    background: cssColour(preferences.background),
    wanted: RUNGS.find((name) => name === asked) ?? preferences.surface,
    onRung: (name, why) => {
      settings.refresh()
      if (why !== undefined) commands.notify(`Now drawn by: ${name} (${why})`)
    },
  })

  const player = new Player({
    painter: screen,
    sendControl: (text) => connection.sendControl(text),
    mayLag: true,
    sendFleeting: (text) => connection.sendFleeting(text),
    onTimeline: (timeline, newEpoch) => {
      if (newEpoch) loop.recent.clear()
      screen.crop(timeline.picture)
      // Silent at once; the timeline that goes on finds it again where it stopped.
      if (timeline.paused) sound.end()
      else sound.begin(timeline)
    },
    onEnded: () => {
      // The status says so too, over another connection: a frame between the two would count as the next programme's.
      leave()
      sound.end(tailMs())
    },
  })
  const sound = new AudioOutput({
    element: element('sound', HTMLAudioElement),
    target: (at) => player.soundTarget(at),
    onState: () => draw(),
  })
  /** What has been sent but not yet shown when a programme ends. */
  const tailMs = () => player.playoutDelayMs ?? 0

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
    onFrame: (message) => player.onFrameMessage(message, localTime(performance.now())),
    onControl: (text) => player.onControlMessage(text, localTime(performance.now())),
    isPlaying: () =>
      state.facts.status?.state === 'playing' && player.timeline !== undefined && !player.ended,
  })

  const loop = new PictureLoop({
    player,
    screen,
    sound,
    onPicture: () => state.change({ picture: true }),
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
      curtain.draw(state.facts, now, browsing)
      keepPreview()
    },
  })

  const controls = new Controls({
    busy: () => browsing || page.start.typing || popoverOpen() || sheetOpen() || settings.shown,
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
  let surfaceSetting = preferences.surface

  const homeButton = element('home-button', HTMLButtonElement)
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
      browse(true)
      page.start.focus()
    },
    close,
  })
  const help = helpSheet(shortcuts)

  function hearStatus(status: SessionStatus): void {
    if (!isActive(status)) {
      leave()
      sound.end(tailMs())
    }
    page.hearStatus(status)
  }

  /** What is on the screen is none of whatever comes next. */
  function leave(): void {
    loop.clear()
    state.change({ picture: false })
  }

  function close(): void {
    if (!closeSheets()) browse(false)
  }

  function browse(on: boolean): void {
    browsing = on
    if (on) void page.start.refresh()
    draw()
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
    screen.setLook(drawnLook(preferences.look))
    screen.setBackground(cssColour(preferences.background))
    if (preferences.surface !== surfaceSetting) screen.choose(preferences.surface)
    surfaceSetting = preferences.surface
    player.aim.avOffsetMs = preferences.avOffsetMs
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
    const forced = !active && facts.asking === undefined && status?.upcoming === undefined
    const open = status !== undefined && (forced || browsing)
    startView.hidden = !open
    homeButton.hidden = forced || status === undefined
    mark(homeButton, 'aria-expanded', String(open))
    document.body.classList.toggle('browsing', open)
    document.body.classList.toggle('idle', open && !active)
    progressLine.hidden = !on
    document.body.classList.toggle('dim', !picture || open)
    controls.draw(picture && (tone === 'playing' || tone === 'live') && !open)
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
    curtain.draw(facts, performance.now(), browsing)
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

  const stats = () =>
    viewerStats({
      link: state.facts.link,
      status: state.facts.status,
      player,
      sound,
      recent: loop.recent.read(),
      screen: screen.figures,
      frame: loop.frame,
      second: loop.second,
    })
  window.ascilineStats = stats
  window.ascilineText = async () => {
    const picture = await screen.picture()
    return picture === undefined ? '' : pictureText(picture)
  }

  handleMediaKeys({
    play: () => sound.resume(),
    pause: () => sound.pause(),
    stop,
    next: () => commands.next(),
    seekBy: (seconds) => commands.seekBy(seconds),
    seekTo: (second) => commands.seekTo(second),
  })
  homeButton.addEventListener('click', () => browse(!browsing))
  statsButton.addEventListener('click', () => showStats(!overlay.shown))
  element('fullscreen-button', HTMLButtonElement).addEventListener('click', toggleFullscreen)
  element('help-button', HTMLButtonElement).addEventListener('click', () => help.show(!help.shown))
  new PairingSheet({ door, opener: element('pairing-button', HTMLButtonElement) })
  listenToKeys(shortcuts, () => !element('player-screen', HTMLElement).hidden)
  state.onChange(draw)
  showStats(preferences.stats)
  player.aim.avOffsetMs = preferences.avOffsetMs
  sound.setVolume(preferences.volume, preferences.muted)
  new ResizeObserver(() => screen.fit()).observe(stage)
  loop.start()
  void page.open()
}
