// The page: one player, one surface, one pair of speakers, one connection, and the loop that asks them in every display frame.

import type { SessionStatus } from '../../signaling/messages.ts'
import { localTime, type Picture } from '../../vendor/asciline/index.ts'
import { DisplayInterval, Player, pictureText, RecentStats } from '../playback/index.ts'
import { AudioOutput } from './audio-output.ts'
import { CanvasSurface } from './canvas-surface.ts'
import { Connection, type Link } from './connection.ts'
import { Controls } from './controls.ts'
import { Door, DoorError } from './door.ts'
import { element } from './element.ts'
import { announceTitle, handleMediaKeys } from './media-session.ts'
import { PinScreen } from './pin-screen.ts'
import { loadPreferences, savePreferences } from './preferences.ts'
import { StatsOverlay, type ViewerStats } from './stats-overlay.ts'
import { describe } from './status-line.ts'
import { viewerStats } from './viewer-stats.ts'

const SLOW_LOOP_MS = 500
const NOTICE_MS = 3000

const now = () => localTime(performance.now())
const preferences = loadPreferences()
const door = new Door()
const stage = element('stage', HTMLElement)
const surface = new CanvasSurface({ canvas: element('picture', HTMLCanvasElement), stage })
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
let lastPicture: Picture | undefined
let shownFrame = -1

const player = new Player({
  sendControl: (text) => connection.sendControl(text),
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
    // The programme that is on belongs to everybody who watches it; it keeps its grid.
    if (status?.state === 'playing' && status.preset !== preset)
      notify(`${preset.toUpperCase()} from the next Play on`)
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
  viewerStats({ link, status, player, sound, recent: recent.read(), picture: lastPicture, frame: shownFrame })

/** Runs in every display frame; all it allocates is what the browser allocates for it. */
function present(): void {
  const at = now()
  display.push(at)
  // What is drawn now is seen with the display's next refresh.
  player.displayLagMs = display.ms
  player.setAudioClock(sound.tick(at), at)
  const shown = player.tick(at)
  if (shown !== undefined) {
    shownFrame = shown.frame
    if (shown.fresh) {
      surface.draw(shown.picture)
      lastPicture = shown.picture
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
  surface.fit()
  controls.fade(at)
  if (overlay.shown) overlay.draw(stats())
}

declare global {
  interface Window {
    /** The figures of the overlay, for tests and for people with a console. */
    ascilineStats: () => ViewerStats
    /** The picture on the screen as text. */
    ascilineText: () => string
  }
}

window.ascilineStats = stats
window.ascilineText = () => (lastPicture === undefined ? '' : pictureText(lastPicture))
handleMediaKeys({
  play: () => sound.resume(),
  pause: () => sound.pause(),
  stop,
})
overlay.show(preferences.stats)
new ResizeObserver(() => surface.fit()).observe(stage)
setInterval(slowLoop, SLOW_LOOP_MS)
requestAnimationFrame(present)
enter()
