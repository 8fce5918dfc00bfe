// The page: one player, one surface, one pair of speakers, one connection, and the loop that asks them in every display frame.

import type { SessionStatus } from '../../signaling/messages.ts'
import { localTime } from '../../vendor/asciline/index.ts'
import { DisplayInterval, Player, pictureText, RecentStats } from '../playback/index.ts'
import { AudioOutput } from './audio-output.ts'
import { Calibration } from './calibration.ts'
import { Connection, type Link } from './connection.ts'
import { Controls } from './controls.ts'
import { Door, DoorError } from './door.ts'
import { element } from './element.ts'
import { FrameKeeper } from './frame-keeper.ts'
import { announceTitle, handleMediaKeys } from './media-session.ts'
import { PinScreen } from './pin-screen.ts'
import { drawnLook, loadPreferences, MAX_AV_OFFSET_MS, savePreferences } from './preferences.ts'
import { RUNGS } from './screen/rung.ts'
import { Screen } from './screen/screen.ts'
import { cssColour, SettingsSheet } from './settings-sheet.ts'
import { StatsOverlay, type ViewerStats } from './stats-overlay.ts'
import { describe } from './status-line.ts'
import { viewerStats } from './viewer-stats.ts'

const SLOW_LOOP_MS = 500
const NOTICE_MS = 3000
const WATCH_MS = 950

const now = () => localTime(performance.now())
const preferences = loadPreferences()
const door = new Door()
const stage = element('stage', HTMLElement)
/** `?surface=NAME` overrules the setting for this visit, for somebody on the phone with somebody in a car. */
const asked = new URLSearchParams(location.search).get('surface')
const screen = new Screen({
  stage,
  look: drawnLook(preferences.look),
  background: cssColour(preferences.background),
  wanted: RUNGS.find((name) => name === asked) ?? preferences.surface,
  onRung: (name, why) => {
    if (why !== undefined) notify(`Now drawn by: ${name} (${why})`)
  },
})
const overlay = new StatsOverlay()
const recent = new RecentStats()
const display = new DisplayInterval()

let link: Link = { kind: 'connecting' }
let status: SessionStatus | undefined
let asking: string | undefined
let refusal: string | undefined
let notice: string | undefined
let noticeTimer: ReturnType<typeof setTimeout> | undefined
/** Epoch whose picture is on the screen; pictures of older ones are only kept, not presented. */
let pictured: number | undefined
let shownFrame = -1
let watchedAt = 0
let watchedFrames = 0

const player = new Player({
  painter: screen,
  sendControl: (text) => connection.sendControl(text),
  sendFleeting: (text) => connection.sendFleeting(text),
  onTimeline: (timeline, newEpoch) => {
    if (newEpoch) recent.clear()
    // Silent at once; the timeline that goes on finds it again where it stopped.
    if (timeline.paused) sound.end()
    else sound.begin(timeline)
  },
  onEnded: () => sound.end(tailMs()),
})

const sound = new AudioOutput({
  element: element('sound', HTMLAudioElement),
  target: (at) => player.serverTime(at),
  onState: () => draw(),
})

const connection = new Connection({
  door,
  onLink: (next) => {
    link = next
    draw()
  },
  onStatus: (next) => {
    if (next.state === 'idle' || next.state === 'error') {
      pictured = undefined
      sound.end(tailMs())
    }
    // A refusal is answered by whatever happens next on the server.
    if (next.session_id !== status?.session_id) refusal = undefined
    status = next
    controls.selectPreset(preferences.preset ?? next.preset)
    draw()
  },
  onOpen: () => player.reconnected(),
  onFrame: (message) => player.onFrameMessage(message, now()),
  onControl: (text) => player.onControlMessage(text, now()),
  isPlaying: () => status?.state === 'playing' && player.timeline !== undefined && !player.ended,
})

const controls = new Controls({
  preferences,
  onPlay: (query) => void command(query, () => door.play(query, preferences.preset)),
  onStop: stop,
  onPreset: (preset) => {
    preferences.preset = preset
    savePreferences(preferences)
    // The programme that is on is everybody's, and so is its grid.
    if ((status?.state === 'playing' || status?.state === 'paused') && status.preset !== preset)
      void command(undefined, () => door.changePreset(preset))
  },
  onVolume: (volume, muted) => {
    preferences.volume = volume
    preferences.muted = muted
    sound.setVolume(volume, muted)
    savePreferences(preferences)
  },
  onStats: (on) => {
    preferences.stats = on
    overlay.show(on)
    savePreferences(preferences)
  },
  onTouch: () => sound.unlock(),
})

const keeper = new FrameKeeper({ screen, look: () => drawnLook(preferences.look), onDone: notify })

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
})

let surfaceSetting = preferences.surface

function applySettings(): void {
  screen.setLook(drawnLook(preferences.look))
  screen.setBackground(cssColour(preferences.background))
  if (preferences.surface !== surfaceSetting) screen.choose(preferences.surface)
  surfaceSetting = preferences.surface
  player.avOffsetMs = preferences.avOffsetMs
  settings.refresh()
  savePreferences(preferences)
}

const pinScreen = new PinScreen({
  enter: async (pin) => {
    await door.authenticate(pin)
    enter()
  },
})

function enter(): void {
  pinScreen.hide()
  controls.show(true)
  link = { kind: 'connecting' }
  connection.open()
  void door.library().then(
    (files) => controls.listLibrary(files),
    () => controls.listLibrary([]),
  )
  draw()
}

function stop(): void {
  sound.end(0)
  void command(undefined, () => door.stop())
}

/** What has been sent but not yet shown when a programme ends. */
const tailMs = () => player.timeline?.playoutDelayMs ?? 0

// The answer's status is not used: the same one is pushed to everybody, and an answer may be overtaken by newer pushes.
async function command(query: string | undefined, run: () => Promise<unknown>): Promise<void> {
  asking = query
  refusal = undefined
  draw()
  try {
    await run()
  } catch (error) {
    refusal = error instanceof Error ? error.message : String(error)
    if (error instanceof DoorError && error.code === 'unauthorized') lock()
  }
  if (asking === query) asking = undefined
  draw()
}

function notify(text: string): void {
  notice = text
  clearTimeout(noticeTimer)
  noticeTimer = setTimeout(() => {
    notice = undefined
    draw()
  }, NOTICE_MS)
  draw()
}

function lock(): void {
  connection.close()
  link = { kind: 'locked' }
  draw()
}

function draw(): void {
  if (link.kind === 'locked') {
    controls.show(false)
    sound.end(0)
    pinScreen.show()
    return
  }
  const on = status?.state === 'playing' || status?.state === 'paused'
  const active = on || status?.state === 'resolving'
  const picture = pictured !== undefined && on
  const words = describe({ link, status, asking, refusal, notice, picture })
  controls.draw(words, { picture, stoppable: active })
  controls.offerSound(active && sound.state === 'blocked')
  announceTitle(active ? (status?.title ?? '') : '', sound.state === 'playing')
}

const stats = () =>
  viewerStats({
    link,
    status,
    player,
    sound,
    recent: recent.read(),
    screen: screen.figures,
    frame: shownFrame,
  })

/** Runs in every display frame; all it allocates is what the browser allocates for it. */
function present(refreshAt: number): void {
  const at = now()
  // The display's own time: the calls themselves come early or late by what else the page has to do.
  const refresh = localTime(refreshAt)
  display.push(refresh)
  // What is drawn now is seen with the display's next refresh.
  player.displayLagMs = display.ms
  player.setAudioClock(sound.tick(at), at)
  const shown = player.tick(refresh)
  if (shown !== undefined) {
    shownFrame = shown.frame
    if (shown.fresh) {
      screen.show()
      if (pictured !== player.timeline?.epoch && player.timeline !== undefined && !player.ended) {
        pictured = player.timeline.epoch
        draw()
      }
    }
  }
  requestAnimationFrame(present)
}

function slowLoop(): void {
  const at = now()
  // A hidden tab has no display frames, but its sound goes on, and so must its pings or the server takes it for dead.
  if (document.hidden) player.setAudioClock(sound.tick(at), at)
  player.beat(at)
  recent.push(player.stats, at)
  screen.fit()
  watchScreen(at)
  if (player.timeline !== undefined) keeper.cover(player.timeline)
  if (!settings.shown) controls.fade(at)
  if (overlay.shown) overlay.draw(stats())
}

/** Once a second of being seen: does what is decoded reach the display? */
function watchScreen(at: number): void {
  if (at - watchedAt < WATCH_MS) return
  const { framesPresented } = player.stats
  // After a pause of the tab the figures are of another second.
  if (!document.hidden && at - watchedAt < 2 * WATCH_MS) void screen.watch(framesPresented - watchedFrames)
  else void screen.watch(0)
  watchedAt = at
  watchedFrames = framesPresented
}

declare global {
  interface Window {
    /** The figures of the overlay, for tests and for people with a console. */
    ascilineStats: () => ViewerStats
    /** The picture on the screen as text. */
    ascilineText: () => Promise<string>
  }
}

window.ascilineStats = stats
window.ascilineText = async () => {
  const picture = await screen.picture()
  return picture === undefined ? '' : pictureText(picture)
}
handleMediaKeys({
  play: () => sound.resume(),
  pause: () => sound.pause(),
  stop,
})
overlay.show(preferences.stats)
player.avOffsetMs = preferences.avOffsetMs
new ResizeObserver(() => screen.fit()).observe(stage)
setInterval(slowLoop, SLOW_LOOP_MS)
requestAnimationFrame(present)
enter()
