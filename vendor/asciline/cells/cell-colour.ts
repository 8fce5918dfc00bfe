// The colour of a cell from the planes: the inverse of what `fillPicture` does.

import type { Picture } from './picture.ts'

/** Packed 0xRRGGBB of luma and chroma 0..255, each channel limited to 0..255. */
export function colourOf(y: number, cb: number, cr: number): number {
  const blueness = cb - 128
  const redness = cr - 128
  const red = y + ((91881 * redness + 32768) >> 16)
  const green = y - ((22554 * blueness + 46802 * redness + 32768) >> 16)
  const blue = y + ((116130 * blueness + 32768) >> 16)
  return (limit(red) << 16) | (limit(green) << 8) | limit(blue)
}

/** Packed 0xRRGGBB of one cell. */
export function cellColour(picture: Picture, col: number, row: number): number {
  const chromaAt = row * picture.chromaStride + (col >> 1)
  return colourOf(picture.y[row * picture.stride + col], picture.cb[chromaAt], picture.cr[chromaAt])
}

function limit(channel: number): number {
  return channel < 0 ? 0 : channel > 255 ? 255 : channel
}
