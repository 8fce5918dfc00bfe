// All viewers of the one programme. Every frame of the bus is offered to each of them; what is encoded once is sent as it
// is. Knows nothing of sessions or sources, so that it can move to a thread or process of its own.

import { randomBytes } from 'node:crypto'
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os'
import type { ControlFromServer, Offer, Timeline } from '../../signaling/messages.ts'
import {
  type CarriedPeer,
  type MediaSocket,
  type PeerHost,
  PeerRefusal,
} from '../../signaling/negotiation.ts'
import type { LocalTime } from '../../vendor/asciline/index.ts'
import type { FrameBus } from '../encode/frame-bus.ts'
import type { Log } from '../log.ts'
import type { LanMode } from './candidate-filter.ts'
import { hostAddresses, offerAddresses } from './host-candidates.ts'
import { type IceServerOptions, iceServersFor } from './ice-servers.ts'
import { RecentFrames } from './recent-frames.ts'
import { checkWerift } from './self-check.ts'
import {
  Viewer,
  type ViewerDiagnosis,
  type ViewerEnd,
  type ViewerOptions,
  type ViewerStats,
} from './viewer.ts'

/** How often the clock is looked at: silence and deadlines are seconds. */
const CHECK_MS = 250

/** Viewers remembered after their end. */
const MAX_PAST = 20

export type Diagnostics = {
  server: {
    announce: string | null
    udpPorts: string | null
    /** As last offered, likeliest first. */
    addresses: string[]
    stun: string | null
    turn: string[]
    lan: LanMode
  }
  viewers: ViewerDiagnosis[]
  past: (ViewerDiagnosis & { ended: ViewerEnd })[]
}

/** Drops are told at most this often. */
const REPORT_MS = 1000

export type AudienceOptions = IceServerOptions & {
  bus: FrameBus
  /** Where the programme stands; undefined when nothing plays. */
  timeline(): Timeline | undefined
  /** The whole latest picture, for a viewer that has just come. */
  joinSlices(): readonly Uint8Array[] | undefined
  playoutDelayMs: number
  /** Address or name under which the outside reaches this server; offered besides its own addresses. */
  announce?: string | undefined
  /** UDP ports to use, both ends included; one per viewer. */
  udpPorts?: readonly [number, number] | undefined
  /** Whether private addresses that a viewer names are knocked at; `auto` when absent. */
  lan?: LanMode | undefined
  /** Beyond this `open` refuses with `too-many-viewers`. */
  maxViewers?: number
  /** Told the number of viewers that want digests whenever it changes. */
  onVerify?: (viewers: number) => void
  /** This machine's addresses; asked at every join, because a server's network changes too. */
  interfaces?: () => NodeJS.Dict<NetworkInterfaceInfo[]>
  now(): LocalTime
  log: Pick<Log, 'info'>
}

export class Audience implements PeerHost {
  readonly #options: AudienceOptions
  readonly #maxViewers: number
  readonly #viewers = new Map<string, Viewer>()
  readonly #recent = new RecentFrames()
  readonly #leaveBus: () => void
  readonly #timer: NodeJS.Timeout
  readonly #past: Diagnostics['past'] = []
  #offered: readonly string[] = []
  #dropsReported = 0
  #reportedAt = 0
  #closed = false

  /** Throws when the installed werift is not the one the adapter was written for. */
  constructor(options: AudienceOptions) {
    checkWerift()
    this.#options = options
    this.#maxViewers = options.maxViewers ?? 64
    this.#leaveBus = options.bus.subscribe((frame) => {
      const now = options.now()
      this.#recent.push(frame, now)
      for (const viewer of this.#viewers.values()) viewer.push(frame, now)
    })
    this.#timer = setInterval(() => this.#check(), CHECK_MS)
    this.#timer.unref()
  }

  /** Viewers that watch now; those still connecting do not count. */
  get size(): number {
    let open = 0
    for (const viewer of this.#viewers.values()) if (viewer.open) open += 1
    return open
  }

  /** Throws `too-many-viewers` and `no-candidates`. */
  async open({ address }: { id: string; address: string }): Promise<Offer> {
    const { udpPorts, stun, log } = this.#options
    const viewer = this.#add(address, {
      peer: {
        ...(udpPorts === undefined ? {} : { udpPorts }),
        ...(stun === undefined ? {} : { stun }),
        ipv6: hasIpv6(address),
      },
    })
    try {
      const announced = await resolveAnnounced(this.#options.announce, log)
      const addresses = hostAddresses({
        interfaces: (this.#options.interfaces ?? networkInterfaces)(),
        viewer: address,
        announced,
      })
      this.#offered = addresses
      const sdp = await viewer.offer((plain) => offerAddresses(plain, addresses, udpPorts))
      const iceServers = iceServersFor(this.#options, viewer.id.slice(0, 4), Date.now())
      return { peer: viewer.id, sdp, ...(iceServers.length === 0 ? {} : { iceServers }) }
    } catch (error) {
      viewer.close('failed')
      throw error instanceof PeerRefusal
        ? error
        : new PeerRefusal('peer-failed', 'No connection could be prepared.')
    }
  }

  /** Throws `bad-request` when no answer is due for this peer or it cannot be read. */
  async answer(peer: string, sdp: string): Promise<void> {
    const viewer = this.#viewers.get(peer)
    if (viewer === undefined) throw new PeerRefusal('peer-failed', 'This connection has ended; join again.')
    await viewer.answer(sdp)
  }

  candidate(peer: string, candidate: string): void {
    this.#viewers.get(peer)?.candidate(candidate)
  }

  /** Throws `too-many-viewers`. */
  carry({ address }: { id: string; address: string }, socket: MediaSocket): CarriedPeer {
    const viewer = this.#add(address, { socket }, () => socket.ended())
    return {
      peer: viewer.id,
      start: () => viewer.start(),
      receive: (message) => viewer.receive(message),
    }
  }

  /** Closes one peer; without a name, all of them and the audience itself. */
  async close(peer?: string): Promise<void> {
    if (peer !== undefined) {
      this.#viewers.get(peer)?.close('replaced')
      return
    }
    this.#closed = true
    this.#leaveBus()
    clearInterval(this.#timer)
    for (const viewer of [...this.#viewers.values()]) viewer.close()
  }

  /** Says something to every viewer on control; digests only to those that asked for them. */
  announce(message: ControlFromServer): void {
    for (const viewer of this.#viewers.values()) viewer.announce(message)
  }

  stats(): ViewerStats[] {
    return [...this.#viewers.values()].map((viewer) => viewer.stats())
  }

  #add(address: string, way: ViewerOptions['way'], onGone?: () => void): Viewer {
    if (this.#closed) throw new PeerRefusal('peer-failed', 'The server is stopping.')
    if (this.#viewers.size >= this.#maxViewers) {
      throw new PeerRefusal('too-many-viewers', `All ${this.#maxViewers} places are taken; try again later.`)
    }
    const id = randomBytes(8).toString('hex')
    const { playoutDelayMs, timeline, joinSlices, now, log } = this.#options
    const viewer = new Viewer({
      id,
      address,
      way,
      lan: this.#options.lan ?? 'auto',
      playoutDelayMs,
      now,
      timeline,
      joinSlices,
      recent: this.#recent,
      onVerify: () => this.#tellVerify(),
      onClosed: (why) => {
        this.#past.push({ ...viewer.diagnose(), ended: why })
        if (this.#past.length > MAX_PAST) this.#past.shift()
        this.#viewers.delete(id)
        if (viewer.verify) this.#tellVerify()
        log.info(`viewer ${id.slice(0, 4)} gone: ${why}`)
        onGone?.()
      },
    })
    this.#viewers.set(id, viewer)
    return viewer
  }

  /** How viewers can reach this server, and how those of now and the last few of before tried to. */
  diagnose(): Diagnostics {
    const { announce, udpPorts, stun, turn, lan } = this.#options
    return {
      server: {
        announce: announce ?? null,
        udpPorts: udpPorts === undefined ? null : `${udpPorts[0]}-${udpPorts[1]}`,
        addresses: [...this.#offered],
        stun: stun ?? null,
        turn: [...(turn ?? [])],
        lan: lan ?? 'auto',
      },
      viewers: [...this.#viewers.values()].map((viewer) => viewer.diagnose()),
      past: [...this.#past],
    }
  }

  #check(): void {
    const now = this.#options.now()
    for (const viewer of [...this.#viewers.values()]) viewer.check(now)
    if (now - this.#reportedAt < REPORT_MS) return
    this.#reportedAt = now
    this.#reportDrops()
  }

  #reportDrops(): void {
    const total = { replaced: 0, late: 0, stalled: 0 }
    for (const { dropped } of this.stats()) {
      total.replaced += dropped.replaced
      total.late += dropped.late
      total.stalled += dropped.stalled
    }
    const sum = total.replaced + total.late
    if (sum > this.#dropsReported) {
      this.#options.log.info(
        `frames not sent so far: ${total.replaced} replaced by newer ones, ${total.late} too late`,
      )
    }
    this.#dropsReported = sum
  }

  #tellVerify(): void {
    let count = 0
    for (const viewer of this.#viewers.values()) if (viewer.verify) count += 1
    this.#options.onVerify?.(count)
  }
}

/** A second socket per viewer only where it can be of use. */
function hasIpv6(viewer: string): boolean {
  return viewer.includes(':') && !viewer.startsWith('::ffff:')
}

async function resolveAnnounced(announce: string | undefined, log: Pick<Log, 'info'>): Promise<string[]> {
  if (announce === undefined) return []
  if (isIP(announce) !== 0) return [announce]
  try {
    return (await lookup(announce, { all: true })).map(({ address }) => address)
  } catch {
    log.info(`the announced name ${announce} has no address at present`)
    return []
  }
}
