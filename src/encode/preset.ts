// The grids on offer. A cell is about twice as tall as wide, so 120x50 is a 6:5 picture; wider films are letterboxed.

import type { PresetName } from '../../signaling/messages.ts'

export type Preset = {
  name: PresetName
  cols: number
  rows: number
  fps: number
  /** Budget on the wire, packet overhead included (DESIGN section 4). Most content needs far less. */
  bytesPerSecond: number
}

export const PRESETS: Record<PresetName, Preset> = {
  low: { name: 'low', cols: 120, rows: 50, fps: 24, bytesPerSecond: 40_000 },
  med: { name: 'med', cols: 160, rows: 68, fps: 30, bytesPerSecond: 70_000 },
  high: { name: 'high', cols: 200, rows: 84, fps: 30, bytesPerSecond: 100_000 },
  ultra: { name: 'ultra', cols: 240, rows: 100, fps: 60, bytesPerSecond: 200_000 },
}
