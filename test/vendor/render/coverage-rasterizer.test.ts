import { expect, test } from 'vitest'
import {
  buildCoverageAtlas,
  CoverageRasterizer,
  cellColour,
  fillPicture,
  GLYPH_OF_LUMA,
  Picture,
  PLAIN_LOOK,
  RAMP,
} from '../../../vendor/asciline/index.ts'
import { filmlike, flat } from '../moving-pictures.ts'

const SIZE = { cols: 21, rows: 10 }
const CELL = { cellWidth: 5, cellHeight: 9 }

/** Coverage that names its glyph and its pixel, so that any mix-up shows. */
const coverage = buildCoverageAtlas(RAMP, CELL.cellWidth, CELL.cellHeight, (character, width, height) =>
  Uint8Array.from({ length: width * height }, (_, pixel) => (RAMP.indexOf(character) * 7 + pixel * 3) & 255),
)
const look = PLAIN_LOOK

function setUp() {
  const rasterizer = new CoverageRasterizer({ ...SIZE, ...CELL, look, coverage })
  return {
    rasterizer,
    pixels: new Int32Array(rasterizer.width * rasterizer.height),
    picture: new Picture(SIZE),
  }
}

test('the picture is as many pixels as its cells', () => {
  const { rasterizer } = setUp()
  expect([rasterizer.width, rasterizer.height]).toEqual([105, 90])
})

test('every pixel is the colour of its cell with the coverage of its glyph as alpha', () => {
  const { rasterizer, pixels, picture } = setUp()
  fillPicture(picture, filmlike(SIZE)(2))
  rasterizer.draw(picture, pixels)
  const bytes = new Uint8Array(pixels.buffer)
  for (let y = 0; y < rasterizer.height; y += 1) {
    for (let x = 0; x < rasterizer.width; x += 1) {
      const [col, row] = [Math.floor(x / 5), Math.floor(y / 9)]
      const rgb = cellColour(picture, col, row)
      const glyph = GLYPH_OF_LUMA[picture.y[row * picture.stride + col]]
      const alpha = coverage[glyph * 45 + (y % 9) * 5 + (x % 5)]
      const at = (y * rasterizer.width + x) * 4
      expect(Array.from(bytes.subarray(at, at + 4))).toEqual([rgb >> 16, (rgb >> 8) & 255, rgb & 255, alpha])
    }
  }
})

test.each([1, 2, 3, 4, 5, 6, 7, 12])(
  'cells %i pixels wide are painted whole, and nothing beside them',
  (cellWidth) => {
    const layout = { cols: 2, rows: 2, cellWidth, cellHeight: 3, look }
    const glyphs = Uint8Array.from(
      { length: [...RAMP].length * cellWidth * 3 },
      (_, at) => (at * 5 + 1) & 255,
    )
    const rasterizer = new CoverageRasterizer({ ...layout, coverage: glyphs })
    const pixels = new Int32Array(rasterizer.width * rasterizer.height)
    const picture = new Picture(layout)
    fillPicture(picture, flat(layout, 0))
    rasterizer.draw(picture, pixels)
    pixels.fill(0)
    picture.y[picture.stride + 1] = 130
    rasterizer.draw(picture, pixels)
    const glyph = GLYPH_OF_LUMA[130] * cellWidth * 3
    const alphas = Array.from(pixels, (pixel) => pixel >>> 24)
    const expected = alphas.map((_, at) => {
      const [x, y] = [(at % rasterizer.width) - cellWidth, Math.floor(at / rasterizer.width) - 3]
      return x < 0 || y < 0 ? 0 : glyphs[glyph + y * cellWidth + x]
    })
    expect(alphas).toEqual(expected)
  },
)

test('only rows with a changed cell are reported, and only changed cells are written', () => {
  const { rasterizer, pixels, picture } = setUp()
  fillPicture(picture, flat(SIZE, 120))
  expect({ ...rasterizer.draw(picture, pixels) }).toEqual({ firstRow: 0, lastRow: 89 })
  pixels.fill(0)
  picture.y[4 * picture.stride + 3] = 200
  picture.y[6 * picture.stride + 20] = 201
  expect({ ...rasterizer.draw(picture, pixels) }).toEqual({ firstRow: 36, lastRow: 62 })
  const written = new Set<string>()
  for (const [at, pixel] of pixels.entries()) {
    if (pixel !== 0) written.add(`${Math.floor((at % 105) / 5)},${Math.floor(at / 105 / 9)}`)
  }
  expect([...written].sort()).toEqual(['20,6', '3,4'])
})

test('a picture drawn twice touches nothing the second time', () => {
  const { rasterizer, pixels, picture } = setUp()
  rasterizer.draw(picture, pixels)
  const { firstRow, lastRow } = rasterizer.draw(picture, pixels)
  expect(lastRow).toBeLessThan(firstRow)
})

test('a change of chroma alone redraws the two cells that share it', () => {
  const { rasterizer, pixels, picture } = setUp()
  rasterizer.draw(picture, pixels)
  pixels.fill(0)
  picture.cr[2 * picture.chromaStride + 4] = 200
  expect({ ...rasterizer.draw(picture, pixels) }).toEqual({ firstRow: 18, lastRow: 26 })
  const columns = new Set(Array.from(pixels, (pixel, at) => (pixel === 0 ? -1 : Math.floor((at % 105) / 5))))
  expect([...columns].sort((a, b) => a - b)).toEqual([-1, 8, 9])
})

test('after the pixels were lost everything is drawn again', () => {
  const { rasterizer, pixels, picture } = setUp()
  rasterizer.draw(picture, pixels)
  rasterizer.invalidate()
  expect({ ...rasterizer.draw(picture, pixels) }).toEqual({ firstRow: 0, lastRow: 89 })
})

test('an unsigned view of the same memory receives the same bytes', () => {
  const { rasterizer, pixels, picture } = setUp()
  fillPicture(picture, filmlike(SIZE)(5))
  rasterizer.draw(picture, pixels)
  const unsigned = new Uint32Array(pixels.length)
  rasterizer.invalidate()
  rasterizer.draw(picture, unsigned)
  expect(Array.from(new Int32Array(unsigned.buffer))).toEqual(Array.from(pixels))
})

test('coverage of another cell size is refused', () => {
  expect(() => new CoverageRasterizer({ ...SIZE, cellWidth: 5, cellHeight: 8, look, coverage })).toThrow(
    RangeError,
  )
  expect(() => buildCoverageAtlas(RAMP, 5, 8, () => new Uint8Array(39))).toThrow(RangeError)
})
