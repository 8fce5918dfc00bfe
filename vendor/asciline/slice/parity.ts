// One more message for a frame, out of which any one of its slices can be made again: all of them XORed. Made once for all
// viewers; for those whose packets get lost often, because the slice is there without a question and its answer.
//
//   0 u32 frame | 4 u8 0x12 | 5 u8 slices n | 6 u8 epoch << 4 | 7 u8 0 | 8 u16 XOR of lengths | 10 XOR of bytes 4.. of each
//
// Slices count as filled up with zeros to the longest. Their first four bytes are the frame index and need no mending.

import { FRAME_HEADER_BYTES, readFrameHeader, writeFrameHeader } from '../protocol/frame-header.ts'
import { EMPTY_BYTES, SLICE_MAX_BYTES, TAG_PARITY } from '../protocol/slice-header.ts'

const BODY_AT = 10
const LENGTHS_AT = 8
const MAX_SLICES = 255

/** Longest parity message: ten bytes and what a slice of 1100 has behind its frame index. */
export const PARITY_MAX_BYTES = BODY_AT + SLICE_MAX_BYTES - FRAME_HEADER_BYTES

/** `slices`: of how many slices it is made. */
export type ParityHeader = { frame: number; slices: number; epoch: number }

/** The parity message of a frame's slices, all of them, in any order. Undefined for none or more than 255. */
export function encodeParity(slices: readonly Uint8Array[]): Uint8Array | undefined {
  const [first] = slices
  if (first === undefined || slices.length > MAX_SLICES) return undefined
  let longest = 0
  for (const { length } of slices) longest = Math.max(longest, length)
  const parity = new Uint8Array(BODY_AT + longest - FRAME_HEADER_BYTES)
  writeFrameHeader(parity, readFrameHeader(first))
  parity[4] = TAG_PARITY
  parity[5] = slices.length
  parity[6] = first[6]! & 0xf0
  for (const slice of slices) mix(parity, slice)
  return parity
}

/** Reads the header; undefined when it is no parity message that anybody would send. Never throws. */
export function parseParity(message: Uint8Array): ParityHeader | undefined {
  if (message.length < BODY_AT + EMPTY_BYTES - FRAME_HEADER_BYTES || message.length > PARITY_MAX_BYTES)
    return undefined
  if (message[4] !== TAG_PARITY || message[5] === 0 || (message[6]! & 0x0f) !== 0 || message[7] !== 0)
    return undefined
  return { frame: readFrameHeader(message), slices: message[5]!, epoch: message[6]! >> 4 }
}

/**
 * The one slice that is missing, in memory of its own: `present` are all others of the frame, each once. Undefined when
 * what comes out is no slice's length. What it returns is judged as if it had come over the network. Never throws.
 */
export function recoverSlice(parity: Uint8Array, present: readonly Uint8Array[]): Uint8Array | undefined {
  const header = parseParity(parity)
  if (header === undefined || present.length !== header.slices - 1) return undefined
  // Not `slice`: a Node Buffer's does not copy.
  const rest = new Uint8Array(parity)
  for (const slice of present) {
    if (slice.length < EMPTY_BYTES || BODY_AT + slice.length - FRAME_HEADER_BYTES > parity.length)
      return undefined
    mix(rest, slice)
  }
  const length = (rest[LENGTHS_AT]! << 8) | rest[LENGTHS_AT + 1]!
  const end = BODY_AT + length - FRAME_HEADER_BYTES
  if (length < EMPTY_BYTES || end > rest.length) return undefined
  for (let at = end; at < rest.length; at += 1) if (rest[at] !== 0) return undefined
  const slice = new Uint8Array(length)
  writeFrameHeader(slice, header.frame)
  slice.set(rest.subarray(BODY_AT, end), FRAME_HEADER_BYTES)
  return slice
}

function mix(parity: Uint8Array, slice: Uint8Array): void {
  parity[LENGTHS_AT] = parity[LENGTHS_AT]! ^ (slice.length >> 8)
  parity[LENGTHS_AT + 1] = parity[LENGTHS_AT + 1]! ^ (slice.length & 0xff)
  for (let at = FRAME_HEADER_BYTES, to = BODY_AT; at < slice.length; at += 1, to += 1)
    parity[to] = parity[to]! ^ slice[at]!
}
