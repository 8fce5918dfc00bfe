// A UDP relay between a viewer and the server that loses, delays and doubles packets as its seed says. The offer's
// candidates are rewritten to its port, so both ends are real and know nothing of it.

import { createSocket, type Socket } from 'node:dgram'
import type { AddressInfo } from 'node:net'

export type LossyRelayOptions = {
  seed: number
  /** Probability that a packet is lost, each way. */
  loss?: number
  /** One way, ms. */
  delayMs?: number
  /** Probability that a packet is delivered twice. */
  duplicate?: number
  /** A packet is held back by up to this much more, so that packets overtake each other. */
  jitterMs?: number
  /** Decides instead of all of the above: delays in ms, one per copy that arrives. */
  path?: (bytes: number, direction: 'to-viewer' | 'to-server') => number[]
}

/** mulberry32: the same numbers for the same seed, on every machine. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

type Pair = { outer: Socket; inner: Socket; server: number; viewer: AddressInfo | undefined }

/**
 * Packets on their way, handed out in the order of their arrival. A timer each would not do: two that end in the same
 * millisecond may fire either way round, and three overtaken packets look like a loss.
 */
export class Flight {
  readonly #packets: { at: number; deliver: () => void }[] = []
  #timer: NodeJS.Timeout | undefined

  push(waitMs: number, deliver: () => void): void {
    const at = performance.now() + waitMs
    const before = this.#packets.findLastIndex((packet) => packet.at <= at)
    this.#packets.splice(before + 1, 0, { at, deliver })
    if (before === -1) this.#arm()
  }

  clear(): void {
    this.#packets.length = 0
    clearTimeout(this.#timer)
  }

  #arm(): void {
    clearTimeout(this.#timer)
    const next = this.#packets[0]
    if (next === undefined) return
    this.#timer = setTimeout(() => this.#land(), Math.max(0, next.at - performance.now()))
  }

  #land(): void {
    const now = performance.now()
    while (this.#packets[0] !== undefined && this.#packets[0].at <= now) this.#packets.shift()?.deliver()
    this.#arm()
  }
}

export class LossyRelay {
  readonly #random: () => number
  readonly #pairs: Pair[] = []
  readonly #flights = { 'to-viewer': new Flight(), 'to-server': new Flight() }
  options: LossyRelayOptions
  /** Port and ICE user name of the server's end of the latest connection. */
  serverPort = 0
  serverUser = ''
  /** Nothing passes while true. */
  cut = false
  readonly counters = { passed: 0, lost: 0 }
  /** Sees every datagram on its way, before it may be lost. */
  onPacket: ((packet: Buffer, direction: 'to-viewer' | 'to-server') => void) | undefined

  constructor(options: LossyRelayOptions) {
    this.options = options
    this.#random = seededRandom(options.seed)
  }

  /** The offer with its candidates led through this relay. */
  async through(sdp: string): Promise<string> {
    const port = Number(/^a=candidate:\S+ \d+ udp \d+ 127\.0\.0\.1 (\d+)/m.exec(sdp)?.[1])
    this.serverPort = port
    this.serverUser = /^a=ice-ufrag:(\S+)/m.exec(sdp)?.[1] ?? ''
    const pair: Pair = { outer: await bound(), inner: await bound(), server: port, viewer: undefined }
    pair.outer.on('message', (packet, from) => {
      pair.viewer = { address: from.address, port: from.port, family: from.family }
      this.#carry(packet, 'to-server', () => pair.inner.send(packet, pair.server, '127.0.0.1'))
    })
    pair.inner.on('message', (packet) => {
      const { viewer } = pair
      if (viewer === undefined) return
      this.#carry(packet, 'to-viewer', () => pair.outer.send(packet, viewer.port, viewer.address))
    })
    this.#pairs.push(pair)
    const mine = `127.0.0.1 ${pair.outer.address().port}`
    return sdp
      .split('\r\n')
      .filter((line) => !line.startsWith('a=candidate:') || line.includes(` 127.0.0.1 ${port} `))
      .map((line) => line.replace(`127.0.0.1 ${port}`, mine))
      .join('\r\n')
  }

  /** Sends a datagram to the server from where the viewer's come from, as a forger of addresses would. */
  inject(packet: Buffer): void {
    for (const { inner, server } of this.#pairs) inner.send(packet, server, '127.0.0.1')
  }

  close(): void {
    for (const flight of Object.values(this.#flights)) flight.clear()
    for (const { outer, inner } of this.#pairs.splice(0)) {
      outer.close()
      inner.close()
    }
  }

  #carry(packet: Buffer, direction: 'to-viewer' | 'to-server', deliver: () => void): void {
    this.onPacket?.(packet, direction)
    const { loss = 0, delayMs = 0, duplicate = 0, jitterMs = 0, path } = this.options
    if (path !== undefined) {
      for (const wait of path(packet.length, direction)) {
        if (wait < 0.5) deliver()
        else this.#flights[direction].push(wait, deliver)
      }
      return
    }
    if (this.cut || this.#random() < loss) {
      this.counters.lost += 1
      return
    }
    this.counters.passed += 1
    const copies = duplicate > 0 && this.#random() < duplicate ? 2 : 1
    for (let copy = 0; copy < copies; copy += 1) {
      const wait = delayMs + (jitterMs > 0 ? this.#random() * jitterMs : 0)
      if (wait === 0) deliver()
      else setTimeout(() => this.#pairs.length > 0 && deliver(), wait)
    }
  }
}

async function bound(): Promise<Socket> {
  const socket = createSocket('udp4')
  socket.on('error', () => {})
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  return socket
}
