// The viewers' process of the transport bench: headless peers with the page's own player, each behind a path of its own.

import { frameAt, Player } from '../../client/playback/index.ts'
import { AnsweringPeer } from '../../src/transport/answering-peer.ts'
import { type LocalTime, localTime } from '../../vendor/asciline/index.ts'
import { LossyRelay } from '../src/transport/lossy-relay.ts'
import { ImpairedPath, type Impairment } from './impaired-path.ts'
import type { FromViewers, ToViewers, ViewerRow } from './stage.ts'

const TICK_MS = 4
/** A frame shown this much after its time is old. */
const STALE_MS = 200

const now = (): LocalTime => localTime(performance.now())
const say = (message: FromViewers) => process.send?.(message)

class BenchViewer {
  readonly #peer = new AnsweringPeer()
  readonly #down: ImpairedPath
  readonly #up: ImpairedPath
  readonly #player: Player
  readonly #relay: LossyRelay
  #direct: boolean
  #heardAt = Number.NaN
  #freshAt = Number.NaN
  #backAt: number | undefined
  #backAfterMs: number | undefined
  #silenceMs = 0
  #freezeMs = 0
  #stale = 0
  #from = 0

  constructor(viewer: number, seed: number, direct: boolean) {
    this.#direct = direct
    this.#down = new ImpairedPath({}, seed)
    this.#up = new ImpairedPath({}, seed + 1)
    this.#relay = new LossyRelay({
      seed,
      path: (bytes, direction) => {
        const at = now()
        const path = direction === 'to-viewer' ? this.#down : this.#up
        return path.push(bytes, at).map((out) => out - at)
      },
    })
    this.#player = new Player({
      verify: true,
      // The digests come between the processes: on the path they would be traffic that no real viewer has.
      sendControl: (text) => text.includes('"verify"') || this.#peer.sendControl(text),
      sendFleeting: (text) => this.#peer.sendFleeting(text),
    })
    this.#peer.onFrames((bytes) => {
      const at = now()
      this.#silenceMs = Math.max(this.#silenceMs, at - this.#heardAt || 0)
      this.#heardAt = at
      this.#player.onFrameMessage(bytes, at)
    })
    this.#peer.onControl((text) => this.#player.onControlMessage(text, now()))
    this.#peer.onOpen(() => say({ type: 'open', viewer }))
  }

  async join(peer: string, sdp: string): Promise<void> {
    const offer = this.#direct ? sdp : await this.#relay.through(sdp)
    say({ type: 'answer', peer, sdp: await this.#peer.accept(offer) })
  }

  weather(impairment: Impairment, cut: boolean): void {
    this.#down.change(impairment)
    // What a viewer sends is little: only the way down is narrow.
    const { bitsPerSecond: _, ...up } = impairment
    this.#up.change(up)
    if (this.#down.cut && !cut) this.#backAt = now()
    this.#down.cut = cut
    this.#up.cut = cut
  }

  digest(text: string): void {
    this.#player.onControlMessage(text, now())
  }

  tick(at: LocalTime): void {
    const shown = this.#player.tick(at)
    if (!shown?.fresh) return
    this.#freezeMs = Math.max(this.#freezeMs, at - this.#freshAt || 0)
    this.#freshAt = at
    const { timeline } = this.#player
    if (this.#backAt !== undefined) {
      this.#backAfterMs ??= at - this.#backAt
      if (timeline !== undefined && this.#due(at) - shown.frame > (STALE_MS * timeline.fps) / 1000)
        this.#stale += 1
    }
  }

  measure(at: LocalTime): void {
    this.#player.restartStats()
    this.#heardAt = at
    this.#freshAt = at
    this.#silenceMs = 0
    this.#freezeMs = 0
    this.#from = this.#due(at)
  }

  row(at: LocalTime): ViewerRow {
    const { stats } = this.#player
    return {
      framesExpected: this.#due(at) - this.#from,
      framesComplete: stats.framesComplete,
      framesCorrect: stats.framesCorrect,
      latenessMs: stats.latenessMs.percentiles(),
      longestSilenceMs: Math.max(this.#silenceMs, at - this.#heardAt),
      longestFreezeMs: Math.max(this.#freezeMs, at - this.#freshAt),
      bytes: stats.bytes,
      backAfterMs: this.#backAfterMs,
      framesStale: this.#stale,
    }
  }

  #due(at: LocalTime): number {
    const { timeline } = this.#player
    const time = this.#player.serverTime(at)
    return timeline === undefined || time === undefined ? 0 : frameAt(timeline, time)
  }
}

const viewers = new Map<number, BenchViewer>()
setInterval(() => {
  const at = now()
  for (const viewer of viewers.values()) viewer.tick(at)
}, TICK_MS)

process.on('message', (raw) => {
  const message = raw as ToViewers
  switch (message.type) {
    case 'join': {
      const viewer = new BenchViewer(message.viewer, message.seed, message.direct)
      viewers.set(message.viewer, viewer)
      void viewer.join(message.peer, message.sdp)
      break
    }
    case 'weather':
      viewers.get(message.viewer)?.weather(message.impairment, message.cut ?? false)
      break
    case 'digest':
      for (const viewer of viewers.values()) viewer.digest(message.text)
      break
    case 'measure':
      for (const viewer of viewers.values()) viewer.measure(now())
      break
    case 'report':
      say({ type: 'rows', rows: [...viewers.values()].map((viewer) => viewer.row(now())) })
      break
  }
})
