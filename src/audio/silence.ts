// Silence as AAC, for pictures without sound: an element that plays nothing still gives the page its clock, and the
// car its media session. Written bit by bit, because an encoder process for nothing would be one process too many.

import { ADTS_HEADER_BYTES, SAMPLE_RATE, SAMPLES_PER_FRAME, writeAdtsHeader } from './adts-frame.ts'
import type { AdtsRing } from './adts-ring.ts'

// As long as a frame at 128 kbit/s: a plain <audio> element starts after 32 KiB, and real silence is 13 bytes a frame.
const FRAME_BYTES = 341
const MAX_FILL_BYTES = 269

/** One 48 kHz stereo AAC-LC frame of silence with its ADTS header, padded with fill elements to 341 bytes. */
export function silentFrame(): Uint8Array {
  const bits: number[] = []
  const put = (value: number, count: number) => {
    for (let bit = count - 1; bit >= 0; bit--) bits.push((value >> bit) & 1)
  }
  put(1, 3) // channel pair element
  put(0, 4) // its tag
  put(1, 1) // common window
  put(0, 1) // reserved
  put(0, 2) // one long window
  put(1, 1) // Kaiser-Bessel shape
  put(0, 6) // no scale factor bands: nothing sounds
  put(0, 1) // no prediction
  put(0, 2) // no mid/side
  for (let channel = 0; channel < 2; channel++) {
    put(140, 8) // global gain, of nothing
    put(0, 3) // no pulses, no noise shaping, no gain control
  }
  const fill = (payloadBytes: number) => {
    put(6, 3) // fill element
    put(15, 4) // its count follows, less 14
    put(payloadBytes - 14, 8)
    put(0, payloadBytes * 8)
  }
  // 43 bits so far, 15 for the head of each fill element, 3 for the end: 10 bytes that are not filling.
  fill(MAX_FILL_BYTES)
  fill(FRAME_BYTES - ADTS_HEADER_BYTES - 10 - MAX_FILL_BYTES)
  put(7, 3) // end
  const frame = new Uint8Array(FRAME_BYTES)
  writeAdtsHeader(frame, { length: FRAME_BYTES, channels: 2 })
  for (const [index, bit] of bits.entries()) {
    frame[ADTS_HEADER_BYTES + (index >> 3)]! |= bit << (7 - (index & 7))
  }
  return frame
}

/** Keeps a ring's sound as long as the picture: adds silent frames until `seconds` of the epoch are covered. */
export class SilenceKeeper {
  readonly #ring: AdtsRing
  readonly #frame = silentFrame()

  constructor({ ring }: { ring: AdtsRing }) {
    this.#ring = ring
  }

  /** One frame more than the time needs, because a decoder gives frame k - 1 out when it takes frame k. */
  fillTo(seconds: number): void {
    const frames = Math.ceil((seconds * SAMPLE_RATE) / SAMPLES_PER_FRAME) + 1
    const missing = Math.min(frames - this.#ring.next, this.#ring.capacity)
    for (let count = 0; count < missing; count++) this.#ring.push(this.#frame)
  }
}
