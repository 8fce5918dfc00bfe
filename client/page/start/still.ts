// A small picture of a place of a film, as the server sends it: slices of the wire, decoded here like any frame.

import { SliceDecoder } from '../../../vendor/asciline/index.ts'
import type { Door } from '../door.ts'
import { type AsciiPicture, reducePicture } from './ascii-picture.ts'

/** Larger ones are none of ours. */
const MAX_COLS = 320
const MAX_ROWS = 200
const MAX_SLICES = 64
/** ffmpeg makes one at a time, and a shelf asks for a dozen. */
const TIMEOUT_MS = 30_000
const SHOWN_COLS = 56

/** True for a path that answers a picture of cells. */
export function isStill(path: string): boolean {
  return path.startsWith('/api/still?')
}

/** The picture behind a path. Throws DoorError, and RangeError for an answer that is no picture. */
export async function fetchStill(door: Door, path: string, signal?: AbortSignal): Promise<AsciiPicture> {
  const options = { timeoutMs: TIMEOUT_MS, cache: true, ...(signal === undefined ? {} : { signal }) }
  return readStill(await door.ask('GET', path, undefined, options))
}

/** Decodes an answer. Throws RangeError when it is no picture. */
export function readStill(answer: unknown): AsciiPicture {
  const { cols, rows, slices } = (typeof answer === 'object' && answer !== null ? answer : {}) as Record<
    string,
    unknown
  >
  if (
    !within(cols, MAX_COLS) ||
    !within(rows, MAX_ROWS) ||
    !Array.isArray(slices) ||
    slices.length > MAX_SLICES
  )
    throw new RangeError('this is no still')
  const decoder = new SliceDecoder({ cols, rows })
  for (const slice of slices) if (typeof slice === 'string') decoder.decode(bytesOf(slice))
  const shown = Math.min(cols, SHOWN_COLS)
  return reducePicture(decoder.picture, { cols: shown, rows: Math.max(1, Math.round((rows * shown) / cols)) })
}

function within(value: unknown, most: number): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= most
}

function bytesOf(base64: string): Uint8Array {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
  } catch {
    throw new RangeError('this is not base64')
  }
}
