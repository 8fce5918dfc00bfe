// One viewer: its peer, the gate before it, what it says on control, and the counters of all that.

import assert from 'node:assert/strict'
import {
  type ControlFromServer,
  type ControlFromViewer,
  controlFromViewer,
  type FleetingFromViewer,
  fleetingFromViewer,
  MAX_CONTROL_BYTES,
  type Timeline,
} from '../../signaling/messages.ts'
import { type MediaSocket, Negotiation, PeerRefusal } from '../../signaling/negotiation.ts'
import { TokenBucket } from '../../signaling/token-bucket.ts'
import type { LocalTime } from '../../vendor/asciline/index.ts'
import type { EncodedFrame } from '../encode/frame-bus.ts'
import { checkAnswer } from './answer-check.ts'
import { filterAnswer, isCandidateAllowed, type LanMode } from './candidate-filter.ts'
import { ConnectionTrace, type TraceReport } from './connection-trace.ts'
import { Gate, type GateDrops } from './gate.ts'
import type { PeerEnd, PeerEvents } from './peer.ts'
import type { RecentFrames } from './recent-frames.ts'
import { Resend, type ResendCounters } from './resend.ts'
import { SocketWay } from './socket-way.ts'
import type { NegotiatedWay, Way, WayName } from './way.ts'

/**
 * Silence on control after which a viewer is gone: within five seconds, the clock being looked at four times a second
 * (traps 10 and 11: the stack itself notices after 28 s).
 */
export const SILENCE_MS = 4500

/** Without an acknowledgement for this long nothing more is sent; the newest frame waits for the next one. */
export const STALL_MS = 1000

/** The joiner's picture is sent twice, this far apart, so that one lost packet does not leave a hole for a second. */
const JOIN_REPEAT_MS = 80

/** Control messages a viewer may send: a few a second are normal. */
const CONTROL_RATE = { burst: 60, perSecond: 30 }
const MAX_MALFORMED = 20

/** Questions for missing slices; more than these stay unanswered. */
const FLEETING_RATE = { burst: 40, perSecond: 80 }

/** Why a viewer is gone. */
export type ViewerEnd = PeerEnd | 'silent' | 'not-connected' | 'backlog' | 'flood' | 'replaced'

export type ViewerStats = {
  id: string
  address: string
  way: WayName
  state: string
  framesSent: number
  slicesSent: number
  bytesSent: number
  dropped: GateDrops & { stalled: number }
  unackedBytes: number
  roundTripMs: number | undefined
  packetsLost: number
  resent: ResendCounters
  /** What the viewer last said its screen shows. */
  report: Extract<ControlFromViewer, { type: 'report' }> | undefined
}

export type ViewerDiagnosis = ViewerStats & TraceReport & { ageMs: number }

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
  onVerify(): void
  onClosed(why: ViewerEnd): void
}

export class Viewer {
  readonly id: string
  readonly #options: ViewerOptions
  readonly #way: Way
  readonly #negotiated: NegotiatedWay | undefined
  readonly #carried: SocketWay | undefined
  readonly #gate: Gate
  readonly #negotiation = new Negotiation()
  readonly #trace = new ConnectionTrace()
  readonly #since: LocalTime
  readonly #control: TokenBucket
  readonly #fleeting: TokenBucket
  readonly #resend: Resend
  #joined = false
  #verify = false
  #heardAt: LocalTime
  #waitingSince: LocalTime | undefined
  /** When something was last sent or acknowledged. */
  #movedAt: LocalTime | undefined
  #repeatTimer: NodeJS.Timeout | undefined
  #malformed = 0
  #ended = false
  #framesSent = 0
  #slicesSent = 0
  #bytesSent = 0
  #stalled = 0
  #report: ViewerStats['report']

  constructor(options: ViewerOptions) {
    this.id = options.id
    this.#options = options
    this.#gate = new Gate({ playoutDelayMs: options.playoutDelayMs })
    this.#since = options.now()
    this.#heardAt = this.#since
    this.#control = new TokenBucket(CONTROL_RATE, this.#heardAt)
    this.#fleeting = new TokenBucket(FLEETING_RATE, this.#heardAt)
    this.#resend = new Resend({ playoutDelayMs: options.playoutDelayMs })
    const events: PeerEvents = {
      open: () => this.#onOpen(),
      frame: () => this.#onMalformed(),
      control: (text) => this.#onControl(text),
      fleeting: (text) => this.#onFleeting(text),
      acked: () => this.#onAcked(),
      closed: (why) => this.close(why),
    }
    const { way, now } = options
    if ('socket' in way) this.#carried = new SocketWay({ socket: way.socket, events, now })
    else this.#negotiated = way.peer(events)
    this.#way = (this.#carried ?? this.#negotiated) as Way
  }

  get verify(): boolean {
    return this.#verify
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
    this.#gate.push(frame)
    this.#release(now)
  }

  /** Sends a message on control. A new programme or its end makes a held frame of the old one worthless. */
  announce(message: ControlFromServer): void {
    // Before it has joined the join itself will say the same.
    if (!this.#way.open || !this.#joined) return
    if (message.type === 'timeline' || message.type === 'ended') this.#gate.clear()
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
      framesSent: this.#framesSent,
      slicesSent: this.#slicesSent,
      bytesSent: this.#bytesSent,
      dropped: { ...this.#gate.dropped, stalled: this.#stalled },
      unackedBytes: path.unackedBytes,
      roundTripMs: path.roundTripMs,
      packetsLost: path.counters.lost,
      resent: this.#resend.counters,
      report: this.#report,
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
    return { ...this.stats(), id: this.id.slice(0, 4), ageMs, ...this.#trace.report(pairs) }
  }

  #onOpen(): void {
    this.#negotiation.connected()
    this.#heardAt = this.#options.now()
    const join = this.#options.join()
    if (join instanceof Promise) void join.then((late) => this.#onJoin(late))
    else this.#onJoin(join)
  }

  #onJoin({ timeline, slices }: Join): void {
    if (this.#ended) return
    this.#joined = true
    if (timeline !== undefined) this.announce(timeline)
    if (slices === undefined || this.#ended) return
    this.#send(slices)
    if (this.#carried !== undefined) return
    this.#repeatTimer = setTimeout(() => this.#send(slices), JOIN_REPEAT_MS)
  }

  #say(message: ControlFromServer): void {
    if (!this.#way.sendControl(JSON.stringify(message))) this.close('backlog')
  }

  #onAcked(): void {
    const now = this.#options.now()
    this.#waitingSince = undefined
    this.#movedAt = now
    this.#release(now)
  }

  #release(now: LocalTime): void {
    const { path } = this.#way
    // Stalled: SCTP goes on asking (FORWARD-TSN at every timeout), and the answer to that lets the newest frame out.
    if (path.unackedBytes > 0 || path.awaitsAck) this.#waitingSince ??= now
    else this.#waitingSince = undefined
    if (this.#waitingSince !== undefined && now - this.#waitingSince > STALL_MS) {
      this.#stalled += 1
      return
    }
    const frame = this.#gate.take(path.standingBytes(now), now, this.#quietMs(now))
    if (frame === undefined) return
    this.#movedAt = now
    this.#framesSent += 1
    this.#resend.sent(frame)
    this.#send(frame.slices)
  }

  /** TCP loses no acknowledgements: there silence is a queue. */
  #quietMs(now: LocalTime): number | undefined {
    const { roundTripMs } = this.#way.path
    if (this.#movedAt === undefined || roundTripMs === undefined || this.#carried !== undefined)
      return undefined
    return now - this.#movedAt - roundTripMs
  }

  #send(slices: readonly Uint8Array[]): void {
    if (!this.#way.open) return
    if (!this.#way.sendFrames(slices)) {
      this.close('backlog')
      return
    }
    this.#slicesSent += slices.length
    for (const slice of slices) this.#bytesSent += slice.length
  }

  #onControl(text: string): void {
    const now = this.#options.now()
    if (!this.#control.take(now)) {
      this.close('flood')
      return
    }
    const message = parse(controlFromViewer, text)
    if (message === undefined) {
      this.#onMalformed()
      return
    }
    this.#heardAt = now
    switch (message.type) {
      case 'ping':
        this.#say({ type: 'pong', sent: message.sent, at: now })
        break
      case 'report':
        this.#report = message
        break
      case 'verify':
        this.#verify = message.on
        this.#options.onVerify()
        break
    }
  }

  #onFleeting(text: string): void {
    const now = this.#options.now()
    if (!this.#fleeting.take(now)) return
    const message: FleetingFromViewer | undefined = parse(fleetingFromViewer, text)
    if (message === undefined) {
      this.#onMalformed()
      return
    }
    const { path } = this.#way
    for (const gap of message.gaps) {
      const frame = this.#options.recent.get(message.epoch, gap.frame)
      if (frame === undefined) continue
      const slices = this.#resend.answer(gap, frame, path.roundTripMs ?? 0, now)
      if (slices.length > 0) this.#send(slices)
    }
  }

  #onMalformed(): void {
    this.#malformed += 1
    if (this.#malformed >= MAX_MALFORMED) this.close('malformed')
  }
}

function parse<Message>(schema: { parse(value: unknown): Message }, text: string): Message | undefined {
  if (text.length > MAX_CONTROL_BYTES) return undefined
  try {
    return schema.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}
