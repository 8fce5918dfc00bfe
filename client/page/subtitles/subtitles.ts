// Subtitles: which there are, which one is wanted, and its words over the picture at the moment the picture is at.

import { build, empty, mark, write } from '../build.ts'
import { ChoiceRow } from '../controls/choice-row.ts'
import { Popover } from '../controls/popover.ts'
import type { Door } from '../door.ts'
import { readCues, readTracks, type Track } from '../programme/listings.ts'
import { CueTrack } from './cue-track.ts'
import { languageName, SUBTITLE_SIZES, type SubtitlePreferences, wantedTrack } from './subtitle-choice.ts'

export type SubtitlesOptions = {
  layer: HTMLElement
  opener: HTMLButtonElement
  door: Door
  preferences: SubtitlePreferences
  /** The preferences have changed. */
  onChange: () => void
}

/** Asks for tracks once a programme; draws only when the words change. */
export class Subtitles {
  readonly #options: SubtitlesOptions
  readonly #text = build('p', { class: 'subtitle-text', lang: '' })
  readonly #popover: Popover
  readonly #tracksBox = build('div', { class: 'subtitle-tracks' })
  readonly #sizes: ChoiceRow<number>
  #programme: string | null = null
  #tracks: readonly Track[] | undefined
  #chosen: Track | undefined
  #cues: CueTrack | undefined
  #asked = 0
  #problem = ''

  constructor(options: SubtitlesOptions) {
    this.#options = options
    const { layer, opener, preferences, onChange } = options
    layer.append(this.#text)
    this.#popover = new Popover({ opener, label: 'Subtitles' })
    this.#sizes = new ChoiceRow({
      label: 'Size',
      choices: SUBTITLE_SIZES.map(({ label }, value) => ({ value, label })),
      onChoose: (size) => {
        preferences.size = size
        this.#dress()
        onChange()
      },
    })
    this.#popover.body.append(
      build('p', { class: 'popover-title' }, 'Subtitles'),
      this.#tracksBox,
      build('p', { class: 'popover-title' }, 'Size'),
      this.#sizes.element,
    )
    this.#dress()
  }

  /** A programme is on the screens, or none. */
  begin(programme: string | null): void {
    if (programme === this.#programme) return
    this.#programme = programme
    this.#asked += 1
    this.#tracks = undefined
    this.#choose(undefined)
    if (programme !== null) void this.#findTracks(this.#asked)
  }

  /** Off, or on with the track that fits best. */
  toggle(): string {
    const { preferences, onChange } = this.#options
    const tracks = this.#tracks ?? []
    if (tracks.length === 0) return 'There are no subtitles for this.'
    preferences.on = this.#chosen === undefined
    onChange()
    this.#choose(preferences.on ? wantedTrack(tracks, preferences.language) : undefined)
    return preferences.on ? 'Subtitles on' : 'Subtitles off'
  }

  /** Shows what is said at a second of the programme. Runs in every display frame. */
  draw(second: number | undefined): void {
    const words = second === undefined ? '' : (this.#cues?.at(second) ?? '')
    if (words === this.#text.textContent) return
    this.#text.textContent = words
    this.#options.layer.hidden = words === ''
  }

  async #findTracks(asked: number): Promise<void> {
    const { door, preferences } = this.#options
    const answer = await door.ask('GET', '/api/subtitles').catch(() => undefined)
    if (asked !== this.#asked) return
    this.#tracks = readTracks(answer)
    this.#choose(preferences.on ? wantedTrack(this.#tracks, preferences.language) : undefined)
  }

  #choose(track: Track | undefined): void {
    this.#chosen = track
    this.#cues = undefined
    this.#problem = ''
    this.#list()
    if (track !== undefined) void this.#load(track)
  }

  async #load(track: Track): Promise<void> {
    const path = `/api/subtitles/cues?track=${encodeURIComponent(track.id)}`
    try {
      const answer = await this.#options.door.ask('GET', path, undefined, { timeoutMs: 20_000 })
      if (track !== this.#chosen) return
      this.#cues = new CueTrack(readCues(answer))
      this.#text.lang = track.language
    } catch (error) {
      if (track !== this.#chosen) return
      this.#problem = error instanceof Error ? error.message : String(error)
    }
    this.#list()
  }

  #list(): void {
    const { opener, preferences, onChange } = this.#options
    mark(opener, 'aria-pressed', String(this.#chosen !== undefined))
    empty(this.#tracksBox)
    const tracks = this.#tracks ?? []
    const row = new ChoiceRow<string>({
      label: 'Subtitles',
      choices: [
        { value: '', label: 'Off' },
        ...tracks.map(({ id, language, automatic }) => ({
          value: id,
          label: languageName(language) + (automatic ? ' (automatic)' : ''),
        })),
      ],
      onChoose: (id) => {
        const track = tracks.find((one) => one.id === id)
        preferences.on = track !== undefined
        if (track !== undefined) preferences.language = track.language
        onChange()
        this.#choose(track)
      },
    })
    row.select(this.#chosen?.id ?? '')
    const said = build('p', { class: 'quiet small', role: 'status' })
    write(said, tracks.length === 0 ? 'There are none for this.' : this.#problem)
    this.#tracksBox.append(row.element, said)
  }

  #dress(): void {
    const { layer, preferences } = this.#options
    this.#sizes.select(preferences.size)
    layer.style.setProperty('--subtitle-scale', String(SUBTITLE_SIZES[preferences.size]?.scale ?? 1))
  }
}
