// The page in front of which somebody watches: one programme, one projector, one connection, and what surrounds the picture.

import type { SessionStatus } from '../../signaling/messages.ts'
import { Calibration } from './calibration.ts'
import { Connection } from './connection.ts'
import { element } from './element.ts'
import { FrameKeeper } from './frame-keeper.ts'
import { handleMediaKeys } from './media-session.ts'
import { hangHooks } from './page-hooks.ts'
import { drawnLook, loadPreferences, MAX_AV_OFFSET_MS, savePreferences } from './preferences.ts'
import { ProgrammePage } from './programme/programme-page.ts'
import { isActive } from './programme/programme-state.ts'
import { Projector } from './projector.ts'
import { SettingsSheet } from './settings-sheet.ts'
import { wakeSpeakers } from './speakers.ts'
import { Surround } from './surround.ts'
import { viewerStats } from './viewer-stats.ts'

const WHO = 'Screen'

/** Wires the parts together and starts them. */
export function openPlayerPage(): void {
  const preferences = loadPreferences()
  const keep = () => savePreferences(preferences)

  const page = new ProgrammePage({
    who: WHO,
    preset: () => preferences.preset,
    start: element('start', HTMLDivElement),
    onPlay: () => surround.foyer.browse(false),
    onEnter: () => {
      surround.show(true)
      connection.open()
      page.refresh()
    },
    onLocked: () => {
      connection.close()
      surround.show(false)
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
    onSound: () => surround.draw(),
    onPicture: (on) => state.change({ picture: on }),
    onFrame: (now) => surround.tick(now),
    onBeat: (now) => {
      if (player.timeline !== undefined) keeper.cover(player.timeline)
      state.change({
        stalled: state.facts.status?.state === 'playing' && loop.stalled(now),
        pace: player.pace,
      })
      surround.beat(now)
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
  const surround = new Surround({ page, projector, settings, preferences, onChange: keep, onStop: stop })

  function hearStatus(status: SessionStatus): void {
    if (!isActive(status)) projector.end()
    page.hearStatus(status)
  }

  function stop(): void {
    sound.end(0)
    commands.stop()
  }

  function applySettings(): void {
    projector.adjust()
    settings.refresh()
    keep()
  }

  handleMediaKeys({
    play: () => sound.resume(),
    pause: () => sound.pause(),
    stop,
    next: () => commands.next(),
    seekBy: (seconds) => commands.seekBy(seconds),
    seekTo: (second) => commands.seekTo(second),
  })
  hangHooks({ stats: () => viewerStats(state.facts, projector), screen })
  // What another version of the page has kept is put right.
  keep()
  projector.start()
  void page.open()
}
