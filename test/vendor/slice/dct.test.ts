import { expect, test } from 'vitest'
import {
  FORWARD_SCALE,
  forwardDct,
  inverseDct,
  inverseFlat,
  loadBlock,
  loadChange,
} from '../../../vendor/asciline/slice/dct.ts'
import { ZIGZAG } from '../../../vendor/asciline/slice/zigzag.ts'
import { seededRandom } from '../moving-pictures.ts'

/** The orthonormal basis, from the definition. */
function basis(frequency: number, sample: number): number {
  const gain = frequency === 0 ? Math.sqrt(1 / 8) : 1 / 2
  return gain * Math.cos(((2 * sample + 1) * frequency * Math.PI) / 16)
}

function naiveForward(pixels: ArrayLike<number>): Float64Array {
  const out = new Float64Array(64)
  for (let v = 0; v < 8; v += 1) {
    for (let u = 0; u < 8; u += 1) {
      for (let row = 0; row < 8; row += 1) {
        for (let col = 0; col < 8; col += 1) {
          out[v * 8 + u] += (pixels[row * 8 + col] - 128) * basis(v, row) * basis(u, col)
        }
      }
    }
  }
  return out
}

/** The sentence at the head of dct.ts in big integers, which round nothing. */
function exactInverse(quarters: ArrayLike<number>): number[] {
  const matrix = (k: number, n: number) => BigInt(Math.round(4096 * basis(k, n)))
  return Array.from({ length: 64 }, (_, at) => {
    let sum = 0n
    for (let v = 0; v < 8; v += 1) {
      for (let u = 0; u < 8; u += 1) {
        sum += matrix(v, at >> 3) * matrix(u, at & 7) * BigInt(quarters[v * 8 + u])
      }
    }
    // The shift of a negative big integer is a floor.
    return Number(128n + ((sum + (1n << 25n)) >> 26n))
  })
}

function rowMaskOf(quarters: ArrayLike<number>): number {
  let mask = 0
  for (let at = 0; at < 64; at += 1) if (quarters[at] !== 0) mask |= 1 << (at >> 3)
  return mask
}

const clamped = (value: number) => Math.max(0, Math.min(255, value))

test('the forward transform is the textbook cosine transform', () => {
  const random = seededRandom(1)
  const block = new Float64Array(64)
  for (let trial = 0; trial < 200; trial += 1) {
    const pixels = Uint8Array.from({ length: 64 }, () => random() * 256)
    loadBlock(pixels, 0, 8, 0, block)
    forwardDct(block)
    const expected = naiveForward(pixels)
    for (let at = 0; at < 64; at += 1) expect(block[at] * FORWARD_SCALE[at]).toBeCloseTo(expected[at], 8)
  }
})

test('loading a block or a change tells the squares of all its coefficients but the first', () => {
  const random = seededRandom(5)
  const block = new Float64Array(64)
  const energyOf = (coefficients: Float64Array) =>
    coefficients.reduce((sum, value, at) => sum + (at === 0 ? 0 : (value * FORWARD_SCALE[at]) ** 2), 0)
  for (let trial = 0; trial < 50; trial += 1) {
    const reach = [2, 20, 200][trial % 3]
    const [now, before] = [0, 1].map(() => Uint8Array.from({ length: 64 }, () => 1 + random() * reach))
    for (const load of [
      () => loadBlock(now, 0, 8, 7, block),
      () => loadChange(now, before, 0, 8, 7, block),
    ]) {
      const energy = load()
      forwardDct(block)
      expect(energyOf(block)).toBeCloseTo(energy, 6)
    }
  }
})

test('black is lowered, unless it has been black before', () => {
  const block = new Float64Array(64)
  const samples = new Uint8Array(64).fill(50)
  samples[3] = 0
  samples[4] = 0
  loadBlock(samples, 0, 8, 6, block)
  expect(Array.from(block.subarray(2, 6))).toEqual([-78, -134, -134, -78])
  const before = new Uint8Array(64).fill(40)
  before[4] = 0
  loadChange(samples, before, 0, 8, 6, block)
  expect(Array.from(block.subarray(2, 6))).toEqual([10, -46, 0, 10])
})

test('the inverse transform is its formula in whole numbers, bit for bit', () => {
  const random = seededRandom(2)
  const pixels = new Uint8Array(64)
  for (let trial = 0; trial < 400; trial += 1) {
    const reach = 4 ** (1 + (trial % 6))
    const quarters = Float64Array.from({ length: 64 }, () =>
      random() < 0.4 ? Math.round((random() * 2 - 1) * reach) : 0,
    )
    inverseDct(quarters, rowMaskOf(quarters), pixels, 0, 8)
    expect(Array.from(pixels)).toEqual(exactInverse(quarters).map(clamped))
  }
})

test('the inverse stays exact at the largest coefficients a slice can name', () => {
  const random = seededRandom(3)
  const pixels = new Uint8Array(64)
  const largest = 4095 * 2 * 255
  for (let trial = 0; trial < 50; trial += 1) {
    const quarters = Float64Array.from({ length: 64 }, () => (random() < 0.5 ? largest : -largest))
    inverseDct(quarters, 255, pixels, 0, 8)
    expect(Array.from(pixels)).toEqual(exactInverse(quarters).map(clamped))
  }
})

test('there and back moves no pixel by more than one', () => {
  const random = seededRandom(4)
  const block = new Float64Array(64)
  const back = new Uint8Array(64)
  for (let trial = 0; trial < 500; trial += 1) {
    const pixels = Uint8Array.from({ length: 64 }, () => random() * 256)
    loadBlock(pixels, 0, 8, 0, block)
    forwardDct(block)
    const quarters = block.map((value, at) => Math.round(4 * value * FORWARD_SCALE[at]))
    inverseDct(quarters, 255, back, 0, 8)
    for (let at = 0; at < 64; at += 1) expect(Math.abs(back[at] - pixels[at])).toBeLessThanOrEqual(1)
  }
})

test('a flat block is painted as the full transform would', () => {
  const flat = new Uint8Array(64)
  const full = new Uint8Array(64)
  const quarters = new Float64Array(64)
  for (let dc = -5000; dc <= 5000; dc += 37) {
    quarters[0] = dc
    inverseFlat(dc, flat, 0, 8)
    inverseDct(quarters, 1, full, 0, 8)
    expect(Array.from(flat)).toEqual(Array.from(full))
  }
})

test('a block is painted into its own 64 samples of a wider plane', () => {
  const plane = new Uint8Array(24 * 10).fill(7)
  const quarters = new Float64Array(64)
  quarters[0] = 400
  quarters[9] = 900
  inverseDct(quarters, 3, plane, 24 + 8, 24)
  for (let row = 0; row < 10; row += 1) {
    for (let col = 0; col < 24; col += 1) {
      const inside = row >= 1 && row < 9 && col >= 8 && col < 16
      if (!inside) expect(plane[row * 24 + col]).toBe(7)
      else expect(plane[row * 24 + col]).toBeGreaterThan(60)
    }
  }
})

test('the zig-zag visits every coefficient once, low frequencies first', () => {
  expect(Array.from(ZIGZAG.subarray(0, 10))).toEqual([0, 1, 8, 16, 9, 2, 3, 10, 17, 24])
  expect(Array.from(ZIGZAG.subarray(60))).toEqual([47, 55, 62, 63])
  expect(new Set(ZIGZAG).size).toBe(64)
})
