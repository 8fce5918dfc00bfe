// Viewers over WebRTC: makes their peers, writes the addresses into the offers, and has the Viewers do the rest. Knows nothing
// of sessions or sources, and runs wherever it is put: in the transport process, or in a test's own.

import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os'
import type { ControlFromServer, Offer } from '../../signaling/messages.ts'
import {
  type CarriedPeer,
  type MediaSocket,
  type PeerHost,
  PeerRefusal,
} from '../../signaling/negotiation.ts'
import type { Log } from '../log.ts'
import { hostAddresses, offerAddresses } from './host-candidates.ts'
import { iceServersFor } from './ice-servers.ts'
import { IceTcpPort } from './ice-tcp-port.ts'
import { JoinPace } from './join-pace.ts'
import { Peer } from './peer.ts'
import { describeReachability, type Reachability, type ReachabilityReport } from './reachability.ts'
import { checkWerift } from './self-check.ts'
import type { ViewerDiagnosis, ViewerStats } from './viewer.ts'
import { type PastViewer, Viewers, type ViewersOptions } from './viewers.ts'

export type Diagnostics = {
  server: ReachabilityReport
  viewers: ViewerDiagnosis[]
  past: PastViewer[]
}

export type AudienceOptions = Reachability &
  ViewersOptions & {
    /** This machine's addresses; asked at every join, because a server's network changes too. */
    interfaces?: () => NodeJS.Dict<NetworkInterfaceInfo[]>
  }

export class Audience implements PeerHost {
  readonly #options: AudienceOptions
  readonly #viewers: Viewers
  readonly #pace = new JoinPace()
  /** Answers that wait for their turn. */
  readonly #answers = new Map<string, Promise<void>>()
  #offered: readonly string[] = []
  #tcpPort: Promise<IceTcpPort | undefined> | undefined

  /** Throws when the installed werift is not the one the adapter was written for. */
  constructor(options: AudienceOptions) {
    checkWerift()
    this.#options = options
    this.#viewers = new Viewers(options)
  }

  /** Viewers that watch now; those still connecting do not count. */
  get size(): number {
    return this.#viewers.size
  }

  /** All of them, those still connecting included. */
  get places(): number {
    return this.#viewers.places
  }

  /** Throws `too-many-viewers` and `no-candidates`. */
  async open({ address }: { id: string; address: string }): Promise<Offer> {
    await this.#turn()
    const { udpPorts, stun, log, now } = this.#options
    const iceTcp = await this.#iceTcp()
    const viewer = this.#viewers.add(address, {
      peer: (events) =>
        new Peer({
          events,
          now,
          ...(udpPorts === undefined ? {} : { udpPorts }),
          ...(stun === undefined ? {} : { stun }),
          ipv6: hasIpv6(address),
          ...(iceTcp === undefined ? {} : { iceTcp }),
        }),
    })
    try {
      const announced = await resolveAnnounced(this.#options.announce, log)
      const addresses = hostAddresses({
        interfaces: (this.#options.interfaces ?? networkInterfaces)(),
        viewer: address,
        announced,
      })
      this.#offered = addresses
      const sdp = await viewer.offer((plain) =>
        offerAddresses(plain, addresses, { udpPorts, iceTcp: iceTcp?.port }),
      )
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
    const turn = this.#turn()
    this.#answers.set(peer, turn)
    await turn
    this.#answers.delete(peer)
    const viewer = this.#viewers.get(peer)
    if (viewer === undefined) throw new PeerRefusal('peer-failed', 'This connection has ended; join again.')
    await viewer.answer(sdp)
  }

  candidate(peer: string, candidate: string): void {
    // Before the answer it belongs to it would be lost.
    const turn = this.#answers.get(peer)
    if (turn === undefined) this.#viewers.get(peer)?.candidate(candidate)
    else void turn.then(() => this.#viewers.get(peer)?.candidate(candidate))
  }

  /** Throws `too-many-viewers`. */
  carry({ address }: { id: string; address: string }, socket: MediaSocket): CarriedPeer {
    return this.#viewers.carry(address, socket)
  }

  /** Closes one peer; without a name, all of them and the audience itself. */
  close(peer?: string): void {
    if (peer === undefined) {
      this.#viewers.close()
      void this.#tcpPort?.then((port) => port?.close())
    } else this.#viewers.get(peer)?.close('replaced')
  }

  announce(message: ControlFromServer): void {
    this.#viewers.announce(message)
  }

  stats(): ViewerStats[] {
    return this.#viewers.stats()
  }

  async #turn(): Promise<void> {
    const waitMs = this.#pace.waitMs(this.#options.now())
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs))
  }

  /** The TCP port, opened for the first viewer. Without it the others are served all the same. */
  #iceTcp(): Promise<IceTcpPort | undefined> | undefined {
    const { iceTcp, log } = this.#options
    if (iceTcp === undefined) return undefined
    this.#tcpPort ??= IceTcpPort.open(iceTcp).catch((error: NodeJS.ErrnoException) => {
      log.info(`no viewer comes in over TCP: port ${iceTcp} cannot be opened (${error.code})`)
      return undefined
    })
    return this.#tcpPort
  }

  /** How viewers can reach this server, and how those of now and the last few of before tried to. */
  diagnose(): Diagnostics {
    return {
      server: describeReachability(this.#options, this.#offered),
      ...this.#viewers.diagnose(),
    }
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
