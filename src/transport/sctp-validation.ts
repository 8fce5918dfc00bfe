// Trap 2: whatever a viewer sends inside its DTLS session goes straight into werift's SCTP parser, which answers a short
// packet, a bad checksum, an unknown chunk or an unknown payload protocol with an unhandled rejection (Node exits), and
// loops for ever on a chunk or parameter of length 0. Every packet is therefore measured here first, and what werift
// still throws is caught. Limits that keep a hostile viewer's bytes from piling up are here too.

import { CHANNELS } from '../../signaling/messages.ts'
import { tsnAfter } from './tsn.ts'
import { type AssociationInside, SCTP_ESTABLISHED } from './werift.ts'

const COMMON_HEADER_BYTES = 12
const MAX_PACKET_BYTES = 1500

/** How far ahead of the acknowledged TSNs a viewer may send, in chunks. */
const MAX_TSNS_AHEAD = 1024
/** Chunks of unfinished messages kept per association; the longest control message is four. */
const MAX_PARTS = 64
/** Refused packets before the viewer is given up: an honest one never sends any. */
const MAX_REFUSED = 32

const DATA = 0
const INIT = 1
const INIT_ACK = 2
const SACK = 3
const FORWARD_TSN = 192
const RECONFIG = 130

/** Chunks werift knows, with their shortest length; others make it throw. */
const SHORTEST: Readonly<Record<number, number>> = {
  [DATA]: 17,
  [INIT]: 20,
  [INIT_ACK]: 20,
  [SACK]: 16,
  4: 4, // HEARTBEAT
  5: 4, // HEARTBEAT ACK
  6: 4, // ABORT
  7: 8, // SHUTDOWN
  8: 4, // SHUTDOWN ACK
  9: 4, // ERROR
  10: 4, // COOKIE ECHO
  11: 4, // COOKIE ACK
  14: 4, // SHUTDOWN COMPLETE
  [RECONFIG]: 4,
  [FORWARD_TSN]: 8,
}

/** Chunks that end in a list of parameters, and where it starts. */
const PARAMETERS_AT: Readonly<Record<number, number>> = {
  [INIT]: 20,
  [INIT_ACK]: 20,
  4: 4,
  5: 4,
  6: 4,
  9: 4,
  [RECONFIG]: 4,
}

/** Shortest body of the stream reconfiguration parameters werift reads. */
const RECONFIG_BODY: Readonly<Record<number, number>> = { 13: 12, 16: 8, 17: 8 }

/** Payload protocols of data channel messages: text, binary, and the two for empty ones. */
const PROTOCOLS: ReadonlySet<number> = new Set([51, 53, 56, 57])
const STREAMS: ReadonlySet<number> = new Set(Object.values(CHANNELS))

/** Stands before `handleData`; `onHostile` is called when a viewer has sent too much that no browser sends. */
export function guardAssociation(association: AssociationInside, onHostile: () => void): { refused: number } {
  const counters = { refused: 0 }
  const refuse = () => {
    counters.refused += 1
    if (counters.refused === MAX_REFUSED) onHostile()
  }
  const handleData = association.handleData
  association.handleData = async (packet) => {
    if (!isPacketSound(packet, association)) return refuse()
    try {
      await handleData.call(association, packet)
    } catch {
      refuse()
    }
    if (parts(association) > MAX_PARTS) onHostile()
  }
  return counters
}

const parts = (association: AssociationInside): number =>
  Object.values(association.inboundStreams).reduce((sum, stream) => sum + stream.reassembly.length, 0)

/** True when werift can parse the packet and every chunk makes sense in the state the association is in. */
export function isPacketSound(
  packet: Buffer,
  association: Pick<AssociationInside, 'associationState' | 'lastReceivedTsn'>,
): boolean {
  if (packet.length < COMMON_HEADER_BYTES + 4 || packet.length > MAX_PACKET_BYTES) return false
  for (let at = COMMON_HEADER_BYTES; at < packet.length; ) {
    if (at + 4 > packet.length) return false
    const type = packet[at]!
    const length = packet.readUInt16BE(at + 2)
    const shortest = SHORTEST[type]
    if (shortest === undefined || length < shortest || at + length > packet.length) return false
    const chunk = packet.subarray(at, at + length)
    if (!isChunkSound(type, chunk, association)) return false
    const parameters = PARAMETERS_AT[type]
    if (parameters !== undefined && !areParametersSound(type, chunk.subarray(parameters))) return false
    at += (length + 3) & ~3
  }
  return true
}

function isChunkSound(
  type: number,
  chunk: Buffer,
  association: Pick<AssociationInside, 'associationState' | 'lastReceivedTsn'>,
): boolean {
  const established = association.associationState === SCTP_ESTABLISHED
  switch (type) {
    case DATA: {
      const { lastReceivedTsn } = association
      if (lastReceivedTsn === undefined) return false
      const tsn = chunk.readUInt32BE(4)
      const ahead = (tsn - lastReceivedTsn) >>> 0
      if (tsnAfter(tsn, lastReceivedTsn) && ahead > MAX_TSNS_AHEAD) return false
      return STREAMS.has(chunk.readUInt16BE(8)) && PROTOCOLS.has(chunk.readUInt32BE(12))
    }
    case INIT:
      // werift would begin counting TSNs anew in the middle of a connection.
      return !established
    case SACK:
      return chunk.length === 16 + 4 * (chunk.readUInt16BE(12) + chunk.readUInt16BE(14))
    case FORWARD_TSN:
      return association.lastReceivedTsn !== undefined && chunk.length % 4 === 0
    default:
      return true
  }
}

function areParametersSound(type: number, list: Buffer): boolean {
  for (let at = 0; at + 4 <= list.length; ) {
    const length = list.readUInt16BE(at + 2)
    if (length < 4 || at + length > list.length) return false
    const body = type === RECONFIG ? RECONFIG_BODY[list.readUInt16BE(at)] : undefined
    if (body !== undefined && length - 4 < body) return false
    at += (length + 3) & ~3
  }
  return true
}
