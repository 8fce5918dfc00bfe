// Ours over a clip, and what stock ASCILINE clients would get of it: every cell, deflated cells, cells that changed.

import { deflateSync, inflateSync } from 'node:zlib'
import {
  AdaptiveEncoder,
  GLYPH_CELL_BYTES,
  PACKET_OVERHEAD_BYTES,
  packGlyphCells,
  SliceDecoder,
  SliceEncoder,
} from '../../vendor/asciline/index.ts'
import { type Clip, visibleLuma } from './codec-clip.ts'
import { type Figures, LumaError, mean, sizeFigures, wireBytes } from './codec-row.ts'

/** What this process has used of its processors until now: other programs on the machine do not count. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** A budget that no frame comes near. */
const UNBOUNDED = 1e9

/** Slices under the preset's budget, or all of one step, given in quarters. */
export function slices({ preset, rgb, luma }: Clip, quarters?: number): Figures {
  const constant = quarters === undefined ? {} : { bytesPerSecond: UNBOUNDED, steps: [quarters / 4] }
  const encoder = new SliceEncoder({ ...preset, ...constant })
  const decoder = new SliceDecoder(preset)
  const error = new LumaError()
  const shown = new Uint8Array(preset.cols * preset.rows)
  const sizes: number[] = []
  let onWire = 0
  let encodeMs = 0
  let decodeMs = 0
  for (const [frame, picture] of rgb.entries()) {
    const began = cpuMs()
    const messages = encoder.encode(picture, frame, 0)
    const encoded = cpuMs()
    for (const message of messages) decoder.decode(message)
    decodeMs += cpuMs() - encoded
    encodeMs += encoded - began
    const bytes = messages.reduce((sum, message) => sum + message.length, 0)
    sizes.push(bytes)
    onWire += bytes + messages.length * PACKET_OVERHEAD_BYTES
    error.add(luma[frame], visibleLuma(decoder.picture, shown))
  }
  return {
    bytesPerFrame: sizeFigures(sizes),
    wireKBps: ((onWire / sizes.length) * preset.fps) / 1000,
    psnrY: error.psnrY,
    glyphError: error.glyphError,
    encodeMs: encodeMs / sizes.length,
    decodeMs: decodeMs / sizes.length,
  }
}

/** Glyph cells of 4 bytes, of which `pack` makes a frame and `unpack` undoes what costs time on the other side. */
function cells(
  { preset, rgb }: Clip,
  pack: (cells: Uint8Array) => Uint8Array,
  unpack: (packed: Uint8Array) => unknown,
): Figures {
  const grid = new Uint8Array(preset.cols * preset.rows * GLYPH_CELL_BYTES)
  const sizes: number[] = []
  let encodeMs = 0
  let decodeMs = 0
  for (const picture of rgb) {
    const began = cpuMs()
    packGlyphCells(picture, 8, grid)
    const packed = pack(grid)
    const encoded = cpuMs()
    unpack(packed)
    decodeMs += cpuMs() - encoded
    encodeMs += encoded - began
    sizes.push(4 + packed.length)
  }
  return {
    bytesPerFrame: sizeFigures(sizes),
    wireKBps: (mean(sizes.map(wireBytes)) * preset.fps) / 1000,
    psnrY: null,
    glyphError: 0,
    encodeMs: encodeMs / sizes.length,
    decodeMs: decodeMs / sizes.length,
  }
}

const deflate = (bytes: Uint8Array) => deflateSync(bytes, { level: 1 })

export const rawCells = (clip: Clip) =>
  cells(
    clip,
    (grid) => grid,
    () => {},
  )

export const zlibCells = (clip: Clip) => cells(clip, deflate, inflateSync)

/** ASCILINE's adaptive codec as `/ws?codec=adaptive` sends it. */
export function adaptiveCells(clip: Clip): Figures {
  const { cols, rows } = clip.preset
  const encoder = new AdaptiveEncoder({ cells: cols * rows, cellBytes: GLYPH_CELL_BYTES, deflate })
  return cells(
    clip,
    (grid) => encoder.encode(grid),
    (packed) => packed[0] !== 0 && inflateSync(packed.subarray(1)),
  )
}
