// The header of one data-channel message: which frame, which part of it, which blocks.
//
//   0      4    5       6       7        8        10       12
//   | u32  | u8 | u8    | u8    | u8     | u16    | u16    | payload ...
//   | frame| tag| slice | flags | step*4 | first  | count  |
//
//   flags: b0 last slice of the frame, b1 luma only, b2 join, b3 zero, b4-7 epoch mod 16
//   EMPTY (nothing changed) ends after the step byte: 8 bytes.

import { readFrameHeader, writeFrameHeader } from './frame-header.ts'

export const TAG_SLICE = 0x10
export const TAG_EMPTY = 0x11
/** XOR over the slices of a frame: slice/parity.ts. */
export const TAG_PARITY = 0x12

export const SLICE_HEADER_BYTES = 12
export const EMPTY_BYTES = 8

/** A slice is one packet: 1100 B and DTLS, SCTP, UDP and IPv6 headers stay below the 1280 B every path carries. */
export const SLICE_MAX_BYTES = 1100

/** What a message on the wire costs besides its own bytes: IPv4 20, UDP 8, DTLS 37, SCTP 28. */
export const PACKET_OVERHEAD_BYTES = 93

const FLAGS_AT = 6
const FLAG_LAST = 1
const FLAG_LUMA_ONLY = 2
const FLAG_JOIN = 4
const FLAG_RESERVED = 8

/** `step` is the luma quantiser step (quarters); `first` and `count` are macroblocks, both 0 for EMPTY. */
export type SliceHeader = {
  frame: number
  tag: number
  slice: number
  last: boolean
  lumaOnly: boolean
  join: boolean
  epoch: number
  step: number
  first: number
  count: number
}

/** A header with every field zero, to be filled again and again. */
export function blankSliceHeader(): SliceHeader {
  return {
    frame: 0,
    tag: 0,
    slice: 0,
    last: false,
    lumaOnly: false,
    join: false,
    epoch: 0,
    step: 0,
    first: 0,
    count: 0,
  }
}

/** undefined for anything that is not a well-formed SLICE or EMPTY; the grid and epoch are the decoder's to check. */
export function parseSliceHeader(
  message: Uint8Array,
  into: SliceHeader = blankSliceHeader(),
): SliceHeader | undefined {
  if (message.length < EMPTY_BYTES || message.length > SLICE_MAX_BYTES) return undefined
  const tag = message[4]
  const flags = message[FLAGS_AT]
  if ((flags & FLAG_RESERVED) !== 0) return undefined
  if (tag === TAG_EMPTY) {
    if (message.length !== EMPTY_BYTES) return undefined
    into.first = 0
    into.count = 0
  } else if (tag === TAG_SLICE) {
    if (message.length < SLICE_HEADER_BYTES || message[7] === 0) return undefined
    into.first = (message[8] << 8) | message[9]
    into.count = (message[10] << 8) | message[11]
    if (into.count === 0) return undefined
  } else {
    return undefined
  }
  into.frame = readFrameHeader(message)
  into.tag = tag
  into.slice = message[5]
  into.last = (flags & FLAG_LAST) !== 0
  into.lumaOnly = (flags & FLAG_LUMA_ONLY) !== 0
  into.join = (flags & FLAG_JOIN) !== 0
  into.epoch = flags >> 4
  into.step = message[7] / 4
  return into
}

/** Writes the 12 bytes of a SLICE, or the 8 of an EMPTY, at `offset`, the start of the message unless told. */
export function writeSliceHeader(message: Uint8Array, header: SliceHeader, offset = 0): void {
  writeFrameHeader(message, header.frame, offset)
  message[offset + 4] = header.tag
  message[offset + 5] = header.slice
  message[offset + FLAGS_AT] =
    (header.last ? FLAG_LAST : 0) |
    (header.lumaOnly ? FLAG_LUMA_ONLY : 0) |
    (header.join ? FLAG_JOIN : 0) |
    ((header.epoch & 15) << 4)
  message[offset + 7] = header.step * 4
  if (header.tag !== TAG_SLICE) return
  message[offset + 8] = header.first >> 8
  message[offset + 9] = header.first
  message[offset + 10] = header.count >> 8
  message[offset + 11] = header.count
}

/** Marks a finished message as the last slice of its frame. */
export function markLastSlice(message: Uint8Array): void {
  message[FLAGS_AT] |= FLAG_LAST
}
