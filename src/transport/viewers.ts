// The viewers of one thread: who is there, what every frame and every announcement means to each of them, and who was there
// before. Knows nothing of werift, so that the thread that paces can hold those whose frames go over its own sockets.

import { randomBytes } from 'node:crypto'
import type { ControlFromServer } from '../../signaling/messages.ts'
import { type CarriedPeer, type MediaSocket, PeerRefusal } from '../../signaling/negotiation.ts'
import type { LocalTime } from '../../vendor/asciline/index.ts'
import type { FrameBus } from '../encode/frame-bus.ts'
import type { Log } from '../log.ts'
import type { LanMode } from './candidate-filter.ts'
import { RecentFrames } from './recent-frames.ts'
import {
  type Join,
  Viewer,
  type ViewerDiagnosis,
  type ViewerEnd,
  type ViewerOptions,
  type ViewerStats,
} from './viewer.ts'

/** How often the clock is looked at: silence and deadlines are seconds. */
const CHECK_MS = 250

/** Viewers remembered after their end. */
const MAX_PAST = 20

/** Drops are told at most this often, and of so many viewers at a time. */
const REPORT_MS = 1000
const MAX_TOLD = 8

/** Places when nobody says otherwise. */
export const MAX_VIEWERS = 64

/** How many there are, and what it takes to serve them. */
export type Tally = {
  /** Who watch now. */
  open: number
  /** All of them, those still connecting included. */
  places: number
  /** Who want digests. */
  verify: number
  /** Who need the coarse slices. */
  coarse: number
}

export const NOBODY: Tally = { open: 0, places: 0, verify: 0, coarse: 0 }

export const addTallies = (a: Tally, b: Tally): Tally => ({
  open: a.open + b.open,
  places: a.places + b.places,
  verify: a.verify + b.verify,
  coarse: a.coarse + b.coarse,
})

export type PastViewer = ViewerDiagnosis & { ended: ViewerEnd }

export type ViewersOptions = {
  bus: FrameBus
  /** Where the programme stands and its whole latest picture, for a viewer that has just come. */
  join(): Join | Promise<Join>
  playoutDelayMs: number
  /** Whether private addresses that a viewer names are knocked at; `auto` when absent. */
  lan?: LanMode | undefined
  /** Beyond this `add` refuses with `too-many-viewers`. */
  maxViewers?: number
  /** Told how many there are and what they want, whenever that may have changed. */
  onTally?: (tally: Tally) => void
  now(): LocalTime
  log: Pick<Log, 'info'>
}

export class Viewers {
  readonly #options: ViewersOptions
  readonly #maxViewers: number
  readonly #viewers = new Map<string, Viewer>()
  readonly #recent: RecentFrames
  readonly #leaveBus: () => void
  readonly #timer: NodeJS.Timeout
  readonly #past: PastViewer[] = []
  #reportedAt = 0
  #closed = false

  constructor(options: ViewersOptions) {
    this.#options = options
    this.#maxViewers = options.maxViewers ?? MAX_VIEWERS
    this.#recent = new RecentFrames(options)
    this.#leaveBus = options.bus.subscribe((frame) => {
      const now = options.now()
      this.#recent.push(frame, now)
      for (const viewer of this.#viewers.values()) viewer.push(frame, now)
    })
    this.#timer = setInterval(() => this.#check(), CHECK_MS)
    this.#timer.unref()
  }

  /** Viewers that watch now; those still connecting do not count. */
  get size(): number {
    let open = 0
    for (const viewer of this.#viewers.values()) if (viewer.open) open += 1
    return open
  }

  /** All of them, those still connecting included. */
  get places(): number {
    return this.#viewers.size
  }

  get tally(): Tally {
    let verify = 0
    let coarse = 0
    for (const viewer of this.#viewers.values()) {
      if (viewer.verify) verify += 1
      if (viewer.coarse) coarse += 1
    }
    return { open: this.size, places: this.places, verify, coarse }
  }

  /** Throws `too-many-viewers`. */
  add(address: string, way: ViewerOptions['way'], onGone?: () => void): Viewer {
    if (this.#closed) throw new PeerRefusal('peer-failed', 'The server is stopping.')
    if (this.#viewers.size >= this.#maxViewers) throw tooManyViewers(this.#maxViewers)
    const id = randomBytes(8).toString('hex')
    const { playoutDelayMs, join, now, log } = this.#options
    const viewer = new Viewer({
      id,
      address,
      way,
      lan: this.#options.lan ?? 'auto',
      playoutDelayMs,
      now,
      join: () => {
        this.#tell()
        return join()
      },
      recent: this.#recent,
      onWants: () => this.#tell(),
      onClosed: (why) => {
        this.#past.push({ ...viewer.diagnose(), ended: why })
        if (this.#past.length > MAX_PAST) this.#past.shift()
        this.#viewers.delete(id)
        this.#tell()
        log.info(`viewer ${id.slice(0, 4)} gone: ${why}`)
        onGone?.()
      },
    })
    this.#viewers.set(id, viewer)
    this.#tell()
    return viewer
  }

  /** Takes a viewer whose frames go over its signaling socket. Throws `too-many-viewers`. */
  carry(address: string, socket: MediaSocket): CarriedPeer {
    const viewer = this.add(address, { socket }, () => socket.ended())
    return {
      peer: viewer.id,
      start: () => viewer.start(),
      receive: (message) => viewer.receive(message),
    }
  }

  get(peer: string): Viewer | undefined {
    return this.#viewers.get(peer)
  }

  /** Says something to every viewer on control; digests only to those that asked for them. */
  announce(message: ControlFromServer): void {
    for (const viewer of this.#viewers.values()) viewer.announce(message)
  }

  stats(): ViewerStats[] {
    return [...this.#viewers.values()].map((viewer) => viewer.stats())
  }

  /** Those of now, and the last few of before. */
  diagnose(): { viewers: ViewerDiagnosis[]; past: PastViewer[] } {
    return { viewers: [...this.#viewers.values()].map((viewer) => viewer.diagnose()), past: [...this.#past] }
  }

  /** Ends every viewer and takes no more. May be called twice. */
  close(): void {
    this.#closed = true
    this.#leaveBus()
    clearInterval(this.#timer)
    for (const viewer of [...this.#viewers.values()]) viewer.close()
  }

  #check(): void {
    const now = this.#options.now()
    for (const viewer of [...this.#viewers.values()]) viewer.check(now)
    if (now - this.#reportedAt < REPORT_MS) return
    this.#reportedAt = now
    this.#reportDrops()
  }

  #reportDrops(): void {
    const told: string[] = []
    for (const viewer of this.#viewers.values()) {
      const drops = viewer.newDrops()
      if (drops !== '') told.push(`${viewer.id.slice(0, 4)} ${drops}`)
    }
    if (told.length === 0) return
    const more = told.length > MAX_TOLD ? `; and ${told.length - MAX_TOLD} more viewers` : ''
    this.#options.log.info(`frames not sent to viewer ${told.slice(0, MAX_TOLD).join('; ')}${more}`)
  }

  #tell(): void {
    this.#options.onTally?.(this.tally)
  }
}

/** The refusal for one viewer more than there are places. */
export function tooManyViewers(places: number): PeerRefusal {
  return new PeerRefusal('too-many-viewers', `All ${places} places are taken; try again later.`)
}
