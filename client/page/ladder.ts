// Decides over which way the frames come: WebRTC where it works, the signaling socket where it does not, and what to try
// next when neither does. Whatever there is stays until something better works, so that the picture freezes at worst.
//
// Pure: events and the clock come in, one step at a time comes out. Times are milliseconds of one monotonic clock.

import { BackOff, type BackOffOptions } from './back-off.ts'

/** The socket is asked for frames when WebRTC takes longer than this at first; it opens in 0.1 s on a LAN. */
const FALLBACK_MS = 1500
/** The same after something that worked has died: a viewer is waiting. */
const FALLBACK_AGAIN_MS = 500
/** An offer is made within 100 ms; a socket that swallows a join is dead (some firmware kills the sending half). */
const OFFER_MS = 1500
/** From the offer to open channels. */
const OPEN_MS = 8000
/** A socket that has not opened by then is not waited for. */
const SOCKET_MS = 4000
/** An opening socket is waited for this long before the offer is asked for over plain HTTP. */
const SOCKET_PATIENCE_MS = 1000
/** A socket that held this long may be opened again at once. */
const SOCKET_WORKED_MS = 30_000
/** After a socket swallowed something, offers go over HTTP for this long. */
const MUTE_MS = 60_000
/** How long a doubt about the network makes plain HTTP, on a connection of its own, the better messenger. */
const DOUBT_MS = 5000
/** Silence after which to ask whether anybody is there, and after which to look for another way. */
const SILENCE = {
  playing: { probeMs: 300, suspectMs: 1000 },
  idle: { probeMs: 2500, suspectMs: 5000 },
} as const
/** After a hint that the network has changed an answer is due within this. */
const DOUBT_ANSWER_MS = 700
/** A way that says nothing for this long will not come back. */
const DEAD_MS = 5000
/** The same for the socket while frames are due: TCP may need a second or two for a packet lost twice. */
const CARRY_DEAD_MS = 3000

export type Way = 'webrtc' | 'websocket'

/** What to do; the ladder takes it as begun. */
export type Step =
  | 'open-socket'
  | 'close-socket'
  | 'join-over-socket'
  | 'join-over-http'
  /** The peer under negotiation is given up. */
  | 'drop-attempt'
  /** The peer that was open is given up. */
  | 'drop-webrtc'
  | 'carry'
  | 'drop-carry'
  /** Ping over the way in use. */
  | 'probe'

type Attempt = { since: number; stage: 'asking' | 'negotiating'; over: 'socket' | 'http' }

export class Ladder {
  readonly #webrtcBackOff: BackOff
  readonly #quietBackOff: BackOff
  readonly #socketBackOff: BackOff
  #socket: 'closed' | 'opening' | 'open' = 'closed'
  #socketSince = Number.NEGATIVE_INFINITY
  #socketRetryAt = Number.NEGATIVE_INFINITY
  #muteUntil = Number.NEGATIVE_INFINITY
  #attempt: Attempt | undefined
  #webrtc: 'none' | 'open' | 'silent' = 'none'
  #retryAt = Number.NEGATIVE_INFINITY
  #carry: 'off' | 'asked' | 'on' = 'off'
  #carrySince = Number.NEGATIVE_INFINITY
  #fallbackAt: number | undefined
  #heardAt: Record<Way, number> = { webrtc: Number.NEGATIVE_INFINITY, websocket: Number.NEGATIVE_INFINITY }
  #probedAt = Number.NEGATIVE_INFINITY
  #doubtedAt = Number.NEGATIVE_INFINITY
  /** Frames are due: silence is a fault, not a pause. */
  playing = false

  constructor({ random }: Pick<BackOffOptions, 'random'> = {}) {
    const spread = random === undefined ? {} : { random }
    this.#webrtcBackOff = new BackOff(spread)
    this.#quietBackOff = new BackOff({ firstMs: 5000, mostMs: 60_000, ...spread })
    this.#socketBackOff = new BackOff({ mostMs: 10_000, ...spread })
  }

  /** The way that works now. */
  get way(): Way | undefined {
    if (this.#webrtc === 'open') return 'webrtc'
    return this.#carry === 'on' ? 'websocket' : undefined
  }

  get attempting(): boolean {
    return this.#attempt !== undefined
  }

  get socketOpen(): boolean {
    return this.#socket === 'open'
  }

  /** The next thing to do, undefined when there is nothing before the clock moves on or something happens. */
  next(now: number): Step | undefined {
    return this.#tendSocket(now) ?? this.#tendAttempt(now) ?? this.#tendCarry(now) ?? this.#tendWay(now)
  }

  socketOpened(now: number): void {
    this.#socket = 'open'
    this.#socketSince = now
  }

  socketClosed(now: number): void {
    if (this.#socket === 'closed') return
    // One that opens and is of no use is no success.
    if (this.#socket === 'open' && now - this.#socketSince > SOCKET_WORKED_MS) this.#socketBackOff.reset()
    this.#socket = 'closed'
    this.#socketRetryAt = now + this.#socketBackOff.next()
    if (this.#carry === 'on') this.#lost(now)
    this.#carry = 'off'
    if (this.#attempt?.over === 'socket' && this.#attempt.stage === 'asking') {
      this.#attempt = undefined
      this.#retryAt = now
    }
  }

  /** An offer has come. */
  offered(now: number): void {
    if (this.#attempt?.over === 'socket') this.#socketBackOff.reset()
    if (this.#attempt !== undefined) this.#attempt = { ...this.#attempt, stage: 'negotiating', since: now }
  }

  /** The attempt under way has come to nothing; `retryMs` is the server's own wish. */
  attemptFailed(now: number, retryMs = 0): void {
    this.#attempt = undefined
    const backOff = this.#carry === 'on' ? this.#quietBackOff : this.#webrtcBackOff
    this.#retryAt = now + Math.max(retryMs, backOff.next())
    if (this.#carry === 'off') this.#fallbackAt = Math.min(this.#fallbackAt ?? now, now)
  }

  /** Both channels of the peer under negotiation are open. */
  webrtcOpened(now: number): void {
    this.#attempt = undefined
    this.#webrtc = 'open'
    this.#heardAt.webrtc = now
    this.#fallbackAt = undefined
    this.#webrtcBackOff.reset()
    this.#quietBackOff.reset()
  }

  /** The peer that was open has failed. */
  webrtcFailed(now: number): void {
    if (this.#webrtc === 'none') return
    this.#webrtc = 'none'
    this.#lost(now)
  }

  carrying(now: number): void {
    if (this.#carry !== 'asked') return
    this.#carry = 'on'
    this.#heardAt.websocket = now
    this.#fallbackAt = undefined
    this.#socketBackOff.reset()
  }

  /** The server refused to carry, or has stopped. */
  carryEnded(now: number): void {
    if (this.#carry === 'off') return
    const worked = this.#carry === 'on'
    this.#carry = 'off'
    if (worked) this.#lost(now)
    this.#fallbackAt = now + 2000
  }

  /** Something came in over a way. */
  heard(way: Way, now: number): void {
    this.#heardAt[way] = now
    if (way === 'webrtc' && this.#webrtc === 'silent') this.#webrtc = 'open'
  }

  /** The network may have changed, or the page was away: whatever waits is tried now, and what works has to prove it. */
  hint(now: number): void {
    this.#doubtedAt = now
    this.#probedAt = Number.NEGATIVE_INFINITY
    for (const backOff of [this.#webrtcBackOff, this.#quietBackOff, this.#socketBackOff]) backOff.reset()
    this.#retryAt = Math.min(this.#retryAt, now)
    this.#socketRetryAt = Math.min(this.#socketRetryAt, now)
  }

  #tendSocket(now: number): Step | undefined {
    if (this.#socket === 'closed') {
      if (now < this.#socketRetryAt) return undefined
      this.#socket = 'opening'
      this.#socketSince = now
      return 'open-socket'
    }
    if (this.#isSocketDoubtful(now)) {
      this.socketClosed(now)
      this.#socketRetryAt = now
      return 'close-socket'
    }
    if (!this.#hasSwallowed(now)) return undefined
    this.#muteUntil = now + MUTE_MS
    this.socketClosed(now)
    return 'close-socket'
  }

  /** It was opened before the network changed, and nothing has come through since. */
  #isSocketDoubtful(now: number): boolean {
    const since = this.#doubtedAt
    if (this.#socket !== 'open' || this.#socketSince > since || now - since <= DOUBT_ANSWER_MS) return false
    if (this.#carry === 'on') return this.#heardAt.websocket <= since
    return this.#webrtc !== 'open' && now - since <= DOUBT_MS
  }

  #hasSwallowed(now: number): boolean {
    const attempt = this.#attempt
    const deadMs = this.playing ? CARRY_DEAD_MS : DEAD_MS
    return (
      (this.#socket === 'opening' && now - this.#socketSince > SOCKET_MS) ||
      (this.#carry === 'asked' && now - this.#carrySince > OFFER_MS) ||
      (this.#carry === 'on' && now - this.#heardAt.websocket > deadMs) ||
      (attempt?.over === 'socket' && attempt.stage === 'asking' && now - attempt.since > OFFER_MS)
    )
  }

  #tendAttempt(now: number): Step | undefined {
    const attempt = this.#attempt
    if (attempt !== undefined) {
      const late = attempt.stage === 'negotiating' && now - attempt.since > OPEN_MS
      if (this.#webrtc !== 'open' && !late) return undefined
      // Either it takes too long, or the old peer has come back to life.
      if (late) this.attemptFailed(now)
      this.#attempt = undefined
      return 'drop-attempt'
    }
    if (this.#webrtc === 'open' || now < this.#retryAt) return undefined
    const trusted = now >= this.#muteUntil && now - this.#doubtedAt > DOUBT_MS
    const opening = this.#socket === 'opening' && now - this.#socketSince < SOCKET_PATIENCE_MS
    if (trusted && opening) return undefined
    const socket = trusted && this.#socket === 'open'
    this.#attempt = { since: now, stage: 'asking', over: socket ? 'socket' : 'http' }
    this.#fallbackAt ??= now + FALLBACK_MS
    return socket ? 'join-over-socket' : 'join-over-http'
  }

  #tendCarry(now: number): Step | undefined {
    if (this.#webrtc === 'open') {
      if (this.#carry === 'off') return undefined
      this.#carry = 'off'
      return 'drop-carry'
    }
    if (this.#carry !== 'off' || this.#socket !== 'open' || now < (this.#fallbackAt ?? now)) return undefined
    this.#carry = 'asked'
    this.#carrySince = now
    return 'carry'
  }

  #tendWay(now: number): Step | undefined {
    const { suspectMs } = this.#patience
    const silentMs = now - this.#heardAt.webrtc
    if (this.#webrtc === 'silent' && silentMs > suspectMs + DEAD_MS) {
      this.#webrtc = 'none'
      return 'drop-webrtc'
    }
    const unproven = this.#doubtedAt >= this.#heardAt.webrtc && now - this.#doubtedAt > DOUBT_ANSWER_MS
    if (this.#webrtc === 'open' && (silentMs > suspectMs || unproven)) {
      this.#webrtc = 'silent'
      this.#lost(now)
      return this.next(now)
    }
    return this.#probe(now)
  }

  #probe(now: number): Step | undefined {
    const way = this.way
    if (way === undefined) return undefined
    const { probeMs } = this.#patience
    const due = now - this.#heardAt[way] > probeMs || this.#doubtedAt >= this.#heardAt[way]
    if (!due || now - this.#probedAt <= probeMs) return undefined
    this.#probedAt = now
    return 'probe'
  }

  get #patience() {
    return this.playing ? SILENCE.playing : SILENCE.idle
  }

  /** What worked does not any more: WebRTC again at once, and the socket soon after. */
  #lost(now: number): void {
    this.#webrtcBackOff.reset()
    if (this.#attempt === undefined) this.#retryAt = now
    this.#fallbackAt = now + FALLBACK_AGAIN_MS
  }
}
