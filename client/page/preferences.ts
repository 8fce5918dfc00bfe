// What this device remembers between visits. A browser that forbids storage simply forgets.

import { type PresetName, presetName } from '../../signaling/messages.ts'

export type Preferences = {
  /** 0..1 */
  volume: number
  muted: boolean
  /** Undefined until somebody has chosen: the server's own is taken. */
  preset: PresetName | undefined
  /** Figures over the picture. */
  stats: boolean
}

const KEY = 'asciline'
const DEFAULTS: Preferences = { volume: 1, muted: false, preset: undefined, stats: false }

/** What was kept, each value checked: another version of the page may have written it. */
export function loadPreferences(): Preferences {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}')
    if (typeof kept !== 'object' || kept === null) return { ...DEFAULTS }
    const { volume, muted, preset, stats } = kept as Record<string, unknown>
    return {
      volume: typeof volume === 'number' && volume >= 0 && volume <= 1 ? volume : DEFAULTS.volume,
      muted: typeof muted === 'boolean' ? muted : DEFAULTS.muted,
      preset: presetName.safeParse(preset).data ?? DEFAULTS.preset,
      stats: typeof stats === 'boolean' ? stats : DEFAULTS.stats,
    }
  } catch {
    return { ...DEFAULTS }
  }
}

/** Keeps them; silently not where storage is forbidden or full. */
export function savePreferences(preferences: Preferences): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(preferences))
  } catch {
    // A private window: the choice lasts as long as the page.
  }
}
