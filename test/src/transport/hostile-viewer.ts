// A viewer that has the PIN and means harm: a bare werift whose SCTP packets can be anything.

import type { Audience } from '../../../src/transport/audience.ts'
import { gatherOnce } from '../../../src/transport/host-candidates.ts'
import { type Insides, insidesOf, type RecordInside, werift } from '../../../src/transport/werift.ts'

/** A part of a session that only an attacker plays with. */
type Sealer = { encryptPacket(record: RecordInside): RecordInside }

export class HostileViewer {
  readonly connection = new werift.RTCPeerConnection({ iceServers: [], iceUseIpv6: false })
  readonly insides: Insides
  id = ''

  constructor() {
    const options = { negotiated: true, ordered: false }
    const channels = [0, 1].map((id) => this.connection.createDataChannel('x', { ...options, id }))
    for (const channel of channels) channel.onMessage.subscribe(() => {})
    this.insides = insidesOf(this.connection)
    gatherOnce(this.insides.ice, { stun: false, ipv6: false })
  }

  /** Connects like any other viewer. */
  async join(audience: Pick<Audience, 'open' | 'answer'>): Promise<this> {
    const { peer, sdp } = await audience.open({ id: 'hostile', address: '127.0.0.1' })
    this.id = peer
    const connected = new Promise<void>((resolve) => {
      this.insides.association.stateChanged.connected.subscribe(resolve)
    })
    await audience.answer(peer, await this.answer(sdp))
    await connected
    return this
  }

  /** The answer to an offer; it names no candidates. */
  async answer(offer: string): Promise<string> {
    await this.connection.setRemoteDescription({ type: 'offer', sdp: offer })
    await this.connection.setLocalDescription(await this.connection.createAnswer())
    return (this.connection.localDescription?.sdp ?? '').replaceAll(/^a=(candidate|end-of).*\r\n/gm, '')
  }

  /** Sends a message as a browser would, in the next chunk of its channel. */
  message(stream: number, protocol: number, body: Buffer): void {
    this.insides.association.send(stream, protocol, body).catch(() => {})
  }

  /** Sends one DTLS record, sealed with the session's keys. */
  record(type: number, content: Buffer): void {
    const session = this.insides.session()
    if (session === undefined) return
    session.dtls.recordSequenceNumber += 1
    const record: RecordInside = {
      recordLayerHeader: {
        contentType: type,
        protocolVersion: { major: 254, minor: 253 },
        epoch: 1,
        sequenceNumber: session.dtls.recordSequenceNumber,
        contentLen: content.length,
      },
      fragment: content,
    }
    const sealed = (session.cipher as unknown as Sealer).encryptPacket(record).fragment
    const header = Buffer.from('00fefd00010000000000000000', 'hex')
    header[0] = type
    header.writeUIntBE(session.dtls.recordSequenceNumber, 5, 6)
    header.writeUInt16BE(sealed.length, 11)
    session.transport.send(Buffer.concat([header, sealed])).catch(() => {})
  }

  /** Sends bytes from the socket of its connection, past DTLS. */
  datagram(bytes: Buffer): void {
    const pair = this.insides.ice.nominated
    pair?.protocol.transport.socket.send(bytes, pair.remoteAddr[1], pair.remoteAddr[0])
  }

  /** Sends bytes as the content of one DTLS record. */
  raw(content: Buffer): void {
    this.insides.association.transport.send(content).catch(() => {})
  }

  /** Sends chunks in an SCTP packet that is right in every other way. */
  chunks(...chunks: Buffer[]): void {
    this.raw(this.packet(...chunks))
  }

  packet(...chunks: Buffer[]): Buffer {
    const { association } = this.insides
    const header = Buffer.alloc(12)
    header.writeUInt16BE(5000, 0)
    header.writeUInt16BE(5000, 2)
    header.writeUInt32BE(association.remoteVerificationTag, 4)
    const packet = Buffer.concat([header, ...chunks])
    packet.writeUInt32LE(werift.crc32c(packet), 8)
    return packet
  }

  async close(): Promise<void> {
    await this.connection.close()
  }
}

/** A DATA chunk. */
export function dataChunk(options: {
  tsn: number
  stream?: number
  protocol?: number
  flags?: number
  body?: Buffer
}): Buffer {
  const { tsn, stream = 1, protocol = 51, flags = 3, body = Buffer.from('{}') } = options
  const chunk = Buffer.alloc(16)
  chunk[1] = flags
  chunk.writeUInt16BE(16 + body.length, 2)
  chunk.writeUInt32BE(tsn >>> 0, 4)
  chunk.writeUInt16BE(stream, 8)
  chunk.writeUInt32BE(protocol, 12)
  return Buffer.concat([chunk, body, Buffer.alloc((4 - (body.length % 4)) % 4)])
}
