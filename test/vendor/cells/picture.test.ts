import { expect, test } from 'vitest'
import { cellColour, colourOf, digestPicture, fillPicture, Picture } from '../../../vendor/asciline/index.ts'
import { filmlike, flat, LOW, seededRandom } from '../moving-pictures.ts'

function pictureOf(cols: number, rows: number, rgb: ArrayLike<number>): Picture {
  const picture = new Picture({ cols, rows })
  fillPicture(picture, Uint8Array.from(rgb))
  return picture
}

test('a picture is padded to whole macroblocks of 16x8 cells', () => {
  const picture = new Picture({ cols: 120, rows: 50 })
  expect([picture.macroblockCols, picture.macroblockRows, picture.macroblocks]).toEqual([8, 7, 56])
  expect([picture.stride, picture.chromaStride]).toEqual([128, 64])
  expect([picture.y.length, picture.cb.length, picture.cr.length]).toEqual([128 * 56, 64 * 56, 64 * 56])
})

test('a new picture is black', () => {
  const picture = new Picture({ cols: 3, rows: 2 })
  expect(cellColour(picture, 2, 1)).toBe(0)
})

test.each([
  [0, 10],
  [10, 0],
  [2001, 10],
  [10, -1],
  [1.5, 10],
  [Number.NaN, 10],
])('a grid of %sx%s is refused', (cols, rows) => {
  expect(() => new Picture({ cols, rows })).toThrow(RangeError)
})

test('two cells share one pair of chroma samples, halfway between their own', () => {
  // Red (y 76) and blue (y 29): cb = 128 + (255 - 76 - 29) * 0.2822, cr = the same, both differences being 150.
  const picture = pictureOf(2, 1, [255, 0, 0, 0, 0, 255])
  expect([picture.y[0], picture.y[1]]).toEqual([76, 29])
  expect(picture.cb[0]).toBe(170)
  expect(picture.cr[0]).toBe(181)
})

test('full blue and full red reach the end of the chroma range without wrapping', () => {
  expect(pictureOf(2, 1, [0, 0, 255, 0, 0, 255]).cb[0]).toBe(255)
  expect(pictureOf(2, 1, [255, 0, 0, 255, 0, 0]).cr[0]).toBe(255)
  expect(pictureOf(1, 1, [0, 0, 255]).cb[0]).toBe(255)
})

test('the odd last column has chroma of its own', () => {
  const picture = pictureOf(3, 1, [10, 10, 10, 20, 20, 20, 255, 0, 0])
  expect([picture.cb[0], picture.cr[0]]).toEqual([128, 128])
  expect(picture.y[2]).toBe(76)
  expect(picture.cr[1]).toBe(255)
})

test('padding repeats the last column and the last row', () => {
  const picture = pictureOf(
    3,
    2,
    [1, 2, 3, 4, 5, 6].flatMap((gray) => [gray, gray, gray]),
  )
  expect(Array.from(picture.y.subarray(0, 5))).toEqual([1, 2, 3, 3, 3])
  expect(Array.from(picture.y.subarray(16, 21))).toEqual([4, 5, 6, 6, 6])
  expect(Array.from(picture.y.subarray(7 * 16, 7 * 16 + 5))).toEqual([4, 5, 6, 6, 6])
})

test('a frame of another length is refused before anything is written', () => {
  const picture = new Picture({ cols: 4, rows: 4 })
  expect(() => fillPicture(picture, new Uint8Array(4 * 4 * 3 - 1))).toThrow(RangeError)
  expect(picture.y[0]).toBe(0)
})

test('gray survives the way to planes and back at every level', () => {
  for (let gray = 0; gray < 256; gray += 1) {
    expect(cellColour(pictureOf(2, 1, new Array(6).fill(gray)), 1, 0)).toBe(gray * 0x010101)
  }
})

test('any colour two cells share comes back within two levels of a channel', () => {
  const random = seededRandom(5)
  for (let trial = 0; trial < 5000; trial += 1) {
    const colour = [0, 1, 2].map(() => Math.floor(random() * 256))
    const back = cellColour(pictureOf(2, 1, [...colour, ...colour]), 0, 0)
    const channels = [back >> 16, (back >> 8) & 255, back & 255]
    for (let channel = 0; channel < 3; channel += 1) {
      expect(Math.abs(channels[channel] - colour[channel])).toBeLessThanOrEqual(2)
    }
  }
})

test('a colour beyond the cube is limited, not wrapped', () => {
  expect(colourOf(255, 255, 255)).toBe(0xff_79_ff)
  expect(colourOf(0, 0, 0)).toBe(0x00_87_00)
})

test('the digest sees every visible sample and no padding', () => {
  const size = { cols: 21, rows: 9 }
  const picture = new Picture(size)
  fillPicture(picture, filmlike(size)(3))
  const before = digestPicture(picture)
  picture.y[picture.stride * 8 + 20] ^= 1
  expect(digestPicture(picture)).not.toBe(before)
  picture.y[picture.stride * 8 + 20] ^= 1
  picture.cr[picture.chromaStride * 8 + 10] ^= 1
  expect(digestPicture(picture)).not.toBe(before)
  picture.cr[picture.chromaStride * 8 + 10] ^= 1
  picture.y[21] ^= 1
  picture.y[picture.stride * 9] ^= 1
  picture.cb[11] ^= 1
  expect(digestPicture(picture)).toBe(before)
})

test('digests are unsigned, repeatable and differ between frames', () => {
  const programme = filmlike(LOW)
  const digests = [0, 1, 2, 0].map((index) => {
    const picture = new Picture(LOW)
    fillPicture(picture, programme(index))
    return digestPicture(picture)
  })
  expect(digests[3]).toBe(digests[0])
  expect(new Set(digests).size).toBe(3)
  for (const digest of digests) expect(digest).toBe(digest >>> 0)
})

test('the digest of a known picture is a known number, on every machine', () => {
  const picture = new Picture({ cols: 2, rows: 1 })
  fillPicture(picture, flat({ cols: 2, rows: 1 }, 100))
  // FNV-1a over 64 64 80 80.
  expect(digestPicture(picture)).toBe(0xebb112bd)
})
