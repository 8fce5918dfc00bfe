// One viewer: how it comes, what it is told and says on control, and when it is gone. What it is sent is the FrameSender's.

import assert from 'node:assert/strict'
import type { ControlFromServer, ControlFromViewer, Timeline } from '../../signaling/messages.ts'
import { type MediaSocket, Negotiation, PeerRefusal } from '../../signaling/negotiation.ts'
import type { LocalTime } from '../../vendor/asciline/index.ts'
import type { EncodedFrame } from '../encode/frame-bus.ts'
import { checkAnswer } from './answer-check.ts'
import { filterAnswer, isCandidateAllowed, type LanMode } from './candidate-filter.ts'
import { ConnectionTrace, type TraceReport } from './connection-trace.ts'
import { FrameSender, type FrameSenderStats } from './frame-sender.ts'
import type { PeerEnd, PeerEvents } from './peer.ts'
import type { RecentFrames } from './recent-frames.ts'
import { SocketWay } from './socket-way.ts'
import { ViewerInbox } from './viewer-inbox.ts'
import type { NegotiatedWay, RefusedPackets, Way, WayName } from './way.ts'

/**
 * Silence on control after which a viewer is gone: within five seconds, the clock being looked at four times a second
 * (traps 10 and 11: the stack itself notices after 28 s).
 */
export const SILENCE_MS = 4500

/** The joiner's picture is sent twice, this far apart, so that one lost packet does not leave a hole for a second. */
const JOIN_REPEAT_MS = 80

/** Why a frame stays here; every second one at half pace (`skipped`) is no news. */
const REASONS = ['replaced', 'late', 'stalled'] as const

/** Why a viewer is gone. */
export type ViewerEnd = PeerEnd | 'silent' | 'not-connected' | 'backlog' | 'flood' | 'replaced'

export type ViewerStats = FrameSenderStats & {
  id: string
  address: string
  way: WayName
  state: string
  unackedBytes: number
  roundTripMs: number | undefined
  packetsLost: number
}

export type ViewerDiagnosis = ViewerStats &
  TraceReport & {
    ageMs: number
    /** Absent where there is no socket of its own. */
    refused?: RefusedPackets
  }

/** What a viewer needs that has just come: where the programme stands, and all of its latest picture. */
export type Join = { timeline: Timeline | undefined; slices: readonly Uint8Array[] | undefined }

export type ViewerOptions = {
  id: string
  address: string
  /** How the frames go: over a peer that is made here and is to be negotiated, or over the socket that is there. */
  way: { peer: (events: PeerEvents) => NegotiatedWay } | { socket: MediaSocket }
  lan: LanMode
  playoutDelayMs: number
  now: () => LocalTime
  join(): Join | Promise<Join>
  /** What a viewer may ask for again. */
  recent: RecentFrames
  /** It wants digests, or the coarse slices, or no longer. */
  onWants(): void
  onClosed(why: ViewerEnd): void
}

export class Viewer {
  readonly id: string
  readonly #options: ViewerOptions
  readonly #way: Way
  readonly #negotiated: NegotiatedWay | undefined
  readonly #carried: SocketWay | undefined
  readonly #frames: FrameSender
  readonly #negotiation = new Negotiation()
  readonly #trace = new ConnectionTrace()
  readonly #since: LocalTime
  readonly #inbox: ViewerInbox
  #told: FrameSenderStats['dropped'] = { replaced: 0, late: 0, stalled: 0, skipped: 0 }
  #joined = false
  #verify = false
  #heardAt: LocalTime
  #repeatTimer: NodeJS.Timeout | undefined
  #ended = false

  constructor(options: ViewerOptions) {
    this.id = options.id
    this.#options = options
    this.#since = options.now()
    this.#heardAt = this.#since
    this.#inbox = new ViewerInbox({
      now: this.#since,
      onControl: (message, now) => this.#onControl(message, now),
      onQuestion: (question, now) => this.#frames.asked(question, now),
      onAbuse: (why) => this.close(why),
    })
    const events: PeerEvents = {
      open: () => this.#onOpen(),
      frame: () => this.#inbox.malformed(),
      control: (text) => this.#inbox.control(text, options.now()),
      fleeting: (text) => this.#inbox.fleeting(text, options.now()),
      acked: () => this.#frames.acked(options.now()),
      closed: (why) => this.close(why),
    }
    const { way, now } = options
    if ('socket' in way) this.#carried = new SocketWay({ socket: way.socket, events, now })
    else this.#negotiated = way.peer(events)
    this.#way = (this.#carried ?? this.#negotiated) as Way
    this.#frames = new FrameSender({
      way: this.#way,
      reliable: this.#carried !== undefined,
      playoutDelayMs: options.playoutDelayMs,
      recent: options.recent,
      onPace: (pace) => {
        this.#say({ type: 'pace', pace })
        options.onWants()
      },
      onWantsJoin: () => this.#join(),
      onBacklog: () => this.close('backlog'),
    })
  }

  get verify(): boolean {
    return this.#verify
  }

  /** It gets, or waits for, the coarse slices. */
  get coarse(): boolean {
    return this.#way.open && this.#frames.wantsCoarse
  }

  get open(): boolean {
    return this.#way.open
  }

  /** The offer; `write` puts the addresses into it that the viewer is to see. */
  async offer(write: (sdp: string) => string): Promise<string> {
    this.#negotiation.offered(this.#options.now())
    const sdp = write(await this.#peer.offer())
    this.#trace.offer(sdp)
    return sdp
  }

  /** Throws `bad-request` when no answer is due or it cannot be read. */
  async answer(sdp: string): Promise<void> {
    this.#negotiation.answered()
    try {
      checkAnswer(sdp)
      const { address, lan } = this.#options
      this.#trace.answer(sdp, (line) => isCandidateAllowed(line, address, lan))
      await this.#peer.answer(filterAnswer(sdp, address, lan))
    } catch {
      this.close('failed')
      throw new PeerRefusal('bad-request', 'The answer cannot be read.')
    }
  }

  candidate(line: string): void {
    if (this.#negotiated === undefined) return
    const allowed = isCandidateAllowed(line, this.#options.address, this.#options.lan)
    this.#trace.candidate(line, allowed)
    if (allowed) this.#negotiated.candidate(line)
  }

  /** Starts sending over the socket; there is nothing to negotiate. */
  start(): void {
    this.#negotiation.carried()
    this.#socketWay.start()
  }

  /** What the page sent over the socket that carries its frames. */
  receive(message: string | Uint8Array): void {
    this.#socketWay.receive(message)
  }

  /** A frame for everyone. Costs nothing for a viewer that has not connected yet, or has no picture to put it on. */
  push(frame: EncodedFrame, now: LocalTime): void {
    if (!this.#way.open || !this.#joined) return
    this.#frames.push(frame, now)
  }

  /** Sends a message on control. A new programme or its end makes a held frame of the old one worthless. */
  announce(message: ControlFromServer): void {
    // Before it has joined the join itself will say the same.
    if (!this.#way.open || !this.#joined) return
    if (message.type === 'timeline' || message.type === 'ended') this.#frames.clear()
    if (message.type === 'digest' && !this.#verify) return
    this.#say(message)
  }

  /** Looks at the clock: who has not connected in time, and who has fallen silent. Called a few times a second. */
  check(now: LocalTime): void {
    if (this.#negotiation.expired(now)) this.close('not-connected')
    else if (this.#way.open && now - this.#heardAt > SILENCE_MS) this.close('silent')
  }

  close(why: ViewerEnd = 'closed'): void {
    if (this.#ended) return
    this.#ended = true
    clearTimeout(this.#repeatTimer)
    this.#negotiation.close()
    this.#way.close()
    this.#options.onClosed(why)
  }

  stats(): ViewerStats {
    const { path } = this.#way
    return {
      id: this.id,
      address: this.#options.address,
      way: this.#carried === undefined ? 'webrtc' : 'websocket',
      state: this.#negotiation.state,
      unackedBytes: path.unackedBytes,
      roundTripMs: path.roundTripMs,
      packetsLost: path.counters.lost,
      ...this.#frames.stats,
    }
  }

  get #peer(): NegotiatedWay {
    if (this.#negotiated !== undefined) return this.#negotiated
    throw new PeerRefusal('bad-request', 'This connection is not negotiated.')
  }

  get #socketWay(): SocketWay {
    assert(this.#carried !== undefined)
    return this.#carried
  }

  /** What was offered, named and tried. The name is cut short: whoever knows it whole could answer in its place. */
  diagnose(): ViewerDiagnosis {
    const ageMs = this.#options.now() - this.#since
    const pairs = this.#negotiated?.pairs ?? []
    const refused = this.#negotiated === undefined ? {} : { refused: this.#negotiated.refused }
    return { ...this.stats(), id: this.id.slice(0, 4), ageMs, ...refused, ...this.#trace.report(pairs) }
  }

  /** Frames kept back since the last call, by reason, in words; empty when there were none. */
  newDrops(): string {
    const { dropped } = this.#frames.stats
    const words = REASONS.filter((reason) => dropped[reason] > this.#told[reason]).map(
      (reason) => `${dropped[reason] - this.#told[reason]} ${reason}`,
    )
    this.#told = dropped
    return words.join(', ')
  }

  #onOpen(): void {
    this.#negotiation.connected()
    this.#heardAt = this.#options.now()
    this.#join()
  }

  #join(): void {
    const join = this.#options.join()
    if (join instanceof Promise) void join.then((late) => this.#onJoin(late))
    else this.#onJoin(join)
  }

  #onJoin({ timeline, slices }: Join): void {
    if (this.#ended) return
    this.#joined = true
    if (timeline !== undefined) this.announce(timeline)
    if (slices === undefined || this.#ended) return
    this.#frames.send(slices)
    if (this.#carried !== undefined) return
    this.#repeatTimer = setTimeout(() => this.#frames.send(slices), JOIN_REPEAT_MS)
  }

  #say(message: ControlFromServer): void {
    if (!this.#way.sendControl(JSON.stringify(message))) this.close('backlog')
  }

  #onControl(message: ControlFromViewer, now: LocalTime): void {
    this.#heardAt = now
    switch (message.type) {
      case 'ping':
        this.#say({ type: 'pong', sent: message.sent, at: now })
        break
      case 'report':
        this.#frames.reported(message, now)
        break
      case 'verify':
        this.#verify = message.on
        this.#frames.fullOnly = message.on
        this.#options.onWants()
        break
    }
  }
}
