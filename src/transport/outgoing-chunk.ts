// One DATA chunk of SCTP on its way, and the message it is made of.

import type { LocalTime } from '../../vendor/asciline/index.ts'

/** Payload of the largest DATA chunk: werift's MTU of 1191 less the SCTP headers, rounded down to words. */
export const MAX_CHUNK_BYTES = 1160

export const FLAG_LAST = 0x01
export const FLAG_FIRST = 0x02
export const FLAG_UNORDERED = 0x04
/** Asks the receiver to acknowledge at once (RFC 7053) instead of holding the SACK back for up to 200 ms. */
export const FLAG_IMMEDIATE = 0x08

/** One DATA chunk. `bytes` is never copied or written. */
export type OutgoingChunk = {
  tsn: number
  flags: number
  stream: number
  sequence: number
  protocol: number
  bytes: Uint8Array
  reliable: boolean
  sentAt: LocalTime
  sends: number
  misses: number
  acked: boolean
  abandoned: boolean
  retransmit: boolean
}

export type OutgoingMessage = {
  stream: number
  /** Payload protocol identifier: 51 text, 53 binary. */
  protocol: number
  bytes: Uint8Array
  /** Reliable messages are ordered and sent until acknowledged; others are unordered and sent once. */
  reliable: boolean
}

/** A chunk that has not been sent yet. */
export function outgoingChunk(
  message: OutgoingMessage,
  bytes: Uint8Array,
  flags: number,
  sequence: number,
): OutgoingChunk {
  return {
    tsn: 0,
    flags,
    stream: message.stream,
    sequence,
    protocol: message.protocol,
    bytes,
    reliable: message.reliable,
    sentAt: 0 as LocalTime,
    sends: 0,
    misses: 0,
    acked: false,
    abandoned: false,
    retransmit: false,
  }
}
