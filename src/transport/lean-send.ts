// Writes SCTP packets and seals them as DTLS records, one allocation and one socket write per packet.
//
// Trap 12: werift's own path copies a packet six times and hands AES a Buffer key, 11-15 us per packet on Node >= 22;
// with a KeyObject and one buffer it is about 3 us. The packet layout is RFC 9260, the record RFC 6347 with RFC 5288:
//
//   | 13 record header | 8 explicit nonce | SCTP packet, encrypted | 16 tag |
//   SCTP packet: | 12 common header | chunks, each padded to 4 |
//   DATA chunk:  | type 0, flags, length | tsn | stream, sequence | protocol | bytes |

import { createCipheriv } from 'node:crypto'
import type { OutgoingChunk } from './outgoing-chunk.ts'
import { type AssociationInside, DTLS_CLIENT, type IceInside, type Insides, werift } from './werift.ts'

/** Largest SCTP packet, as werift counts its MTU: with everything around it an IPv6 packet stays below 1280. */
const MAX_PACKET_BYTES = 1191
const COMMON_HEADER_BYTES = 12
const DATA_HEADER_BYTES = 16
const RECORD_HEADER_BYTES = 13
const EXPLICIT_NONCE_BYTES = 8
const APPLICATION_DATA = 23
const DTLS_1_2 = 0xfefd
const SACK = 3
const FORWARD_TSN = 192

/** One SCTP packet being filled. Reused for every packet of the association. */
export class PacketWriter {
  readonly #buffer = Buffer.alloc(MAX_PACKET_BYTES + 3)
  readonly #association: AssociationInside
  #length = COMMON_HEADER_BYTES

  constructor(association: AssociationInside) {
    this.#association = association
  }

  get empty(): boolean {
    return this.#length === COMMON_HEADER_BYTES
  }

  /** Payload bytes a further DATA chunk may have. */
  get room(): number {
    return MAX_PACKET_BYTES - this.#length - DATA_HEADER_BYTES
  }

  addData(chunk: OutgoingChunk): void {
    const buffer = this.#buffer
    const at = this.#length
    const length = DATA_HEADER_BYTES + chunk.bytes.length
    buffer[at] = 0
    buffer[at + 1] = chunk.flags
    buffer.writeUInt16BE(length, at + 2)
    buffer.writeUInt32BE(chunk.tsn, at + 4)
    buffer.writeUInt16BE(chunk.stream, at + 8)
    buffer.writeUInt16BE(chunk.sequence, at + 10)
    buffer.writeUInt32BE(chunk.protocol, at + 12)
    buffer.set(chunk.bytes, at + DATA_HEADER_BYTES)
    const padded = (length + 3) & ~3
    for (let i = at + length; i < at + padded; i += 1) buffer[i] = 0
    this.#length = at + padded
  }

  addForwardTsn(tsn: number): void {
    const at = this.#length
    this.#buffer[at] = FORWARD_TSN
    this.#buffer[at + 1] = 0
    this.#buffer.writeUInt16BE(8, at + 2)
    this.#buffer.writeUInt32BE(tsn, at + 4)
    this.#length = at + 8
  }

  addSack(cumulative: number, window: number, gaps: [number, number][], duplicates: number[]): void {
    const buffer = this.#buffer
    const at = this.#length
    const length = 16 + 4 * (gaps.length + duplicates.length)
    buffer[at] = SACK
    buffer[at + 1] = 0
    buffer.writeUInt16BE(length, at + 2)
    buffer.writeUInt32BE(cumulative, at + 4)
    buffer.writeUInt32BE(window, at + 8)
    buffer.writeUInt16BE(gaps.length, at + 12)
    buffer.writeUInt16BE(duplicates.length, at + 14)
    let to = at + 16
    for (const [from, until] of gaps) {
      buffer.writeUInt16BE(from, to)
      buffer.writeUInt16BE(until, to + 2)
      to += 4
    }
    for (const tsn of duplicates) to = buffer.writeUInt32BE(tsn, to)
    this.#length = at + length
  }

  /** The finished packet; valid until the next call of add. */
  finish(): Buffer {
    const buffer = this.#buffer
    buffer.writeUInt16BE(this.#association.localPort, 0)
    buffer.writeUInt16BE(this.#association.remotePort ?? 0, 2)
    buffer.writeUInt32BE(this.#association.remoteVerificationTag, 4)
    buffer.writeUInt32BE(0, 8)
    const packet = buffer.subarray(0, this.#length)
    buffer.writeUInt32LE(werift.crc32c(packet), 8)
    this.#length = COMMON_HEADER_BYTES
    return packet
  }
}

// One packet is sealed at a time.
const nonce = Buffer.alloc(12)
const additional = Buffer.alloc(13)

/** Sends one SCTP packet over the DTLS session; the bytes may be reused when it returns. */
export function sealAndSend(insides: Insides, packet: Buffer): void {
  const session = insides.session()
  const aead = session?.cipher.cipher
  const pair = insides.ice.nominated
  if (session === undefined || aead === undefined || pair === undefined) return
  // Consent to send has run out (RFC 7675): the other end has not answered for 30 s.
  if (!insides.ice.canSendApplicationData()) return
  const socket = pair.protocol.transport?.socket
  if (socket === undefined || !aead.blockAlgorithm.endsWith('-gcm')) {
    // Over TCP, or with a cipher other than GCM, werift's own path does it.
    insides.association.transport.send(Buffer.from(packet)).catch(() => {})
    return
  }
  if (pair.protocol.transport.closed) return
  const client = session.sessionType === DTLS_CLIENT
  const key = client ? aead.clientWriteKey : aead.serverWriteKey
  const salt = client ? aead.clientNonce : aead.serverNonce
  session.dtls.recordSequenceNumber += 1
  const tagBytes = aead.authTagLength
  const sealedBytes = EXPLICIT_NONCE_BYTES + packet.length + tagBytes
  const record = Buffer.allocUnsafe(RECORD_HEADER_BYTES + sealedBytes)
  record[0] = APPLICATION_DATA
  record.writeUInt16BE(DTLS_1_2, 1)
  record.writeUInt16BE(session.dtls.epoch, 3)
  record.writeUIntBE(session.dtls.recordSequenceNumber, 5, 6)
  record.writeUInt16BE(sealedBytes, 11)
  // The explicit nonce is epoch and sequence number; the same eight bytes open the additional data.
  for (let i = 0; i < EXPLICIT_NONCE_BYTES; i += 1) {
    const byte = record[3 + i]!
    record[RECORD_HEADER_BYTES + i] = byte
    nonce[4 + i] = byte
    additional[i] = byte
  }
  for (let i = 0; i < 4; i += 1) nonce[i] = salt[i]!
  for (let i = 0; i < 3; i += 1) additional[8 + i] = record[i]!
  additional.writeUInt16BE(packet.length, 11)
  const cipher = createCipheriv(aead.blockAlgorithm as 'aes-128-gcm', key, nonce, { authTagLength: tagBytes })
  cipher.setAAD(additional)
  const from = RECORD_HEADER_BYTES + EXPLICIT_NONCE_BYTES
  record.set(cipher.update(packet), from)
  cipher.final()
  record.set(cipher.getAuthTag(), from + packet.length)
  sendDatagram(pair, socket, record)
}

function sendDatagram(
  pair: NonNullable<IceInside['nominated']>,
  socket: import('node:dgram').Socket,
  record: Buffer,
) {
  const [address, port] = pair.remoteAddr
  try {
    socket.send(record, port, address)
  } catch {
    // A socket that was closed under us throws. The packet is lost like any other; silence ends the viewer.
    return
  }
  pair.packetsSent += 1
  pair.bytesSent += record.length
}
