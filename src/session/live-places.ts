// Where a run can go in the live stream it plays, from what the stream's list said when it was last looked at.

import type { LocalTime } from '../../vendor/asciline/index.ts'
import { fetchPlaylist } from '../source/fetch-playlist.ts'
import { type LivePlace, LiveWindow } from '../source/live-window.ts'
import type { Programme } from './finder.ts'

export class LivePlaces {
  readonly #ffmpeg: string
  readonly #now: () => LocalTime
  #window: LiveWindow | undefined

  constructor({ ffmpeg, now }: { ffmpeg: string; now: () => LocalTime }) {
    this.#ffmpeg = ffmpeg
    this.#now = now
  }

  /** Programme seconds; undefined when there is nothing to go back to. */
  get range(): { start: number; end: number } | undefined {
    return this.#window?.range(this.#now())
  }

  /** Seconds from what the stream has published to its edge; undefined when it names no list. */
  get latency(): number | undefined {
    return this.#window?.latency
  }

  /** Seconds that `position` is behind the edge; undefined when the stream names no list. */
  behind(position: number): number | undefined {
    return this.#window === undefined ? undefined : Math.max(0, this.#window.edge(this.#now()) - position)
  }

  /** Looks at the list anew: the segment that holds second `at`, or the edge. Undefined for what has no list. */
  async find(
    { media, info }: Programme,
    at: number | undefined,
    signal: AbortSignal,
  ): Promise<LivePlace | undefined> {
    if (info.hls !== true) return undefined
    const list = await fetchPlaylist(media, { ffmpeg: this.#ffmpeg, signal })
    signal.throwIfAborted()
    if (list === undefined) return undefined
    this.#window ??= new LiveWindow()
    this.#window.update(list, this.#now())
    return this.#window.place(at)
  }
}
