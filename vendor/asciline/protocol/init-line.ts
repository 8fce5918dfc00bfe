// The text line that opens an ASCILINE stream: INIT:<fps>:<mode>:<cols>:<rows>:<pixel>

import { MAX_GRID_SIDE } from '../cells/grid.ts'

/** What a stock client must know before the first frame. `pixel` is 1 when cells are colours without glyphs. */
export type Init = { fps: number; mode: number; cols: number; rows: number; pixel: 0 | 1 }

const INIT_LINE = /^INIT:(\d{1,3}(?:\.\d{1,6})?):([1-6]):(\d{1,4}):(\d{1,4}):([01])(?::[\x20-\x7e]{0,256})?$/

/** The line without a line end. */
export function formatInit({ fps, mode, cols, rows, pixel }: Init): string {
  return `INIT:${fps}:${mode}:${cols}:${rows}:${pixel}`
}

/** undefined when the line is not an INIT of a sane grid; fields after the fifth are left to newer versions. */
export function parseInit(line: string): Init | undefined {
  const match = INIT_LINE.exec(line)
  if (match === null) return undefined
  const [fps, mode, cols, rows, pixel] = match.slice(1, 6).map(Number)
  if (fps === 0 || cols === 0 || cols > MAX_GRID_SIDE || rows === 0 || rows > MAX_GRID_SIDE) return undefined
  return { fps, mode, cols, rows, pixel: pixel === 1 ? 1 : 0 }
}
