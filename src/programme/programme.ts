// What comes after what: plays the queue through the session, goes on to the next at the end of each, remembers how far
// everything was watched, and starts again there.

import type { SessionStatus } from '../../signaling/messages.ts'
import { CommandError } from '../session/failure.ts'
import type { RunEnd } from '../session/run.ts'
import type { PlayOptions, Session, SessionRun } from '../session/session.ts'
import type { QueueItem, Store } from './store.ts'

/** A position this near the start or the end is not worth coming back to. */
const EDGE_SECONDS = 10
const SAVE_MS = 5000

export type ProgrammeOptions = {
  store: Store
  session: Session
  /** Milliseconds since 1970. */
  wallNow: () => number
  /** The queue has changed. */
  onQueue: () => void
}

export class Programme {
  readonly #options: ProgrammeOptions
  readonly #timer: NodeJS.Timeout
  /** What was played before, newest last, for `previous`. */
  readonly #past: QueueItem[] = []
  #present: QueueItem | undefined
  /** Entries put aside by `previous` have no number in the queue any more. */
  #replaying = false

  constructor(options: ProgrammeOptions) {
    this.#options = options
    this.#timer = setInterval(() => this.#save(), SAVE_MS)
    this.#timer.unref()
  }

  /** Plays `query`, where it was left when `from` does not say otherwise. */
  play(query: string, options: PlayOptions = {}): SessionStatus {
    this.#save()
    this.#remember()
    this.#present = { id: 0, query, title: query }
    const from = options.from ?? this.#options.store.resumeAt(query)
    return this.#options.session.play(query, { ...options, from })
  }

  /** Goes to the head of the queue. Throws CommandError `nothing-playing` when it is empty. */
  next({ who }: { who?: string | undefined } = {}): SessionStatus {
    const head = this.#options.store.shift()
    if (head === undefined)
      throw new CommandError({ code: 'nothing-playing', message: 'There is nothing in the queue.' })
    this.#options.onQueue()
    return this.play(head.query, { who })
  }

  /** Goes back to what was on before; what is on now becomes the head of the queue. */
  previous({ who }: { who?: string | undefined } = {}): SessionStatus {
    const last = this.#past.pop()
    if (last === undefined)
      throw new CommandError({ code: 'nothing-playing', message: 'There was nothing before this.' })
    if (this.#present !== undefined) {
      const { query } = this.#present
      const title = this.#options.session.status().title || query
      this.#options.store.enqueue({ query, title, first: true })
      this.#options.onQueue()
    }
    this.#replaying = true
    const status = this.play(last.query, { who })
    this.#replaying = false
    return status
  }

  /** For the session: a run is over. The next of the queue follows what has come to its end by itself. */
  over({ query, programme, position }: SessionRun, end: RunEnd): void {
    const finished = end.kind === 'ended'
    this.#write({ query, programme, position: finished ? 0 : position })
    if (!finished) return
    if (this.#options.store.queue().length > 0) this.next()
  }

  close(): void {
    clearInterval(this.#timer)
    this.#save()
  }

  #remember(): void {
    if (this.#present !== undefined && !this.#replaying) this.#past.push(this.#present)
    if (this.#past.length > 100) this.#past.shift()
  }

  #save(): void {
    const { current } = this.#options.session
    if (current !== undefined) this.#write(current)
  }

  #write({ query, programme: { media, info }, position }: Omit<SessionRun, 'id'>): void {
    // The demo begins anew every time, and nobody looks for it in what they have watched.
    if (media.kind === 'demo') return
    const { store, wallNow } = this.#options
    const last = info.duration === undefined ? Number.POSITIVE_INFINITY : info.duration - EDGE_SECONDS
    const worth = !info.live && position >= EDGE_SECONDS && position <= last
    store.watched({
      query,
      title: media.title,
      duration: info.duration ?? null,
      position: worth ? position : 0,
      watchedAt: wallNow(),
      live: info.live,
    })
  }
}
