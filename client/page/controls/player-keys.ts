// What the keys of the player do.

import type { Commands } from '../programme/commands.ts'
import { toggleFullscreen } from './controls.ts'
import type { Shortcut } from './keyboard.ts'
import type { VolumeControl } from './volume-control.ts'

const VOLUME_STEP = 0.1
const SEEK_STEP_SECONDS = 10

export type PlayerKeysOptions = {
  commands: Commands
  volume: VolumeControl
  /** Returns what it has done, in words. */
  toggleSubtitles: () => string
  toggleQueue: () => void
  toggleStats: () => void
  toggleHelp: () => void
  search: () => void
  /** Closes what is open. */
  close: () => void
}

/** One line of the help sheet each, in its order. */
export function playerKeys(options: PlayerKeysOptions): Shortcut[] {
  const { commands, volume, toggleSubtitles, toggleQueue, toggleStats, toggleHelp, search, close } = options
  const key = (shown: string, does: string, run: () => void, ...keys: string[]): Shortcut => ({
    keys: keys.length > 0 ? keys : [shown.toLowerCase()],
    shown,
    does,
    run,
  })
  return [
    key('Space', 'Pause or go on', () => commands.togglePause(), ' ', 'k'),
    key('←', 'Back 10 seconds', () => commands.seekBy(-SEEK_STEP_SECONDS), 'ArrowLeft'),
    key('→', 'Forward 10 seconds', () => commands.seekBy(SEEK_STEP_SECONDS), 'ArrowRight'),
    key('↑', 'Louder', () => volume.step(VOLUME_STEP), 'ArrowUp'),
    key('↓', 'Quieter', () => volume.step(-VOLUME_STEP), 'ArrowDown'),
    key('M', 'Sound off or on', () => volume.toggle()),
    key('F', 'Full screen', toggleFullscreen),
    key('C', 'Subtitles off or on', () => commands.notify(toggleSubtitles())),
    key('N', 'Next of the queue', () => commands.next()),
    key('P', 'What was on before', () => commands.previous()),
    key('L', 'To the live edge', () => commands.goLive()),
    key('Q', 'Queue', toggleQueue),
    key('I', 'Figures', toggleStats),
    key('/', 'Search', search),
    key('?', 'These keys', toggleHelp),
    key('Esc', 'Close what is open', close, 'Escape'),
  ]
}
