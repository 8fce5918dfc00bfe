// Which subtitles a person wants, kept from film to film, and which track comes closest. Pure.

import type { Track } from '../programme/listings.ts'

export type SubtitlePreferences = {
  on: boolean
  /** Language last chosen; empty for whatever there is. */
  language: string
  /** Index into {@link SUBTITLE_SIZES}. */
  size: number
}

export const SUBTITLE_SIZES = [
  { label: 'Small', scale: 0.8 },
  { label: 'Normal', scale: 1 },
  { label: 'Large', scale: 1.35 },
  { label: 'Huge', scale: 1.8 },
] as const

/** Of the wanted language, else of its family (en for en-GB), else the first; one that a person wrote before one of a machine's. */
export function wantedTrack(tracks: readonly Track[], language: string): Track | undefined {
  const family = language.split('-')[0]
  const score = (track: Track) =>
    (track.language === language ? 4 : family !== '' && track.language.split('-')[0] === family ? 2 : 0) +
    (track.automatic ? 0 : 1)
  let best: Track | undefined
  for (const track of tracks) if (best === undefined || score(track) > score(best)) best = track
  return best
}

/** "German" for de, in English like the page; the code itself where the browser does not know it. */
export function languageName(code: string): string {
  if (code === '') return 'On'
  const { DisplayNames } = Intl as {
    DisplayNames?: new (
      locale: string,
      options: { type: string },
    ) => { of: (code: string) => string | undefined }
  }
  if (DisplayNames === undefined) return code
  try {
    return new DisplayNames('en', { type: 'language' }).of(code) ?? code
  } catch {
    return code
  }
}
