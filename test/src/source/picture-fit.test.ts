import { describe, expect, test } from 'vitest'
import { fitPicture } from '../../../src/source/picture-fit.ts'

describe('a picture in a grid of 120x50 cells, each twice as tall as wide', () => {
  const placed = (width: number, height: number) => fitPicture({ width, height, cols: 120, rows: 50 })

  test('wide films get bars above and below', () => {
    expect(placed(1920, 1080)).toEqual({ x: 0, y: 8, width: 120, height: 34 })
    expect(placed(2390, 1000)).toEqual({ x: 0, y: 12, width: 120, height: 26 })
  })

  test('tall clips get bars left and right', () => {
    expect(placed(1080, 1920)).toEqual({ x: 32, y: 0, width: 56, height: 50 })
  })

  test('what has the shape of the grid fills it', () => {
    expect(placed(600, 500)).toEqual({ x: 0, y: 0, width: 120, height: 50 })
  })

  test('a line of pixels is still a picture', () => {
    expect(placed(100_000, 1)).toEqual({ x: 0, y: 24, width: 120, height: 2 })
    expect(placed(1, 100_000)).toEqual({ x: 59, y: 0, width: 2, height: 50 })
  })
})

test('bars are equally thick, and the shape is right to the cell, for every size', () => {
  for (const [cols, rows] of [
    [120, 50],
    [160, 68],
    [200, 84],
    [240, 100],
    [121, 51],
  ] as const) {
    for (let width = 100; width <= 2000; width += 37) {
      const height = 720
      const fit = fitPicture({ width, height, cols, rows })
      expect(fit.x * 2 + fit.width).toBe(cols)
      expect(fit.y * 2 + fit.height).toBe(rows)
      expect(Number.isInteger(fit.x) && Number.isInteger(fit.y)).toBe(true)
      const scale = Math.min(cols / width, (2 * rows) / height)
      expect(Math.abs(fit.width - width * scale)).toBeLessThanOrEqual(1)
      expect(Math.abs(fit.height - (height * scale) / 2)).toBeLessThanOrEqual(1)
    }
  }
})
