// What comes after what: plays the queue through the session, goes on to the next a moment after the end of each, remembers
// how far everything was watched, and starts again there.

import type { SessionStatus } from '../../signaling/messages.ts'
import type { LocalTime } from '../../vendor/asciline/index.ts'
import { canonicalQuery } from '../resolve/query.ts'
import { CommandError } from '../session/failure.ts'
import type { Programme as Found } from '../session/finder.ts'
import type { RunEnd } from '../session/run.ts'
import type { PlayOptions, Session, SessionRun } from '../session/session.ts'
import { Countdown } from './countdown.ts'
import { type FailedItem, FailedItems } from './failed-items.ts'
import type { QueueItem, Store } from './store.ts'

/** A position this near the start or the end is not worth coming back to. */
const EDGE_SECONDS = 10
const SAVE_MS = 5000
/** Long enough to read what comes and call it off. */
const NEXT_MS = 5000
const MAX_PAST = 100

export type ProgrammeOptions = {
  store: Store
  session: Session
  /** Milliseconds since 1970. */
  wallNow: () => number
  now: () => LocalTime
  /** The queue has changed. */
  onQueue: () => void
  /** From the end of one programme to the start of the next. */
  nextMs?: number
}

type Who = { who?: string | undefined }

export class Programme {
  readonly #options: ProgrammeOptions
  readonly #timer: NodeJS.Timeout
  readonly #countdown: Countdown
  readonly #failed = new FailedItems()
  /** What was played before, newest last, for `previous`. */
  readonly #past: Playing[] = []
  #present: Playing | undefined

  constructor(options: ProgrammeOptions) {
    this.#options = options
    this.#countdown = new Countdown({ ms: options.nextMs ?? NEXT_MS, onZero: () => this.#next() })
    this.#timer = setInterval(() => this.#save(), SAVE_MS)
    this.#timer.unref()
  }

  /** Plays `query`, where it was left when `from` does not say otherwise. */
  play(query: string, options: PlayOptions = {}): SessionStatus {
    this.#remember()
    return this.#start({ query: canonicalQuery(query), queued: false }, options)
  }

  /** Goes to the head of the queue. Throws CommandError `nothing-playing` when it is empty. */
  next({ who }: Who = {}): SessionStatus {
    const status = this.#next(who)
    if (status === undefined)
      throw new CommandError({ code: 'nothing-playing', message: 'There is nothing in the queue.' })
    return status
  }

  /** Goes back to what was on before; what is on now becomes the head of the queue. */
  previous({ who }: Who = {}): SessionStatus {
    const last = this.#past.pop()
    if (last === undefined)
      throw new CommandError({ code: 'nothing-playing', message: 'There was nothing before this.' })
    if (this.#present !== undefined) {
      const { query } = this.#present
      const title = this.#options.session.status().title || query
      this.#options.store.enqueue({ query, title, first: true })
      this.#options.onQueue()
    }
    return this.#start(last, { who })
  }

  /** Ends what plays, and what was about to. */
  stop(options: Who = {}): SessionStatus {
    this.#countdown.stop()
    // Before everybody hears that it is over and looks at the lists: the run ends only when its ffmpeg has.
    this.#save()
    return this.#options.session.stop(options)
  }

  /** Like the session's, and nothing else starts by itself. */
  resume(options: Who = {}): Promise<SessionStatus> {
    this.#countdown.stop()
    return this.#options.session.resume(options)
  }

  /** Calls off what was about to start by itself; the queue stays as it is. */
  cancelNext({ who }: Who = {}): SessionStatus {
    if (this.#countdown.stop()) this.#options.session.announce({ name: 'cancel', who })
    return this.#options.session.status()
  }

  /** What starts by itself, and when. */
  upcoming(): SessionStatus['upcoming'] {
    const inMs = this.#countdown.remaining(this.#options.now())
    const head = inMs === undefined ? undefined : this.#options.store.queue()[0]
    return inMs === undefined || head === undefined ? undefined : { ...head, in_ms: inMs }
  }

  /** Entries of the queue that could not be played, the last first. */
  get failed(): readonly FailedItem[] {
    return this.#failed.items
  }

  /** Somebody has changed the queue; `cleared` forgets what had failed of it as well. */
  queueChanged({ cleared = false } = {}): void {
    if (cleared) this.#failed.clear()
    this.#options.onQueue()
    if (this.#countdown.running) this.#options.session.announce()
  }

  /** For the session: the first picture is on the screens. The rest of its list goes behind the queue. */
  started({ query, programme: { media } }: SessionRun): void {
    this.#failed.remove(query)
    if (media.rest === undefined) return
    for (const entry of media.rest) this.#options.store.enqueue(entry)
    this.#options.onQueue()
  }

  /**
   * For the session: a run is over. What has come to its end is followed by the next of the queue, and so is an entry of the
   * queue that failed; what somebody asked for and did not get waits for them.
   */
  over(run: Omit<SessionRun, 'programme'> & { programme?: Found }, end: RunEnd): void {
    const { query, programme, position } = run
    if (programme !== undefined)
      this.#write({ query, programme, position: end.kind === 'ended' ? 0 : position })
    if (end.kind === 'closed') return
    const queued = this.#present?.queued ?? false
    if (end.kind === 'failed') {
      if (!queued) return
      this.#failed.push({
        query,
        title: programme?.media.title ?? this.#present?.title ?? query,
        error: end.failure,
      })
      this.#options.onQueue()
    }
    if (this.#options.store.queue().length > 0) this.#countdown.start(this.#options.now())
  }

  close(): void {
    clearInterval(this.#timer)
    this.#countdown.stop()
    this.#save()
  }

  #next(who?: string): SessionStatus | undefined {
    const head = this.#options.store.shift()
    if (head === undefined) return undefined
    this.#options.onQueue()
    this.#remember()
    return this.#start({ ...head, queued: true }, { who })
  }

  #start(item: Playing, options: PlayOptions): SessionStatus {
    this.#countdown.stop()
    this.#save()
    this.#present = item
    const from = options.from ?? this.#options.store.resumeAt(item.query)
    return this.#options.session.play(item.query, { ...options, from })
  }

  #remember(): void {
    if (this.#present !== undefined) this.#past.push(this.#present)
    if (this.#past.length > MAX_PAST) this.#past.shift()
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

/** `queued` came from the queue, and not from somebody who waits for it. */
type Playing = Pick<QueueItem, 'query'> & { title?: string; queued: boolean }
