// What this device remembers between visits. A browser that forbids storage simply forgets.

import { type PresetName, presetName } from '../../signaling/messages.ts'
import { CHARSETS, type CharsetName, type Look } from '../../vendor/asciline/index.ts'
import { RUNGS, type RungName } from './screen/rung.ts'
import { SUBTITLE_SIZES, type SubtitlePreferences } from './subtitles/subtitle-choice.ts'

export type Preferences = {
  /** 0..1 */
  volume: number
  muted: boolean
  /** Undefined until somebody has chosen: the server's own is taken. */
  preset: PresetName | undefined
  /** Figures over the picture. */
  stats: boolean
  look: Look
  /** 0xRRGGBB */
  background: number
  surface: RungName | 'auto'
  /** Milliseconds the picture is shown later than the sound's clock says; negative is earlier. */
  avOffsetMs: number
  subtitles: SubtitlePreferences
}

export const MAX_AV_OFFSET_MS = 500
export const TONE_LIMITS = { gamma: { min: 0.5, max: 2 }, contrast: { min: 0.5, max: 2 } } as const

/** Glyphs leave most of a cell dark; this much gamma brings the middle tones back to about where the film has them. */
const GLYPH_GAMMA = 1.6

/** The look to draw with: what fills its cells needs no help. */
export function drawnLook(look: Look): Look {
  const fills = look.cells === 'pixels' || look.charset === 'blocks'
  return { ...look, gamma: fills ? look.gamma : look.gamma * GLYPH_GAMMA }
}

export const DEFAULT_LOOK: Look = {
  cells: 'glyphs',
  charset: 'ramp',
  colours: 5,
  tint: 0x7ee0b8,
  contrast: 1,
  gamma: 1,
}

const KEY = 'asciline'

/** What was kept, each value checked: another version of the page may have written it. */
export function loadPreferences(): Preferences {
  try {
    return checkPreferences(JSON.parse(localStorage.getItem(KEY) ?? '{}'))
  } catch {
    return checkPreferences({})
  }
}

/** Every value of `kept` that makes sense, and the default for every other. */
export function checkPreferences(kept: unknown): Preferences {
  const { look, subtitles, ...flat } = fields(kept)
  const { cells, charset, colours, tint, contrast, gamma } = fields(look)
  const { on, language, size } = fields(subtitles)
  const { gamma: g, contrast: c } = TONE_LIMITS
  return {
    volume: within(flat.volume, 0, 1) ?? 1,
    muted: flat.muted === true,
    preset: presetName.safeParse(flat.preset).data,
    stats: flat.stats === true,
    look: {
      cells: cells === 'pixels' ? 'pixels' : 'glyphs',
      charset: isCharset(charset) ? charset : DEFAULT_LOOK.charset,
      colours: whole(colours, 1, 5) ?? DEFAULT_LOOK.colours,
      tint: whole(tint, 0, 0xffffff) ?? DEFAULT_LOOK.tint,
      contrast: within(contrast, c.min, c.max) ?? DEFAULT_LOOK.contrast,
      gamma: within(gamma, g.min, g.max) ?? DEFAULT_LOOK.gamma,
    },
    background: whole(flat.background, 0, 0xffffff) ?? 0,
    surface: RUNGS.find((name) => name === flat.surface) ?? 'auto',
    avOffsetMs: whole(flat.avOffsetMs, -MAX_AV_OFFSET_MS, MAX_AV_OFFSET_MS) ?? 0,
    subtitles: {
      on: on === true,
      language: typeof language === 'string' && language.length <= 35 ? language : '',
      size: whole(size, 0, SUBTITLE_SIZES.length - 1) ?? 1,
    },
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

function fields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

function within(value: unknown, min: number, max: number): number | undefined {
  return typeof value === 'number' && value >= min && value <= max ? value : undefined
}

function whole(value: unknown, min: number, max: number): number | undefined {
  return Number.isInteger(value) ? within(value, min, max) : undefined
}

function isCharset(value: unknown): value is CharsetName {
  return typeof value === 'string' && Object.keys(CHARSETS).includes(value)
}
