// What the transport tests need around an audience: a bus, a programme of one still frame, silent logs, real viewers.

import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os'
import { performance } from 'node:perf_hooks'
import type { ControlFromServer, Timeline } from '../../../signaling/messages.ts'
import type { PeerHost } from '../../../signaling/negotiation.ts'
import { type EncodedFrame, FrameBus } from '../../../src/encode/frame-bus.ts'
import { AnsweringPeer } from '../../../src/transport/answering-peer.ts'
import { Audience, type AudienceOptions } from '../../../src/transport/audience.ts'
import { localTime } from '../../../vendor/asciline/index.ts'
import type { LossyRelay } from './lossy-relay.ts'

export const now = () => localTime(performance.now())

export const silent = { info: () => {}, debug: () => {} }

export const TIMELINE: Timeline = {
  type: 'timeline',
  epoch: 7,
  preset: 'low',
  cols: 120,
  rows: 50,
  fps: 24,
  frame: 0,
  at: 0,
  start: 0,
  playoutDelayMs: 120,
  audio: { sampleRate: 48_000, samplesPerFrame: 1024, primingSamples: 1024 },
}

export const JOIN: readonly Uint8Array[] = [message(0, 900, 1), message(1, 500, 1)]

/** A message as the slice codec would make one: its frame index first, then bytes. */
export function message(index: number, length: number, fill = index & 0xff): Uint8Array {
  const bytes = new Uint8Array(length).fill(fill)
  new DataView(bytes.buffer).setUint32(0, index)
  return bytes
}

export function frame(index: number, slices = 2, length = 800): EncodedFrame {
  const list = Array.from({ length: slices }, (_, slice) => message(index, length, slice))
  return { epoch: 7, index, slices: list, dueAt: now() }
}

export const indexOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)

/** Only loopback: no packet of a test leaves the machine. */
export const loopback = (): NodeJS.Dict<NetworkInterfaceInfo[]> =>
  Object.fromEntries(
    Object.entries(networkInterfaces()).map(([name, list]) => [name, list?.filter((info) => info.internal)]),
  )

/** An audience with its bus; close it in the end. */
export function openAudience(options: Partial<AudienceOptions> = {}) {
  const bus = new FrameBus()
  const audience = new Audience({
    bus,
    join: () => ({ timeline: TIMELINE, slices: JOIN }),
    playoutDelayMs: 120,
    interfaces: loopback,
    now,
    log: silent,
    ...options,
  })
  return { bus, audience }
}

/** `sent` of the pings by which a viewer only says that it is there; what answers them is not kept. */
const STILL_HERE = -1

/** A viewer that keeps what it gets. */
export class TestViewer {
  readonly peer = new AnsweringPeer()
  readonly frames: Uint8Array[] = []
  readonly control: ControlFromServer[] = []
  ended: string | undefined
  id = ''
  #pings: NodeJS.Timeout | undefined
  #heard = false
  #wake: (() => void)[] = []

  constructor() {
    this.peer.onFrames((bytes) => {
      this.frames.push(bytes)
      this.#changed()
    })
    this.peer.onControl((text) => {
      const message = JSON.parse(text) as ControlFromServer
      if (message.type === 'pong' && message.sent === STILL_HERE) this.#heard = true
      else this.control.push(message)
      this.#changed()
    })
    this.peer.onOpen(() => this.#changed())
    this.peer.onClosed((why) => {
      this.ended = why
      this.#changed()
    })
  }

  /**
   * Joins an audience directly, without signaling, and waits until the channels are open at both ends: ours are a packet earlier, and
   * what is said to everybody before that packet has arrived is not said to us.
   */
  async join(
    audience: Pick<PeerHost, 'open' | 'answer'>,
    relay?: LossyRelay,
    address = '127.0.0.1',
  ): Promise<this> {
    const { peer, sdp } = await audience.open({ id: 'test', address })
    this.id = peer
    const offer = relay === undefined ? sdp : await relay.through(sdp)
    await audience.answer(peer, await this.peer.accept(offer))
    await this.until(() => this.peer.open)
    const ping = () => this.send({ type: 'ping', sent: STILL_HERE })
    // Or it would be given up as silent.
    this.#pings = setInterval(ping, 1000)
    ping()
    await this.until(() => this.#heard)
    return this
  }

  /** Resolves once the condition holds; rejects when it never does. */
  async until(condition: () => boolean, deadlineMs = 15_000): Promise<void> {
    const end = performance.now() + deadlineMs
    while (!condition()) {
      const left = end - performance.now()
      if (left <= 0) throw new Error('it never happened')
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(left, 50))
        this.#wake.push(() => {
          clearTimeout(timer)
          resolve()
        })
      })
    }
  }

  send(message: unknown): void {
    this.peer.sendControl(JSON.stringify(message))
  }

  /** Says nothing more, as a viewer whose machine was switched off. */
  fallSilent(): void {
    clearInterval(this.#pings)
  }

  close(): void {
    this.fallSilent()
    this.peer.close()
  }

  #changed(): void {
    for (const wake of this.#wake.splice(0)) wake()
  }
}
