// What the loss simulation works on: a clip as it was filmed and as it is sent, and what a viewer made of it.

import type { Preset } from '../../src/encode/preset.ts'
import { PACKET_OVERHEAD_BYTES, type Picture } from '../../vendor/asciline/index.ts'

/** One clip as it was filmed and as our encoder sends it, frame by frame. */
export type Trace = { preset: Preset; sources: Picture[]; rgb: Uint8Array[]; messages: Uint8Array[][] }

/** Per cent of frames correct, mean luma PSNR of what was shown, kB/s on the wire. */
export type Watched = { correct: number; psnrY: number; wireKBps: number }

/** Bytes of a message on the wire. */
export function wireBytes(bytes: number): number {
  return bytes + PACKET_OVERHEAD_BYTES
}
