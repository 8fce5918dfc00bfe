// Packets over TCP (RFC 4571): each behind its length in two bytes. Bounded: what no honest end sends breaks the stream.

/** More than any STUN message or DTLS record of a viewer: UDP would carry no more than this either. */
export const MAX_FRAME_BYTES = 1500
const LENGTH_BYTES = 2

/** Cuts a stream into packets. */
export class TcpFrames {
  #rest: Buffer = Buffer.alloc(0)

  /** The packets that are whole now, views into what came in; undefined when the stream makes no sense. */
  push(bytes: Buffer): Buffer[] | undefined {
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes])
    const frames: Buffer[] = []
    let at = 0
    while (at + LENGTH_BYTES <= all.length) {
      const length = all.readUInt16BE(at)
      if (length === 0 || length > MAX_FRAME_BYTES) return undefined
      if (at + LENGTH_BYTES + length > all.length) break
      frames.push(all.subarray(at + LENGTH_BYTES, at + LENGTH_BYTES + length))
      at += LENGTH_BYTES + length
    }
    this.#rest = Buffer.from(all.subarray(at))
    return frames
  }
}
