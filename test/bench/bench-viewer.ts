// One headless viewer of the transport bench: the page's own player and ladder behind a path of its own, and the books of
// what it has shown, kept against a viewer that lost nothing.

import { Ladder, type Step } from '../../client/page/ladder.ts'
import { Distribution, frameAt, Player } from '../../client/playback/index.ts'
import { AnsweringPeer } from '../../src/transport/answering-peer.ts'
import { digestPicture, type LocalTime, localTime, type Picture } from '../../vendor/asciline/index.ts'
import { LossyRelay } from '../src/transport/lossy-relay.ts'
import { ImpairedPath, type Impairment } from './impaired-path.ts'
import { SocketEnd } from './socket-end.ts'
import type { StackName } from './stack.ts'
import type { FromViewers, ViewerRow } from './stage.ts'
import { TcpRelay } from './tcp-relay.ts'
import type { UnharmedPictures } from './unharmed-pictures.ts'

/** How often the ladder looks at the clock, as in the page. */
const LADDER_MS = 100
/** When TCP knocks again at a door that does not answer. */
const KNOCKS_MS = [0, 1000, 3000, 7000]
/** A block is fresh when it is younger than this. */
const FRESH_MS = 100
/** A frame shown this much after its time is old. */
const STALE_MS = 200
/** The last frames of a run are not counted: their presentation may lie behind its end. */
const MARGIN_FRAMES = 3

const now = (): LocalTime => localTime(performance.now())

export type BenchViewerOptions = {
  viewer: number
  seed: number
  /** No relay: the path is the machine's own. */
  direct: boolean
  /** How long the path is while he joins, one way; the rest of the weather comes later. */
  delayMs: number
  /** Only ours has a ladder to climb when nothing comes; a viewer of another stack waits. */
  stack: StackName
  unharmed: () => UnharmedPictures | undefined
  say: (message: FromViewers) => void
}

type End = AnsweringPeer | SocketEnd

/** Connects by itself, and again when the path was dead. */
export class BenchViewer {
  readonly #options: BenchViewerOptions
  readonly #ladder = new Ladder({ random: () => 0.5 })
  readonly #down: ImpairedPath
  readonly #up: ImpairedPath
  readonly #player: Player
  readonly #relay: LossyRelay
  readonly #tcp: TcpRelay
  #peer: End | undefined
  #attempt: End | undefined
  #peerName: string | undefined
  #lookedAt = Number.NEGATIVE_INFINITY
  #picture: Picture | undefined
  #heardAt = Number.NaN
  #freshAt = Number.NaN
  #backAt: number | undefined
  #backAfterMs: number | undefined
  #silenceMs = 0
  #freezeMs = 0
  #stale = 0
  #from: number | undefined
  #sampled = -1
  #blocks = 0
  #freshBlocks = 0
  #blockAgeMs = new Distribution()
  readonly #correct = new Set<number>()

  constructor(options: BenchViewerOptions) {
    this.#options = options
    const { seed, delayMs } = options
    this.#down = new ImpairedPath({ delayMs }, seed)
    this.#up = new ImpairedPath({ delayMs }, seed + 1)
    this.#relay = new LossyRelay({
      seed,
      path: (bytes, direction) => {
        const at = now()
        const path = direction === 'to-viewer' ? this.#down : this.#up
        return path.push(bytes, at).map((out) => out - at)
      },
    })
    this.#tcp = new TcpRelay(seed)
    this.#player = new Player({
      sendControl: (text) => this.#peer?.sendControl(text),
      sendFleeting: (text) => this.#peer?.sendFleeting(text),
      onPresented: (frame, inTime) => this.#presented(frame, inTime),
    })
    this.#ladder.playing = true
  }

  /** The server's offer for the join that was asked for. */
  async offered(name: string, sdp: string, socket?: string): Promise<void> {
    if (this.#down.cut || !this.#ladder.attempting) return
    this.#ladder.offered(now())
    this.#attempt?.close()
    const peer = socket === undefined ? new AnsweringPeer() : new SocketEnd()
    this.#attempt = peer
    peer.onFrames((bytes) => this.#onFrame(bytes))
    peer.onControl((text) => {
      this.#ladder.heard('webrtc', now())
      this.#player.onControlMessage(text, now())
    })
    peer.onOpen(() => this.#opened(peer, name))
    peer.onClosed(() => this.#closed(peer))
    const { direct, stack, say } = this.#options
    if (peer instanceof SocketEnd) {
      const url = socket ?? ''
      peer.connect(direct ? url : await this.#tcp.through(url), { acks: stack === 'ours-tcp' })
      return
    }
    const offer = direct ? sdp : await this.#relay.through(sdp)
    say({ type: 'answer', peer: name, sdp: await peer.accept(offer) })
  }

  weather(impairment: Impairment, cut: boolean): void {
    this.#down.change(impairment)
    // What a viewer sends is little: only the way down is narrow.
    const { bitsPerSecond: _, ...up } = impairment
    this.#up.change(up)
    this.#tcp.change(impairment, up)
    if (this.#down.cut && !cut) this.#backAt = now()
    this.#down.cut = cut
    this.#up.cut = cut
  }

  tick(at: LocalTime): void {
    const stays = this.#options.stack !== 'ours' && this.#peer !== undefined
    if (!stays && at - this.#lookedAt >= LADDER_MS) this.#look(at)
    const shown = this.#player.tick(at)
    if (shown === undefined) return
    this.#picture = shown.picture
    this.#sample(at)
    if (!shown.fresh) return
    this.#freezeMs = Math.max(this.#freezeMs, at - this.#freshAt || 0)
    this.#freshAt = at
    const { timeline } = this.#player
    if (this.#backAt === undefined || timeline === undefined) return
    this.#backAfterMs ??= at - this.#backAt
    if (this.#due(at) - shown.frame > (STALE_MS * timeline.fps) / 1000) this.#stale += 1
  }

  /** Counts anew from here. */
  measure(at: LocalTime): void {
    this.#player.restartStats()
    this.#heardAt = at
    this.#freshAt = at
    this.#silenceMs = 0
    this.#freezeMs = 0
    this.#from = this.#due(at) + 1
    this.#sampled = this.#from - 1
    this.#blocks = 0
    this.#freshBlocks = 0
    this.#blockAgeMs = new Distribution()
    this.#correct.clear()
  }

  row(at: LocalTime): ViewerRow {
    const { stats } = this.#player
    const from = this.#from ?? 0
    const end = this.#due(at) - MARGIN_FRAMES
    let correct = 0
    for (const frame of this.#correct) if (frame < end) correct += 1
    return {
      framesExpected: Math.max(0, end - from),
      framesComplete: stats.framesComplete,
      framesCorrect: correct,
      latenessMs: stats.latenessMs.percentiles(),
      blocksFreshPercent: (100 * this.#freshBlocks) / Math.max(1, this.#blocks),
      blockAgeMs: this.#blockAgeMs.percentiles(),
      clockOffsetMs: this.#player.clockOffsetMs,
      clockOrigin: performance.timeOrigin,
      longestSilenceMs: Math.max(this.#silenceMs, at - this.#heardAt),
      longestFreezeMs: Math.max(this.#freezeMs, at - this.#freshAt),
      bytes: stats.bytes,
      slicesRecovered: stats.slicesRecovered,
      pace: this.#player.pace,
      backAfterMs: this.#backAfterMs,
      framesStale: this.#stale,
    }
  }

  #look(at: LocalTime): void {
    this.#lookedAt = at
    for (let step = this.#ladder.next(at); step !== undefined; step = this.#ladder.next(at)) this.#do(step)
  }

  #do(step: Step): void {
    switch (step) {
      case 'open-socket':
        void this.#knock().then((open) => open && this.#ladder.socketOpened(now()))
        break
      case 'join-over-socket':
        // What goes into an open connection while the path is dead comes out seconds later, when nobody waits for it.
        if (!this.#down.cut) this.#options.say({ type: 'join', viewer: this.#options.viewer })
        break
      case 'join-over-http':
        void this.#knock().then((open) => {
          if (open) this.#options.say({ type: 'join', viewer: this.#options.viewer })
          else this.#ladder.attemptFailed(now())
        })
        break
      case 'drop-attempt':
        this.#attempt?.close()
        this.#attempt = undefined
        break
      case 'drop-webrtc':
        this.#dropPeer()
        break
      case 'carry':
        // No frames go over TCP here: it is the way back to WebRTC that is watched.
        this.#ladder.carryEnded(now())
        break
      case 'probe':
        this.#peer?.sendControl(JSON.stringify({ type: 'ping', sent: now() }))
        break
      case 'close-socket':
      case 'drop-carry':
        break
    }
  }

  /** A connection over TCP; false when nobody has opened in time. */
  async #knock(): Promise<boolean> {
    let before = 0
    for (const at of KNOCKS_MS) {
      await new Promise((resolve) => setTimeout(resolve, at - before))
      before = at
      if (!this.#down.cut) return true
    }
    return false
  }

  #opened(peer: End, name: string): void {
    if (this.#attempt !== peer) return
    this.#attempt = undefined
    this.#dropPeer()
    this.#peer = peer
    this.#peerName = name
    this.#ladder.webrtcOpened(now())
    this.#player.reconnected()
    this.#options.say({ type: 'open', viewer: this.#options.viewer })
  }

  #closed(peer: End): void {
    if (this.#attempt === peer) {
      this.#attempt = undefined
      this.#ladder.attemptFailed(now())
    } else if (this.#peer === peer) {
      this.#peer = undefined
      this.#ladder.webrtcFailed(now())
    }
  }

  #dropPeer(): void {
    const peer = this.#peer
    this.#peer = undefined
    peer?.close()
    if (this.#peerName !== undefined && !this.#down.cut)
      this.#options.say({ type: 'leave', peer: this.#peerName })
    this.#peerName = undefined
  }

  #onFrame(bytes: Uint8Array): void {
    const at = now()
    this.#silenceMs = Math.max(this.#silenceMs, at - this.#heardAt || 0)
    this.#heardAt = at
    this.#ladder.heard('webrtc', at)
    this.#player.onFrameMessage(bytes, at)
  }

  #presented(frame: number, inTime: boolean): void {
    if (this.#from === undefined || frame < this.#from || !inTime || this.#picture === undefined) return
    const meant = this.#options.unharmed()?.digest(frame)
    if (meant !== undefined && digestPicture(this.#picture) === meant) this.#correct.add(frame)
  }

  /** Once for every frame whose time has come, whatever is on the screen by then. */
  #sample(at: LocalTime): void {
    const due = this.#due(at)
    const { timeline } = this.#player
    if (this.#from === undefined || due <= this.#sampled || timeline === undefined) return
    const passed = due - this.#sampled
    this.#sampled = due
    if (this.#picture === undefined) return
    for (const age of this.#options.unharmed()?.ages(this.#picture, due) ?? []) {
      const ageMs = (age * 1000) / timeline.fps
      this.#blocks += passed
      if (ageMs < FRESH_MS) this.#freshBlocks += passed
      this.#blockAgeMs.add(ageMs)
    }
  }

  #due(at: LocalTime): number {
    const { timeline } = this.#player
    const time = this.#player.serverTime(at)
    return timeline === undefined || time === undefined ? 0 : frameAt(timeline, time)
  }
}
