// One peer connection with two data channels: the only thing the rest of the server sees of WebRTC.

import { CHANNELS } from '../../signaling/messages.ts'
import type { LocalTime } from '../../vendor/asciline/index.ts'
import type { TriedPair } from './connection-trace.ts'
import { type GuardCounters, guardDatagrams } from './datagram-guard.ts'
import { repairHandshake } from './dtls-handshake.ts'
import { useKeyObjects } from './dtls-keys.ts'
import { demandProof } from './dtls-proof.ts'
import { advanceRecordCounter } from './dtls-record-counter.ts'
import { refuseReplays } from './dtls-replay.ts'
import { gatherOnce } from './host-candidates.ts'
import { admitTcp } from './ice-tcp.ts'
import type { IceTcpPort } from './ice-tcp-port.ts'
import { LeanReceive } from './lean-receive.ts'
import { SctpOutgoing } from './sctp-outgoing.ts'
import { repairReceiver } from './sctp-receiver.ts'
import { guardAssociation } from './sctp-validation.ts'
import { installUdpRepair } from './udp-socket.ts'
import type { RefusedPackets } from './way.ts'
import { type Connection, type Insides, insidesOf, werift } from './werift.ts'

const TEXT = 51
const BINARY = 53

/** werift's CandidatePairState, by number. */
const PAIR_STATES = ['frozen', 'waiting', 'in progress', 'succeeded', 'failed']
const MAX_PAIRS = 32

/** Why a peer is gone. */
export type PeerEnd = 'closed' | 'remote-closed' | 'failed' | 'malformed'

export type PeerEvents = {
  /** Both channels may be used from now on. */
  open(): void
  /** A message came in on `frames` or `control`. */
  frame(bytes: Uint8Array): void
  control(text: string): void
  /** A text on `frames`: what its sender does not mind to lose. */
  fleeting(text: string): void
  /** A SACK came in: there may be room for more. */
  acked(): void
  /** Called once, and nothing after it. */
  closed(why: PeerEnd): void
}

export type PeerOptions = {
  events: PeerEvents
  now: () => LocalTime
  /** UDP ports to bind, both ends included; any port when absent. */
  udpPorts?: readonly [number, number]
  /** `stun:host:port` for a server that does not know its public address. */
  stun?: string
  ipv6?: boolean
  /** Bound to 127.0.0.1: nobody else can reach it. */
  loopback?: boolean
  /** The port where viewers without UDP come in. */
  iceTcp?: IceTcpPort
}

export class Peer {
  readonly #events: PeerEvents
  readonly #connection: Connection
  readonly #insides: Insides
  readonly #outgoing: SctpOutgoing
  readonly #kept: GuardCounters
  readonly #unsound: { refused: number }
  #leaveTcp: () => void = () => {}
  #state: 'new' | 'open' | 'closed' = 'new'

  constructor(options: PeerOptions) {
    installUdpRepair()
    this.#events = options.events
    this.#connection = new werift.RTCPeerConnection({
      iceServers: options.stun === undefined ? [] : [{ urls: options.stun }],
      // As delivered it is 5 s, in which a page has long given up: a STUN server that is away must not hold up its offer.
      iceStunGatherTimeout: 0.5,
      iceUseIpv6: options.ipv6 ?? false,
      ...(options.loopback === true ? { iceInterfaceAddresses: { udp4: '127.0.0.1' } } : {}),
      ...(options.udpPorts === undefined ? {} : { icePortRange: [...options.udpPorts] as [number, number] }),
    })
    // Trap 9 (werift#714): a channel announced in band is announced as ordered. Negotiated channels are not announced.
    const frames = { negotiated: true, id: CHANNELS.frames, ordered: false, maxRetransmits: 0 }
    const control = { negotiated: true, id: CHANNELS.control, ordered: true }
    const framesChannel = this.#connection.createDataChannel('frames', frames)
    const controlChannel = this.#connection.createDataChannel('control', control)
    this.#insides = insidesOf(this.#connection)
    gatherOnce(this.#insides.ice, { stun: options.stun !== undefined, ipv6: options.ipv6 ?? false })
    demandProof(this.#insides)
    repairHandshake(this.#insides)
    const lean = new LeanReceive({
      insides: this.#insides,
      numbers: refuseReplays(this.#insides),
      onSack: (sack) => this.#outgoing.acknowledge(sack),
    })
    this.#kept = guardDatagrams(this.#insides, lean)
    if (options.iceTcp !== undefined) this.#leaveTcp = admitTcp(this.#insides, options.iceTcp)
    advanceRecordCounter(this.#insides)
    useKeyObjects(this.#insides)
    const sacks = repairReceiver(this.#insides)
    this.#unsound = guardAssociation(this.#insides.association, () => this.#end('malformed'))
    this.#outgoing = new SctpOutgoing({
      insides: this.#insides,
      sacks,
      now: options.now,
      onAck: () => this.#events.acked(),
    })
    framesChannel.onMessage.subscribe((data) => {
      if (this.#state !== 'open') return
      if (typeof data === 'string') this.#events.fleeting(data)
      else this.#events.frame(data)
    })
    controlChannel.onMessage.subscribe((data) => {
      if (this.#state === 'open' && typeof data === 'string') this.#events.control(data)
    })
    for (const channel of [framesChannel, controlChannel]) {
      channel.stateChanged.subscribe((state) => {
        if (state === 'closed' || state === 'closing') this.#end('remote-closed')
      })
    }
    this.#insides.association.stateChanged.connected.subscribe(() => {
      if (this.#state !== 'new') return
      this.#state = 'open'
      this.#events.open()
    })
    this.#connection.connectionStateChange.subscribe((state) => {
      if (state === 'failed' || state === 'closed') this.#end(state === 'failed' ? 'failed' : 'remote-closed')
    })
  }

  get open(): boolean {
    return this.#state === 'open'
  }

  /** What is queued and in flight, and how the path is. */
  get path() {
    return this.#outgoing.sender
  }

  /** What was kept from werift so far. */
  get refused(): RefusedPackets {
    return { ...this.#kept, sctp: this.#unsound.refused }
  }

  /** What ICE has tried so far. */
  get pairs(): TriedPair[] {
    const { checkList, nominated } = this.#insides.ice
    return checkList.slice(0, MAX_PAIRS).map((pair) => {
      const { host, port } = pair.protocol.localCandidate ?? { host: '?', port: 0 }
      return {
        local: `${host}:${port}`,
        remote: pair.remoteAddr.join(':'),
        state: PAIR_STATES[pair.state] ?? 'unknown',
        chosen: pair === nominated,
      }
    })
  }

  /** The server's part: an offer whose candidates werift has written; the caller replaces their addresses. */
  async offer(): Promise<string> {
    await this.#connection.setLocalDescription(await this.#connection.createOffer())
    return this.#connection.localDescription?.sdp ?? ''
  }

  /** The answer to `offer()`. Throws when it cannot be parsed. */
  async answer(sdp: string): Promise<void> {
    await this.#connection.setRemoteDescription({ type: 'answer', sdp })
  }

  /** The viewer's part, for the simulator: takes an offer and answers it. */
  async accept(sdp: string): Promise<string> {
    await this.#connection.setRemoteDescription({ type: 'offer', sdp })
    await this.#connection.setLocalDescription(await this.#connection.createAnswer())
    return this.#connection.localDescription?.sdp ?? ''
  }

  /** A candidate that came after the description. */
  candidate(line: string): void {
    if (this.#state === 'closed') return
    const candidate = line.replace(/^a=/, '')
    this.#connection.addIceCandidate({ candidate, sdpMLineIndex: 0 }).catch(() => {})
  }

  /** Sends messages of at most one packet each, once, unordered. False when the backlog is full. */
  sendFrames(messages: readonly Uint8Array[]): boolean {
    if (this.#state !== 'open') return false
    for (const bytes of messages) {
      if (!this.#outgoing.push({ stream: CHANNELS.frames, protocol: BINARY, bytes, reliable: false }))
        return false
    }
    this.#outgoing.flush()
    return true
  }

  /** Sends a short text once, unordered. False when the backlog is full. */
  sendFleeting(text: string): boolean {
    if (this.#state !== 'open') return false
    const bytes = Buffer.from(text)
    if (!this.#outgoing.push({ stream: CHANNELS.frames, protocol: TEXT, bytes, reliable: false }))
      return false
    this.#outgoing.flush()
    return true
  }

  /** Sends a text until it is acknowledged, in order. False when the backlog is full. */
  sendControl(text: string): boolean {
    if (this.#state !== 'open') return false
    const bytes = Buffer.from(text)
    if (!this.#outgoing.push({ stream: CHANNELS.control, protocol: TEXT, bytes, reliable: true }))
      return false
    this.#outgoing.flush()
    return true
  }

  /** Frees the socket and every timer. May be called twice. */
  close(): void {
    this.#end('closed')
  }

  #end(why: PeerEnd): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.#leaveTcp()
    this.#outgoing.close()
    this.#connection.close().catch(() => {})
    this.#events.closed(why)
  }
}
