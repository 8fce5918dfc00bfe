// What one viewer is sent, and when: the gate before its way, slices sent again, parity, the coarser slices of a slow viewer,
// and the books of all that. Knows nothing of how the way came about.

import type { ControlFromViewer, FleetingFromViewer } from '../../signaling/messages.ts'
import { encodeParity, type LocalTime } from '../../vendor/asciline/index.ts'
import type { EncodedFrame } from '../encode/frame-bus.ts'
import { Gate, type GateDrops } from './gate.ts'
import { type LossLevel, LossMeter } from './loss-meter.ts'
import { PageWatch } from './page-watch.ts'
import { PathDrain } from './path-drain.ts'
import type { RecentFrames } from './recent-frames.ts'
import { Resend, type ResendCounters } from './resend.ts'
import { type Pace, ViewerPace } from './viewer-pace.ts'
import type { Way } from './way.ts'

/** Without an acknowledgement for this long nothing more is sent; the newest frame waits for the next one. */
export const STALL_MS = 1000

/** Where more than this stands, half of what shuts the gate, or waits in a queue, only what is due is sent. */
const CLEAR = { bytes: 4096, queueMs: 20 }

/** A viewer that waits for a whole coarse picture takes the slices as they are after this: they are whole within a second. */
const COARSE_PATIENCE_MS = 1500

export type Report = Extract<ControlFromViewer, { type: 'report' }>

export type FrameSenderStats = {
  framesSent: number
  slicesSent: number
  bytesSent: number
  dropped: GateDrops & { stalled: number; skipped: number }
  resent: ResendCounters
  /** Parity messages among the slices sent, and what the path loses: at `some` frames of one slice get one, at `high` all. */
  parity: { sent: number; loss: LossLevel }
  pace: Pace
  /** What the viewer last said its screen shows. */
  report: Report | undefined
}

export type FrameSenderOptions = {
  way: Way
  /** TCP loses nothing: there silence is a queue, and nothing is sent twice. */
  reliable: boolean
  playoutDelayMs: number
  /** What a viewer may ask for again. */
  recent: RecentFrames
  /** The viewer gets another kind of frames from now on. */
  onPace(pace: Pace): void
  /** It needs the whole latest picture, in the slices everybody gets. */
  onWantsJoin(): void
  /** The way takes nothing more. */
  onBacklog(): void
}

/** One viewer's. */
export class FrameSender {
  readonly #options: FrameSenderOptions
  readonly #gate: Gate
  readonly #resend: Resend
  readonly #pace = new ViewerPace()
  readonly #loss = new LossMeter()
  readonly #page = new PageWatch()
  readonly #drain = new PathDrain()
  /** A viewer that compares its picture with the one encoding gets that or nothing. */
  fullOnly = false
  #waitingSince: LocalTime | undefined
  /** When something was last sent or acknowledged. */
  #movedAt: LocalTime | undefined
  #offered = 0
  #lastIndex = -1
  #coarse = false
  #coarseWantedAt: LocalTime | undefined
  #framesSent = 0
  #slicesSent = 0
  #bytesSent = 0
  #paritySent = 0
  #stalled = 0
  #skipped = 0
  #report: Report | undefined

  constructor(options: FrameSenderOptions) {
    this.#options = options
    this.#gate = new Gate({ playoutDelayMs: options.playoutDelayMs })
    this.#resend = new Resend({ playoutDelayMs: options.playoutDelayMs })
  }

  /** True while the viewer gets, or waits for, the coarse slices. */
  get wantsCoarse(): boolean {
    return this.#pace.pace !== 'full'
  }

  get stats(): FrameSenderStats {
    return {
      framesSent: this.#framesSent,
      slicesSent: this.#slicesSent,
      bytesSent: this.#bytesSent,
      dropped: { ...this.#gate.dropped, stalled: this.#stalled, skipped: this.#skipped },
      resent: this.#resend.counters,
      parity: { sent: this.#paritySent, loss: this.#loss.level },
      pace: this.#pace.pace,
      report: this.#report,
    }
  }

  /** A frame for everyone. */
  push(frame: EncodedFrame, now: LocalTime): void {
    this.#choose(now)
    this.#switch(frame, now)
    this.#offered += 1
    // A still picture is repeated under the number of its last frame: that is its repair, and no frame.
    const isRepeat = frame.index === this.#lastIndex
    this.#lastIndex = frame.index
    if (this.#pace.pace === 'half' && frame.index % 2 === 1 && !isRepeat) {
      this.#skipped += 1
      return
    }
    this.#gate.push(frame)
    this.release(now)
  }

  /** Sends what may leave now; called whenever something was acknowledged, too. */
  release(now: LocalTime): void {
    const { path } = this.#options.way
    // Stalled: SCTP goes on asking (FORWARD-TSN at every timeout), and the answer to that lets the newest frame out.
    if (path.unackedBytes > 0 || path.awaitsAck) this.#waitingSince ??= now
    else this.#waitingSince = undefined
    if (this.#isStalled(now) || (this.#gate.holding && !this.#page.allows(now))) {
      this.#stalled += 1
      return
    }
    if (this.#drain.isOn(path, now)) return
    const frame = this.#gate.take(path.standingBytes(now), now, this.#quietMs(now))
    if (frame === undefined) {
      // A slow viewer's link is known to be one.
      if (this.#gate.holding && this.#pace.pace === 'full') this.#drain.shut(path, now)
      return
    }
    const slices = this.#coarse ? (frame.coarse?.slices ?? frame.slices) : frame.slices
    this.#movedAt = now
    this.#framesSent += 1
    this.#page.sent(now)
    this.#resend.sent(frame, slices)
    this.send(slices)
    if (!this.#options.reliable && this.#wantsParity(slices)) this.#sendParity(slices)
  }

  /** Something has been acknowledged. */
  acked(now: LocalTime): void {
    this.#waitingSince = undefined
    this.#movedAt = now
    this.release(now)
  }

  /** What the viewer says its screen shows; SCTP acknowledges for a page whose main thread hangs, this does not. */
  reported(report: Report, now: LocalTime): void {
    this.#report = report
    if (this.#page.reported(report, now)) this.release(now)
  }

  /** The viewer's question for missing slices. */
  asked({ epoch, gaps }: FleetingFromViewer, now: LocalTime): void {
    const { way, recent } = this.#options
    this.#page.asked(now)
    const isClear = this.#isClear(now)
    for (const gap of gaps) {
      const frame = recent.get(epoch, gap.frame)
      if (frame === undefined) continue
      const slices = this.#resend.answer(gap, frame, way.path.roundTripMs ?? 0, now, isClear)
      if (slices.length > 0) this.send(slices)
    }
  }

  /** Sends slices as they are, past the gate: a joiner's picture. */
  send(slices: readonly Uint8Array[]): void {
    const { way } = this.#options
    if (!way.open) return
    if (!way.sendFrames(slices)) {
      this.#options.onBacklog()
      return
    }
    this.#slicesSent += slices.length
    for (const slice of slices) this.#bytesSent += slice.length
  }

  /** A new programme or the end of one makes a held frame of the old one worthless. */
  clear(): void {
    this.#gate.clear()
  }

  #isClear(now: LocalTime): boolean {
    const { path } = this.#options.way
    const { roundTripMs = 0, bestRoundTripMs = 0 } = path
    return (
      this.#pace.pace === 'full' &&
      !this.#coarse &&
      !this.#gate.holding &&
      roundTripMs - bestRoundTripMs < CLEAR.queueMs &&
      path.standingBytes(now) < CLEAR.bytes
    )
  }

  #isStalled(now: LocalTime): boolean {
    return this.#waitingSince !== undefined && now - this.#waitingSince > STALL_MS
  }

  #choose(now: LocalTime): void {
    const { replaced, late } = this.#gate.dropped
    const { counters, roundTripMs = 0, bestRoundTripMs = 0 } = this.#options.way.path
    const { sent, lost } = counters
    this.#loss.look({ sent, lost, queueMs: roundTripMs - bestRoundTripMs }, now)
    const totals = {
      offered: this.#offered,
      dropped: replaced + late,
      congested: this.#loss.congestedWindows,
    }
    if (this.fullOnly || this.#isStalled(now) || !this.#page.allows(now)) this.#pace.forget(totals, now)
    const before = this.#pace.pace
    const pace = this.#pace.look(totals, now)
    if (pace === before) return
    if (before === 'full') this.#coarseWantedAt = now
    this.#options.onPace(pace)
  }

  /** From one encoding to the other only where a whole picture of it begins: its changes go onto its own pictures. */
  #switch(frame: EncodedFrame, now: LocalTime): void {
    if (!this.wantsCoarse) {
      if (this.#coarse) this.#options.onWantsJoin()
      this.#coarse = false
      return
    }
    if (this.#coarse || frame.coarse === undefined) return
    const waitedMs = now - (this.#coarseWantedAt ?? now)
    this.#coarse = frame.coarse.isWhole || waitedMs > COARSE_PATIENCE_MS
  }

  /** One loss takes a frame of one slice whole, and nothing moves for twice a frame's time: its copy is cheap. */
  #wantsParity(slices: readonly Uint8Array[]): boolean {
    const { level } = this.#loss
    return level === 'high' || (level === 'some' && slices.length === 1)
  }

  #sendParity(slices: readonly Uint8Array[]): void {
    const parity = parityOf(slices)
    if (parity === undefined) return
    this.#paritySent += 1
    this.send([parity])
  }

  #quietMs(now: LocalTime): number | undefined {
    const { roundTripMs } = this.#options.way.path
    if (this.#movedAt === undefined || roundTripMs === undefined || this.#options.reliable) return undefined
    return now - this.#movedAt - roundTripMs
  }
}

const parities = new WeakMap<readonly Uint8Array[], Uint8Array>()

/** Made once for all viewers that need it. */
function parityOf(slices: readonly Uint8Array[]): Uint8Array | undefined {
  const known = parities.get(slices)
  if (known !== undefined) return known
  const parity = encodeParity(slices)
  if (parity !== undefined) parities.set(slices, parity)
  return parity
}
