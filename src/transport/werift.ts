// The one door to werift. Everything the adapter touches inside it is named here, so that self-check.ts can compare
// these names with what is installed before the first viewer does.

import type { KeyObject } from 'node:crypto'
import type { Socket } from 'node:dgram'
import { createRequire } from 'node:module'
import type { Socket as TcpSocket } from 'node:net'
import type * as WeriftModule from 'werift'
import type { HandshakeFragment } from './handshake-order.ts'

const require = createRequire(import.meta.url)

/** The release the adapter was written against; another one is refused by self-check.ts. */
export const WERIFT_VERSION = '0.25.2'

/** werift's CommonJS build: the ES build is one sealed bundle, and two repairs must reach a class inside. */
export const werift = require('werift') as typeof WeriftModule

/** Where werift's own files lie, for the self-check to read its version. */
export const weriftEntry = require.resolve('werift')

/** Address and port, as werift hands them on. */
export type Endpoint = readonly [address: string, port: number]

/** `TcpPassiveProtocol`: connections of one ICE agent. Its own listener stays shut (ice-tcp-port.ts has the port). */
export type TcpInside = {
  localIp?: string
  localCandidate?: { host: string; port: number }
  onConnectionClosed: { execute(remote: Endpoint): void }
  handleFrame(data: Buffer, from: Endpoint): void
  rememberSocket(entry: { socket: TcpSocket; remoteAddr: Endpoint; buffer: Buffer }): void
  /** False when another connection from there has taken its place. */
  forgetSocket(entry: { socket: TcpSocket; remoteAddr: Endpoint; buffer: Buffer }): boolean
}

/** `UdpTransport`: one UDP socket. */
export type UdpInside = {
  socket: Socket
  socketType: 'udp4' | 'udp6'
  options: { portRange?: [number, number]; interfaceAddresses?: Record<string, string> }
  closed: boolean
  init(): Promise<void>
}

/** `StunProtocol`: the socket of one local candidate, where every datagram comes in. */
export type StunInside = {
  transport: UdpInside
  localCandidate?: { host: string; port: number }
  datagramReceived(data: Buffer, from: Endpoint): void
}

export type CandidatePairInside = {
  state: number
  protocol: StunInside
  remoteAddr: Endpoint
  packetsSent: number
  bytesSent: number
}

/** `Connection`: the ICE agent. */
export type IceInside = {
  stunServer: Endpoint | undefined
  localUsername: string
  localPassword: string
  remoteUsername: string
  protocols: StunInside[]
  checkList: CandidatePairInside[]
  nominated: CandidatePairInside | undefined
  canSendApplicationData(): boolean
  getCandidatePromises(addresses: string[], timeout?: number): Promise<unknown>[]
  ensureProtocol(protocol: StunInside): void
}

/** `AEADCipher`: the keys of one DTLS session. A KeyObject does wherever a Buffer did. */
export type AeadInside = {
  blockAlgorithm: string
  authTagLength: number
  clientWriteKey: Buffer | KeyObject
  serverWriteKey: Buffer | KeyObject
  clientNonce: Buffer
  serverNonce: Buffer
}

/** One DTLS record as werift holds it. */
export type RecordInside = {
  recordLayerHeader: {
    contentType: number
    protocolVersion: { major: number; minor: number }
    epoch: number
    sequenceNumber: number
    contentLen: number
  }
  fragment: Buffer
}

/** `DtlsSocket`: one DTLS session. */
export type DtlsInside = {
  connected: boolean
  sessionType: number
  dtls: {
    recordSequenceNumber: number
    epoch: number
    flight: number
    lastMessage: Buffer[]
    sortedHandshakeCache: { msg_type: number; serialize(): Buffer }[]
  }
  cipher: {
    cipher: AeadInside | undefined
    remoteCertificate?: Buffer
    masterSecret?: Buffer
    localRandom?: { serialize(): Buffer }
    remoteRandom?: { serialize(): Buffer }
    decryptPacket(record: RecordInside): Buffer
  }
  transport: { send(datagram: Buffer): Promise<void> }
  onError: { execute(error: unknown): void }
  handleFragmentHandshake(fragments: HandshakeFragment[]): HandshakeFragment[]
  onHandleHandshakes(handshakes: HandshakeFragment[]): Promise<void>
}

/** `SessionType.CLIENT` of werift. */
export const DTLS_CLIENT = 1

/** `SCTP_STATE.ESTABLISHED` of werift. */
export const SCTP_ESTABLISHED = 4

/** A received DATA chunk. */
export type DataInside = { flags: number; tsn: number; streamId: number; userData: Buffer }

/** A received SACK chunk; gaps are offsets from the cumulative TSN, both ends included. */
export type SackInside = {
  cumulativeTsn: number
  advertisedRwnd: number
  gaps: [number, number][]
  duplicates: number[]
}

/** `InboundStream`: chunks of one stream that make no message yet. */
export type InboundInside = {
  reassembly: unknown[]
  popMessages(): Iterable<[stream: number, protocol: number, data: Buffer]>
}

/** `SCTP`: the association. */
export type AssociationInside = {
  associationState: number
  state: string
  rto: number
  localPort: number
  remotePort: number | undefined
  localVerificationTag: number
  remoteVerificationTag: number
  localTsn: number
  lastReceivedTsn: number | undefined
  advertisedRwnd: number
  peerAdvertisedRwnd: number
  sackNeeded: boolean
  sackImmediate: boolean
  sackPacketCount: number
  sackDuplicates: number[]
  inboundStreams: Record<number, InboundInside>
  stateChanged: Record<'connected' | 'closed', { subscribe(listener: () => void): unknown }>
  transport: { send(packet: Buffer): Promise<void> }
  handleData(packet: Buffer): Promise<void>
  receiveSackChunk(sack: SackInside): Promise<void>
  send(stream: number, protocol: number, data: Buffer): Promise<void>
  transmit(): Promise<void>
  sendChunk(chunk: unknown): Promise<void>
  sendSack(): Promise<void>
  markReceived(tsn: number): boolean
  receiveDataChunk(chunk: DataInside): void
  receive(stream: number, protocol: number, data: Buffer): void
  receiveForwardTsnChunk(chunk: { cumulativeTsn: number }): void
  setState(state: number): void
}

export type Connection = InstanceType<typeof werift.RTCPeerConnection>

/** The insides of one peer connection whose data channel has been created. */
export type Insides = {
  ice: IceInside
  association: AssociationInside
  /** The DTLS session; undefined until the handshake starts. */
  session(): DtlsInside | undefined
  onDtlsState(listener: (state: string) => void): void
  /** Called when the DTLS session has been made and has sent and received nothing yet. */
  onSession(listener: (session: DtlsInside) => void): void
}

/** Opens the lid of a peer connection. Throws when a piece is missing, which the self-check rules out beforehand. */
export function insidesOf(connection: Connection): Insides {
  const dtls = connection.dtlsTransports[0]
  const association = connection.sctpTransport?.sctp
  if (dtls === undefined || association === undefined) throw new Error('werift made no SCTP transport')
  const session = () => dtls.dtls as unknown as DtlsInside | undefined
  return {
    ice: dtls.iceTransport.connection as unknown as IceInside,
    association: association as unknown as AssociationInside,
    session,
    onDtlsState: (listener) => {
      dtls.onStateChange.subscribe(listener)
    },
    onSession: (listener) => {
      dtls.onStateChange.subscribe((state) => {
        // The session is made in the same turn, right after this event.
        if (state === 'connecting') {
          queueMicrotask(() => {
            const made = session()
            if (made !== undefined) listener(made)
          })
        }
      })
    },
  }
}
