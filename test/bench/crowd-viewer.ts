// One of the many viewers of the transport bench: takes every slice, acknowledges, pings and reports as the page does, and decodes
// nothing, so that the machine's second core holds as many as the server's one serves. It keeps the times of its frames.

import { Distribution } from '../../client/playback/index.ts'
import type { ControlFromServer } from '../../signaling/messages.ts'
import { AnsweringPeer } from '../../src/transport/answering-peer.ts'
import { type LocalTime, localTime, parseSliceHeader } from '../../vendor/asciline/index.ts'
import { SocketEnd } from './socket-end.ts'
import type { StackName } from './stack.ts'
import type { FromViewers, ViewerRow } from './stage.ts'

const REPORT_MS = 300
const PING_MS = 5000
/** Frames of which slices may still come. */
const KEPT = 128

const now = (): LocalTime => localTime(performance.now())

export class CrowdViewer {
  readonly #viewer: number
  readonly #say: (message: FromViewers) => void
  readonly #acks: boolean
  #peer: AnsweringPeer | SocketEnd | undefined
  #fps = 0
  #epoch = 0
  #newest = -1
  #reportedAt = 0
  #pingedAt = 0
  /** Of each frame: its number, the slices that came as bits, and how many it has once the last is known. */
  readonly #frames = new Float64Array(KEPT).fill(-1)
  readonly #came = new Uint32Array(KEPT)
  readonly #whole = new Uint32Array(KEPT)
  #measuring = false
  #first = -1
  #correct = 0
  #bytes = 0
  #heardAt = 0
  #silenceMs = 0
  /** When each frame was whole, less its time: only differences mean anything. */
  readonly #arrivals: number[] = []

  constructor(options: { viewer: number; stack: StackName; say(message: FromViewers): void }) {
    this.#viewer = options.viewer
    this.#acks = options.stack === 'ours-tcp'
    this.#say = options.say
    options.say({ type: 'join', viewer: options.viewer })
  }

  /** The server's offer, or where to connect to when there is nothing to negotiate. */
  async offered(name: string, sdp: string, socket?: string): Promise<void> {
    const peer = socket === undefined ? new AnsweringPeer() : new SocketEnd()
    this.#peer = peer
    peer.onOpen(() => this.#say({ type: 'open', viewer: this.#viewer }))
    peer.onControl((text) => this.#onControl(JSON.parse(text) as ControlFromServer))
    peer.onFrames((bytes) => this.#onFrame(bytes, now()))
    if (peer instanceof SocketEnd) peer.connect(socket ?? '', { acks: this.#acks })
    else this.#say({ type: 'answer', peer: name, sdp: await peer.accept(sdp) })
  }

  tick(at: LocalTime): void {
    if (this.#newest < 0) return
    if (at - this.#reportedAt >= REPORT_MS) {
      this.#reportedAt = at
      const report = { type: 'report', epoch: this.#epoch, frame: this.#newest, late: 0, missing: 0 }
      this.#peer?.sendControl(JSON.stringify(report))
    }
    if (at - this.#pingedAt < PING_MS) return
    this.#pingedAt = at
    this.#peer?.sendControl(JSON.stringify({ type: 'ping', sent: at }))
  }

  measure(at: LocalTime): void {
    this.#measuring = true
    this.#first = this.#newest + 1
    this.#correct = 0
    this.#bytes = 0
    this.#heardAt = at
    this.#silenceMs = 0
    this.#arrivals.length = 0
  }

  /** Whole frames, and how much later than the quickest of all viewers each was there. */
  row(quickest: number): ViewerRow {
    const lateness = new Distribution()
    for (const arrival of this.#arrivals) lateness.add(arrival - quickest)
    const none = new Distribution().percentiles()
    return {
      framesExpected: Math.max(0, this.#newest - this.#first + 1),
      framesComplete: this.#correct,
      framesCorrect: this.#correct,
      latenessMs: lateness.percentiles(),
      blocksFreshPercent: 100,
      blockAgeMs: none,
      clockOffsetMs: undefined,
      clockOrigin: performance.timeOrigin,
      longestSilenceMs: this.#silenceMs,
      longestFreezeMs: this.#silenceMs,
      bytes: this.#bytes,
      slicesRecovered: 0,
      pace: 'full',
      backAfterMs: undefined,
      framesStale: 0,
    }
  }

  get quickest(): number {
    return this.#arrivals.reduce((least, each) => Math.min(least, each), Number.POSITIVE_INFINITY)
  }

  #onControl(message: ControlFromServer): void {
    if (message.type !== 'timeline') return
    this.#fps = message.fps
    this.#epoch = message.epoch
  }

  #onFrame(bytes: Uint8Array, at: LocalTime): void {
    const header = parseSliceHeader(bytes)
    if (header === undefined || header.join) return
    this.#bytes += bytes.length
    this.#silenceMs = Math.max(this.#silenceMs, at - this.#heardAt)
    this.#heardAt = at
    const slot = header.frame % KEPT
    if (this.#frames[slot] !== header.frame) {
      this.#frames[slot] = header.frame
      this.#came[slot] = 0
      this.#whole[slot] = 0
    }
    this.#came[slot]! |= 1 << header.slice
    if (header.last) this.#whole[slot] = (1 << (header.slice + 1)) - 1
    this.#newest = Math.max(this.#newest, header.frame)
    if (this.#came[slot] !== this.#whole[slot] || !this.#measuring || header.frame < this.#first) return
    this.#correct += 1
    this.#arrivals.push(at - (header.frame * 1000) / this.#fps)
  }
}
