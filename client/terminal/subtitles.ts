// The subtitles of what plays: one track at a time, fetched when it is chosen.

import type { Cue, Door } from './door.ts'

/** Drawn over the picture; longer ones are nobody's to read. */
const MAX_LINES = 3

export class Subtitles {
  readonly #door: Door
  /** Index of the chosen track among those the server names; -1 is none. */
  #chosen = -1
  #cues: readonly Cue[] = []

  constructor(door: Door) {
    this.#door = door
  }

  /** Goes on to the next track, after the last one to none; answers what to tell. Rejects as {@link Door} does. */
  async next(): Promise<string> {
    const tracks = await this.#door.tracks()
    this.#cues = []
    this.#chosen = this.#chosen + 1 < tracks.length ? this.#chosen + 1 : -1
    if (tracks.length === 0) return 'there are no subtitles'
    if (this.#chosen === -1) return 'subtitles off'
    const { id, language, automatic } = tracks[this.#chosen]
    this.#cues = await this.#door.cues(id)
    return `subtitles ${language}${automatic ? ', written by a machine' : ''}`
  }

  /** Another programme has other subtitles. */
  forget(): void {
    this.#chosen = -1
    this.#cues = []
  }

  /** The lines to show at `position` seconds of the programme. */
  at(position: number): string[] {
    return this.#cues
      .filter(({ start, end }) => start <= position && position < end)
      .flatMap(({ text }) => text.split('\n'))
      .slice(-MAX_LINES)
  }
}
