// Keeps the page connected: does what the ladder says with the line, the peers and plain HTTP, and tells it what became of it.
// The picture is none of its business and simply stays.

import type { FromServer, Offer, SessionStatus } from '../../signaling/messages.ts'
import { type Door, DoorError } from './door.ts'
import { Ladder, type Step } from './ladder.ts'
import { type Link, LinkReport } from './link.ts'
import { watchNetwork } from './network-watch.ts'
import { PeerPair } from './peer-pair.ts'
import { SignalLine } from './signal-line.ts'

/** How often the ladder looks at the clock. */
const WATCH_MS = 100
/** Without a socket nothing is pushed, and the status is asked for. */
const POLL_MS = 2000
const LOST = 'The connection to the server was lost.'
const NO_DIRECT_WAY = 'No direct way to the server was found. It needs its UDP ports open.'

export type ConnectionOptions = {
  door: Door
  onLink: (link: Link) => void
  onStatus: (status: SessionStatus) => void
  /** A list on the server has changed. */
  onNews: (list: 'queue' | 'library') => void
  /** Frames come over another connection than before, perhaps from another server. */
  onOpen: () => void
  onFrame: (message: Uint8Array) => void
  onControl: (text: string) => void
  /** True while a programme runs, so that frames are due. */
  isPlaying: () => boolean
}

/** Reconnects for ever, except while locked. */
export class Connection {
  readonly #options: ConnectionOptions
  readonly #line: SignalLine
  readonly #peers: PeerPair
  #ladder = new Ladder()
  #report: LinkReport
  /** Counts the questions for an offer: the answer to an earlier one is of no use. */
  #joins = 0
  #polledAt = Number.NEGATIVE_INFINITY
  #watch: ReturnType<typeof setInterval> | undefined
  #stepping = false

  constructor(options: ConnectionOptions) {
    const { onFrame, onControl, onOpen } = options
    this.#options = options
    this.#report = new LinkReport(options)
    this.#line = new SignalLine({
      onMessage: (message) => this.#hear(message),
      onFrame: (slices) => {
        this.#ladder.heard('websocket', performance.now())
        for (const slice of slices) onFrame(slice)
      },
      onClosed: () => {
        this.#report.suspect(LOST)
        this.#ladder.socketClosed(performance.now())
        this.#look()
      },
    })
    this.#peers = new PeerPair({
      onOpen: () => {
        this.#ladder.webrtcOpened(performance.now())
        onOpen()
        this.#look()
      },
      onFrame: (message) => {
        this.#ladder.heard('webrtc', performance.now())
        onFrame(message)
      },
      onControl: (text) => {
        this.#ladder.heard('webrtc', performance.now())
        onControl(text)
      },
      onCandidate: (peer, candidate) => this.#line.send({ type: 'candidate', peer, candidate }),
      onLeft: (peer) => this.#leave(peer),
      onRefused: (error) => this.#refused(error),
      onFailed: (which) => {
        this.#report.suspect(LOST)
        if (which === 'attempt') this.#ladder.attemptFailed(performance.now())
        else this.#ladder.webrtcFailed(performance.now())
        this.#look()
      },
    })
    watchNetwork(() => this.hurry())
  }

  /** Connects, or connects afresh after the PIN was entered. */
  open(): void {
    this.close()
    this.#ladder = new Ladder()
    this.#report = new LinkReport(this.#options)
    this.#watch = setInterval(() => this.#look(), WATCH_MS)
    this.#look()
  }

  /** Something changed (network, tab): what waits is tried now, and what works has to prove it. */
  hurry(): void {
    if (this.#watch === undefined || document.hidden) return
    this.#ladder.hint(performance.now())
    this.#look()
  }

  sendControl(text: string): void {
    if (this.#ladder.way === 'websocket') this.#line.send({ type: 'control', text })
    else this.#peers.sendControl(text)
  }

  /** What is worthless a moment later; over TCP nothing is lost and nobody needs it. */
  sendFleeting(text: string): void {
    if (this.#ladder.way !== 'websocket') this.#peers.sendFleeting(text)
  }

  close(): void {
    clearInterval(this.#watch)
    this.#watch = undefined
    this.#joins += 1
    this.#peers.close()
    this.#line.close()
  }

  /** Does everything that is due. Steps may bring news at once, which must not start a second round. */
  #look(): void {
    if (this.#stepping) return
    this.#stepping = true
    this.#ladder.playing = this.#options.isPlaying()
    for (;;) {
      if (this.#watch === undefined) break
      const step = this.#ladder.next(performance.now())
      if (step === undefined) break
      this.#do(step)
    }
    this.#stepping = false
    if (this.#watch === undefined) return
    this.#poll(performance.now())
    this.#report.tell(this.#ladder.way)
  }

  #do(step: Step): void {
    switch (step) {
      case 'open-socket':
        // A socket's refusal says nothing; this answer tells a closed door from an absent server.
        void this.#askStatus()
        this.#line.open()
        break
      case 'close-socket':
        this.#line.close()
        break
      case 'join-over-socket':
        this.#joins += 1
        this.#line.send({ type: 'join' })
        break
      case 'join-over-http':
        void this.#joinOverHttp(++this.#joins)
        break
      case 'drop-attempt':
        this.#report.suspect(NO_DIRECT_WAY)
        this.#joins += 1
        this.#peers.dropAttempt()
        break
      case 'drop-webrtc':
        this.#peers.dropPeer()
        break
      case 'carry':
        this.#line.send({ type: 'carry' })
        break
      case 'drop-carry':
        this.#line.dropCarry()
        break
      case 'probe':
        this.sendControl(JSON.stringify({ type: 'ping', sent: performance.now() }))
        break
    }
  }

  #hear(message: FromServer): void {
    const now = performance.now()
    const ladder = this.#ladder
    switch (message.type) {
      case 'authenticated':
        ladder.socketOpened(now)
        break
      case 'offer':
        void this.#answer(message, this.#joins, async (sdp) =>
          this.#line.send({ type: 'answer', peer: message.peer, sdp }),
        )
        break
      case 'carrying':
        ladder.carrying(now)
        if (ladder.way === 'websocket') this.#options.onOpen()
        break
      case 'control':
        ladder.heard('websocket', now)
        this.#options.onControl(message.text)
        break
      case 'status':
        this.#options.onStatus(message.status)
        break
      case 'queue':
      case 'library':
        this.#options.onNews(message.type)
        break
      case 'refused':
        if (message.code === 'unauthorized' || message.code === 'wrong-pin') {
          this.#lock()
          return
        }
        this.#report.blame(message.message)
        // Which of two questions it answers it does not say; the older one is asked again soon enough.
        if (this.#line.carrying || !ladder.attempting) {
          this.#line.carryEnded()
          ladder.carryEnded(now)
        } else ladder.attemptFailed(now, message.retryAfterMs)
        break
    }
    this.#look()
  }

  async #joinOverHttp(join: number): Promise<void> {
    try {
      const offer = await this.#options.door.offer()
      await this.#answer(offer, join, (sdp) => this.#options.door.answer(offer.peer, sdp))
    } catch (error) {
      if (join === this.#joins) this.#refused(error)
    }
  }

  async #answer(offer: Offer, join: number, send: (sdp: string) => Promise<void>): Promise<void> {
    if (join !== this.#joins || !this.#ladder.attempting) {
      this.#leave(offer.peer)
      return
    }
    this.#ladder.offered(performance.now())
    await this.#peers.accept(offer, send)
  }

  #refused(error: unknown): void {
    if (error instanceof DoorError && error.code === 'unauthorized') {
      this.#lock()
      return
    }
    this.#report.blame(
      error instanceof DoorError
        ? error.message
        : `This browser did not take the server's offer: ${String(error)}`,
    )
    this.#ladder.attemptFailed(performance.now(), error instanceof DoorError ? error.retryAfterMs : 0)
    this.#look()
  }

  /** Asks for what nobody pushes. */
  #poll(now: number): void {
    if (this.#ladder.socketOpen || now - this.#polledAt < POLL_MS) return
    void this.#askStatus()
  }

  async #askStatus(): Promise<void> {
    this.#polledAt = performance.now()
    // What was asked before the PIN was entered, and is answered after it, would lock the door again.
    const watch = this.#watch
    const isStale = () => watch === undefined || this.#watch !== watch
    try {
      const status = await this.#options.door.status()
      if (!isStale()) this.#options.onStatus(status)
    } catch (error) {
      if (isStale()) return
      if (error instanceof DoorError && error.code === 'unauthorized') this.#lock()
      else this.#report.blame(error instanceof DoorError ? error.message : String(error))
    }
  }

  #lock(): void {
    this.close()
    this.#options.onLink({ kind: 'locked' })
  }

  #leave(peer: string): void {
    this.#line.send({ type: 'leave', peer })
  }
}
