// What the other stacks of the transport bench are sent over: every frame to every viewer the moment it is encoded, as a first
// program would do it. No gate, no resending, no rung: what is compared is what each stack makes of that by itself.

import type { ControlFromServer, Timeline } from '../../signaling/messages.ts'
import type { EncodedFrame, FrameBus } from '../../src/encode/frame-bus.ts'
import type { LocalTime } from '../../vendor/asciline/index.ts'
import type { ServerReport } from './stage.ts'

/** One viewer's connection over one of the other stacks. */
export type PlainPeer = {
  /** Empty where there is nothing to negotiate. */
  sdp: string
  /** Where to connect to instead. */
  socket?: string
  answer(sdp: string): Promise<void>
  sendFrame(slices: readonly Uint8Array[]): void
  sendControl(text: string): void
}

export type PlainEvents = { open(): void; control(text: string): void }

export type PlainAudienceOptions = {
  bus: FrameBus
  timeline(): Timeline | undefined
  joinSlices(): readonly Uint8Array[] | undefined
  now(): LocalTime
  connect(events: PlainEvents): Promise<PlainPeer>
}

type Watcher = { peer: PlainPeer; framesSent: number; slicesSent: number; bytesSent: number }

export class PlainAudience {
  readonly #options: PlainAudienceOptions
  readonly #connected = new Map<string, PlainPeer>()
  readonly #watchers: Watcher[] = []

  constructor(options: PlainAudienceOptions) {
    this.#options = options
    options.bus.subscribe((frame) => this.#push(frame))
  }

  async open({ id }: { id: string }): Promise<{ peer: string; sdp: string; socket?: string }> {
    const peer: PlainPeer = await this.#options.connect({
      open: () => this.#greet(peer),
      control: (text) => this.#onControl(peer, text),
    })
    this.#connected.set(id, peer)
    const { sdp, socket } = peer
    return { peer: id, sdp, ...(socket === undefined ? {} : { socket }) }
  }

  async answer(id: string, sdp: string): Promise<void> {
    await this.#connected.get(id)?.answer(sdp)
  }

  announce(message: ControlFromServer): void {
    for (const { peer } of this.#watchers) peer.sendControl(JSON.stringify(message))
  }

  /** A viewer of another stack stays to the end. */
  close(): void {}

  stats(): ServerReport['viewers'] {
    return this.#watchers.map(({ framesSent, slicesSent, bytesSent }) => ({
      framesSent,
      slicesSent,
      bytesSent,
      dropped: { replaced: 0, late: 0, stalled: 0, skipped: 0 },
      roundTripMs: undefined,
      packetsLost: 0,
      resent: { slices: 0, late: 0, unsent: 0, over: 0 },
    }))
  }

  #push(frame: EncodedFrame): void {
    for (const watcher of this.#watchers) {
      watcher.framesSent += 1
      send(watcher, frame.slices)
    }
  }

  #greet(peer: PlainPeer): void {
    const timeline = this.#options.timeline()
    if (timeline !== undefined) peer.sendControl(JSON.stringify(timeline))
    const join = this.#options.joinSlices()
    const watcher = { peer, framesSent: 0, slicesSent: 0, bytesSent: 0 }
    this.#watchers.push(watcher)
    if (join !== undefined) send(watcher, join)
  }

  /** Its clock has to be set; reports and questions for lost slices stay unanswered. */
  #onControl(peer: PlainPeer, text: string): void {
    const message = JSON.parse(text) as { type?: string; sent?: number }
    if (message.type !== 'ping' || message.sent === undefined) return
    peer.sendControl(JSON.stringify({ type: 'pong', sent: message.sent, at: this.#options.now() }))
  }
}

function send(watcher: Watcher, slices: readonly Uint8Array[]): void {
  watcher.peer.sendFrame(slices)
  watcher.slicesSent += slices.length
  for (const slice of slices) watcher.bytesSent += slice.length
}
