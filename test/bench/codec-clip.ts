// A clip as every codec of the bench gets it: rgb24 pictures of the grid, and their luma planes to compare with.

import { basename } from 'node:path'
import type { Preset } from '../../src/encode/preset.ts'
import { fillPicture, Picture } from '../../vendor/asciline/index.ts'
import { clipFrames } from './clip-frames.ts'

export type Clip = { name: string; preset: Preset; rgb: Uint8Array[]; luma: Uint8Array[] }

/** Throws when the clip cannot be decoded or has no frame. */
export async function loadClip(path: string, preset: Preset, seconds: number): Promise<Clip> {
  const clip: Clip = { name: basename(path), preset, rgb: [], luma: [] }
  const picture = new Picture(preset)
  for await (const rgb of clipFrames(path, preset, seconds)) {
    fillPicture(picture, rgb)
    clip.rgb.push(rgb.slice())
    clip.luma.push(visibleLuma(picture))
  }
  if (clip.rgb.length === 0) throw new Error(`${path} has no frames`)
  return clip
}

/** The luma of the cells without the padding, row by row. */
export function visibleLuma(
  { cols, rows, stride, y }: Picture,
  into = new Uint8Array(cols * rows),
): Uint8Array {
  for (let row = 0; row < rows; row += 1) into.set(y.subarray(row * stride, row * stride + cols), row * cols)
  return into
}

/** Planar 4:2:0 with the very luma of ours, which is what a video encoder is given. */
export function planarFrame(rgb: Uint8Array, { cols, rows }: Preset): Uint8Array {
  const picture = new Picture({ cols, rows })
  fillPicture(picture, rgb)
  const chromaCols = cols / 2
  const chromaRows = rows / 2
  const frame = new Uint8Array(cols * rows + 2 * chromaCols * chromaRows)
  visibleLuma(picture, frame.subarray(0, cols * rows))
  let to = cols * rows
  for (const plane of [picture.cb, picture.cr]) {
    for (let row = 0; row < rows; row += 2) {
      for (let col = 0; col < chromaCols; col += 1) {
        const at = row * picture.chromaStride + col
        frame[to++] = (plane[at] + plane[at + picture.chromaStride] + 1) >> 1
      }
    }
  }
  return frame
}
