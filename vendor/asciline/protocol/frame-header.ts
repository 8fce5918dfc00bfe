// The four bytes every binary frame of ASCILINE opens with: u32 BE frame index.

/** Bytes of the header. */
export const FRAME_HEADER_BYTES = 4

/** Writes the index (0 .. 2^32 - 1) at `offset`, the start of the message unless told. */
export function writeFrameHeader(message: Uint8Array, frame: number, offset = 0): void {
  message[offset] = frame >>> 24
  message[offset + 1] = frame >>> 16
  message[offset + 2] = frame >>> 8
  message[offset + 3] = frame
}

/** Frame index; the message must hold at least FRAME_HEADER_BYTES. */
export function readFrameHeader(message: Uint8Array): number {
  return ((message[0] << 24) | (message[1] << 16) | (message[2] << 8) | message[3]) >>> 0
}
