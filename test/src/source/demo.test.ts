import { describe, expect, test } from 'vitest'
import { PRESETS } from '../../../src/encode/preset.ts'
import { DEMO_GREYS, demoLayout } from '../../../src/source/demo.ts'
import { decodeAdts, demoMedia, gather, onsets, risings } from './gather.ts'

describe.each(Object.values(PRESETS))('the demo at $name', (preset) => {
  const { cols, rows, fps } = preset
  const layout = demoLayout(preset)

  test('flashes and beeps together at every whole second, and shows its staircase to the level', async () => {
    const { frames, adts } = await gather(demoMedia, { preset, maxFrames: Math.ceil(2.6 * fps) })
    const { x, y, width, height } = layout.flash
    expect(risings(frames, preset, x + 1, y + 1)).toEqual([0, fps, 2 * fps])
    const samples = await decodeAdts(adts)
    const beeps = onsets(samples).map((sample) => sample - 1024)
    expect(beeps.length).toBeGreaterThanOrEqual(3)
    for (const [second, sample] of beeps.entries())
      expect(Math.abs(sample - second * 48_000)).toBeLessThan(96)

    // The bars are elsewhere a second later.
    const barRow = (rgb: Uint8Array) => rgb.slice(layout.bars.y * cols * 3, (layout.bars.y + 1) * cols * 3)
    expect(barRow(frames[fps] as Uint8Array)).not.toEqual(barRow(frames[0] as Uint8Array))

    // Every cell of the flash, and no other beside it, is full white and then full black.
    const [lit, dark] = [frames[fps] as Uint8Array, frames[Math.round(1.5 * fps)] as Uint8Array]
    const cell = (rgb: Uint8Array, col: number, row: number) => [
      ...rgb.subarray((row * cols + col) * 3).subarray(0, 3),
    ]
    for (const [col, row] of [
      [x, y],
      [x + width - 1, y + height - 1],
    ] as const) {
      expect(cell(lit, col, row)).toEqual([255, 255, 255])
      expect(cell(dark, col, row)).toEqual([0, 0, 0])
    }
    for (const [col, row] of [
      [x - 1, y],
      [x + width, y],
      [x, y - 1],
      [x, y + height],
    ] as const) {
      expect(cell(lit, col, row)).toEqual([0, 0, 0])
    }
    for (const [step, rect] of layout.staircase.entries()) {
      const level = DEMO_GREYS[step]!
      for (const rgb of [lit, dark]) {
        expect(cell(rgb, rect.x, rect.y)).toEqual([level, level, level])
        expect(cell(rgb, rect.x + rect.width - 1, rows - 1)).toEqual([level, level, level])
      }
    }
  })
})

test('the staircase covers the whole width, and nothing overlaps, at every preset', () => {
  for (const preset of Object.values(PRESETS)) {
    const { clock, bars, flash, staircase } = demoLayout(preset)
    expect(staircase.reduce((sum, { width }) => sum + width, 0)).toBe(preset.cols)
    expect(clock.y + clock.height).toBeLessThanOrEqual(bars.y)
    expect(bars.y + bars.height).toBeLessThan(flash.y)
    expect(flash.y + flash.height).toBeLessThan(staircase[0]!.y)
    expect(staircase[0]!.y + staircase[0]!.height).toBe(preset.rows)
  }
})

test('the clock counts, and opened later it shows the later time', async () => {
  const preset = PRESETS.low
  const { clock } = demoLayout(preset)
  const clockOf = (rgb: Uint8Array) => {
    const lines: string[] = []
    for (let row = clock.y; row < clock.y + clock.height; row++) {
      let line = ''
      for (let col = clock.x; col < clock.x + clock.width; col++) {
        line += (rgb[(row * preset.cols + col) * 3 + 2] as number) > 128 ? '#' : '.'
      }
      lines.push(line)
    }
    return lines.join('\n')
  }
  const start = await gather(demoMedia, { preset, maxFrames: 4 * 24 })
  const faces = [0, 1, 2, 3].map((second) => clockOf(start.frames[second * 24] as Uint8Array))
  expect(new Set(faces).size).toBe(4)
  expect(clockOf(start.frames[23] as Uint8Array)).toBe(faces[0])
  const later = await gather(demoMedia, { preset, from: 3600 + 2, maxFrames: 2 * 24 })
  const [place] = [clock.width / 8]
  const units = (face: string) => face.split('\n').map((line) => line.slice(Math.round(7 * place)))
  expect(units(clockOf(later.frames[0] as Uint8Array))).toEqual(units(faces[2]!))
  expect(units(clockOf(later.frames[24] as Uint8Array))).toEqual(units(faces[3]!))
  // The hour's digit has changed with it.
  expect(clockOf(later.frames[0] as Uint8Array)).not.toBe(faces[2])
  expect(risings(later.frames, preset, 60, 36)).toEqual([0, 24])
})
