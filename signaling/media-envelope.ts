// How frames travel when they go over the signaling socket: one binary message per frame, and an acknowledgement back for
// each, because neither end of a TCP connection can see what waits in the kernels and proxies between them.
//
//   frame    | u8 1 | u32 number | u16 length | slice | u16 length | slice | ...      server to page
//   ack      | u8 2 | u32 number |                                                    page to server
//
// Big-endian; `number` counts the frames of one socket modulo 2^32 and is not the frame's index. Isomorphic and pure.

const KIND_FRAME = 1
const KIND_ACK = 2
const HEADER_BYTES = 5
const LENGTH_BYTES = 2

/** Longest slice either side packs or reads; the slice codec makes at most 1100 bytes. */
export const MAX_CARRIED_SLICE_BYTES = 2048

/** Most slices of one frame; the slice number on the wire is one byte. */
export const MAX_CARRIED_SLICES = 256

/** One frame as one message; what it returns owns its bytes. Throws for a slice that no reader would take. */
export function packFrame(number: number, slices: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  if (slices.length > MAX_CARRIED_SLICES) throw new RangeError(`a frame of ${slices.length} slices`)
  let length = HEADER_BYTES
  for (const slice of slices) {
    if (slice.length === 0 || slice.length > MAX_CARRIED_SLICE_BYTES)
      throw new RangeError(`a slice of ${slice.length} bytes`)
    length += LENGTH_BYTES + slice.length
  }
  const bytes = new Uint8Array(length)
  const view = new DataView(bytes.buffer)
  view.setUint8(0, KIND_FRAME)
  view.setUint32(1, number)
  let at = HEADER_BYTES
  for (const slice of slices) {
    view.setUint16(at, slice.length)
    bytes.set(slice, at + LENGTH_BYTES)
    at += LENGTH_BYTES + slice.length
  }
  return bytes
}

/** The number and the slices, which are views into the message; undefined when it is not exactly a frame. Never throws. */
export function unpackFrame(message: Uint8Array): { number: number; slices: Uint8Array[] } | undefined {
  if (message.length < HEADER_BYTES || message[0] !== KIND_FRAME) return undefined
  const view = new DataView(message.buffer, message.byteOffset, message.length)
  const slices: Uint8Array[] = []
  let at = HEADER_BYTES
  while (at < message.length) {
    if (at + LENGTH_BYTES > message.length || slices.length === MAX_CARRIED_SLICES) return undefined
    const length = view.getUint16(at)
    at += LENGTH_BYTES
    if (length === 0 || length > MAX_CARRIED_SLICE_BYTES || at + length > message.length) return undefined
    slices.push(message.subarray(at, at + length))
    at += length
  }
  return { number: view.getUint32(1), slices }
}

/** Says that everything up to this frame has arrived. */
export function packAck(number: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(HEADER_BYTES)
  const view = new DataView(bytes.buffer)
  view.setUint8(0, KIND_ACK)
  view.setUint32(1, number)
  return bytes
}

/** The number acknowledged; undefined when the message is no acknowledgement. Never throws. */
export function unpackAck(message: Uint8Array): number | undefined {
  if (message.length !== HEADER_BYTES || message[0] !== KIND_ACK) return undefined
  return new DataView(message.buffer, message.byteOffset, message.length).getUint32(1)
}
