// How signaling goes where no WebSocket does: down one endless HTTP response, up in requests. Same messages, same frames.
//
//   down   | u8 kind | u32 length | bytes | ...     kind 0 JSON text, 1 frame (media-envelope.ts); big-endian
//   up     POST { stream, texts, ack }              texts as the socket would send them, ack as in media-envelope.ts
//
// A text of length 0 is a heartbeat. Isomorphic and pure.

import { z } from 'zod'
import { MAX_SIGNALING_BYTES } from './messages.ts'

const HEADER_BYTES = 5
/** The longest message either kind may have; a frame of the largest grid is a tenth of it. */
const MAX_BYTES = 512 * 1024

/** What the page sends. */
export const streamWords = z.object({
  stream: z.string().regex(/^[0-9a-f]{32}$/),
  texts: z.array(z.string().max(MAX_SIGNALING_BYTES)).max(64),
  /** Everything up to this frame has arrived. */
  ack: z.int().min(0).max(0xffffffff).optional(),
})
export type StreamWords = z.infer<typeof streamWords>

/** One message on its way down. */
export function packDown(message: string | Uint8Array): Uint8Array<ArrayBuffer> {
  const isText = typeof message === 'string'
  const bytes = isText ? new TextEncoder().encode(message) : message
  const out = new Uint8Array(HEADER_BYTES + bytes.length)
  const view = new DataView(out.buffer)
  view.setUint8(0, isText ? 0 : 1)
  view.setUint32(1, bytes.length)
  out.set(bytes, HEADER_BYTES)
  return out
}

/** Cuts the stream into messages again, wherever the network has cut it. */
export class DownReader {
  #rest = new Uint8Array(0)

  /** The messages that are whole now; undefined when the stream makes no sense. Never throws. */
  push(part: Uint8Array): (string | Uint8Array)[] | undefined {
    const all = new Uint8Array(this.#rest.length + part.length)
    all.set(this.#rest)
    all.set(part, this.#rest.length)
    const view = new DataView(all.buffer)
    const messages: (string | Uint8Array)[] = []
    let at = 0
    while (at + HEADER_BYTES <= all.length) {
      const kind = view.getUint8(at)
      const length = view.getUint32(at + 1)
      if (kind > 1 || length > MAX_BYTES) return undefined
      if (at + HEADER_BYTES + length > all.length) break
      const bytes = all.slice(at + HEADER_BYTES, at + HEADER_BYTES + length)
      messages.push(kind === 0 ? new TextDecoder().decode(bytes) : bytes)
      at += HEADER_BYTES + length
    }
    this.#rest = all.slice(at)
    return messages
  }
}
