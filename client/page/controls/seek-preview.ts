// What there is at a place of the programme: a small picture of what this page has shown there, or of what the server knows.

import type { Picture } from '../../../vendor/asciline/index.ts'
import { build } from '../build.ts'
import type { Door } from '../door.ts'
import { type AsciiPicture, drawAscii, reducePicture } from '../start/ascii-picture.ts'
import { fetchStill } from '../start/still.ts'

const SIZE = { cols: 40, rows: 12 }
/** A finger that slides asks for nothing it has left again. */
const REST_MS = 120
/** Finest spacing of what is kept, and the most pictures: 1.4 kB each. */
const SPACING_SECONDS = 2
const MOST = 300

/** Empties itself when another programme begins. Shows nothing where nothing was seen: it does not guess. */
export class SeekPreview {
  readonly canvas = build('canvas', { class: 'bubble-picture', hidden: true })
  readonly #seen = new Map<number, AsciiPicture>()
  readonly #door: Door
  #programme: string | null = null
  #spacing = SPACING_SECONDS
  #path: string | undefined
  #asked = new AbortController()

  constructor({ door }: { door: Door }) {
    this.#door = door
  }

  /** Another programme forgets what was seen of the one before. `path` answers pictures of any place, where the server has them. */
  begin(programme: string | null, duration: number | null, path: string | undefined): void {
    this.#path = path
    if (programme === this.#programme) return
    this.#programme = programme
    this.#asked.abort()
    this.#seen.clear()
    this.#spacing = Math.max(SPACING_SECONDS, (duration ?? 0) / MOST)
  }

  /** True when a picture of this second would be news. */
  wants(second: number): boolean {
    return !this.#seen.has(this.#slot(second))
  }

  /** Keeps what the screen shows at a second; the oldest goes when there are too many. */
  keep(second: number, picture: Picture): void {
    this.#seen.set(this.#slot(second), reducePicture(picture, SIZE))
    if (this.#seen.size <= MOST) return
    for (const oldest of this.#seen.keys()) {
      this.#seen.delete(oldest)
      break
    }
  }

  /** Draws what is known of a second. */
  show(second: number): void {
    this.#asked.abort()
    const slot = this.#slot(second)
    const picture = this.#seen.get(slot) ?? this.#seen.get(slot - 1) ?? this.#seen.get(slot + 1)
    this.canvas.hidden = picture === undefined
    if (picture !== undefined) drawAscii(this.canvas, picture)
    else if (this.#path !== undefined) this.#ask(`${this.#path}&at=${Math.floor(second)}`, slot)
  }

  #ask(path: string, slot: number): void {
    const asked = new AbortController()
    this.#asked = asked
    setTimeout(() => {
      if (asked.signal.aborted) return
      fetchStill(this.#door, path, asked.signal).then(
        (picture) => {
          if (asked.signal.aborted) return
          this.#seen.set(slot, picture)
          this.canvas.hidden = false
          drawAscii(this.canvas, picture)
        },
        // Without a picture the bubble has the time alone.
        () => undefined,
      )
    }, REST_MS)
  }

  #slot(second: number): number {
    return Math.floor(second / this.#spacing)
  }
}
