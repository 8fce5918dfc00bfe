import { expect, test } from 'vitest'
import { BlockDecoder, decodeAge, decodeRun } from '../../../vendor/asciline/slice/block-decoder.ts'
import { encodeAge, encodeBlock, encodeRun } from '../../../vendor/asciline/slice/block-encoder.ts'
import { BlockQuantiser } from '../../../vendor/asciline/slice/block-quantiser.ts'
import { CHROMA, CONTEXTS, LUMA, MAX_LEVEL } from '../../../vendor/asciline/slice/contexts.ts'
import { FORWARD_SCALE } from '../../../vendor/asciline/slice/dct.ts'
import { MacroblockLevels } from '../../../vendor/asciline/slice/macroblock-levels.ts'
import type { Surroundings } from '../../../vendor/asciline/slice/neighbours.ts'
import { RangeDecoder } from '../../../vendor/asciline/slice/range-decoder.ts'
import { RangeEncoder } from '../../../vendor/asciline/slice/range-encoder.ts'
import { START_TABLE } from '../../../vendor/asciline/slice/start-table.ts'
import { ZIGZAG } from '../../../vendor/asciline/slice/zigzag.ts'
import { seededRandom } from '../moving-pictures.ts'

const encoder = new RangeEncoder({ contexts: CONTEXTS, capacity: 100_000 })
const decoder = new RangeDecoder({ contexts: CONTEXTS })

function payload(write: () => void): Uint8Array {
  const bytes = new Uint8Array(100_000)
  encoder.begin(START_TABLE)
  write()
  return bytes.slice(0, encoder.finish(bytes, 0))
}

/** What block number `index` is coded with: every spread and every busyness in turn. */
function surroundings(index: number, predicted = 0): Surroundings {
  return { predicted, spread: index % 4, busy: (index >> 2) % 4 }
}

/** Coefficients as the forward transform leaves them, to be scaled. */
function orthonormal(block: Float64Array): Float64Array {
  return block.map((value, index) => value / FORWARD_SCALE[index])
}

const SQUARE_PER_BIT = 0.11

/** One block in a set of its own. */
function oneBlock(levels: ArrayLike<number>): MacroblockLevels {
  const set = new MacroblockLevels({ macroblocks: 1 })
  set.levels.set(levels)
  set.lasts[0] = Math.max(
    0,
    Array.from(levels).findLastIndex((level, index) => index > 0 && level !== 0),
  )
  return set
}

function quantised(coefficients: Float64Array, step: number): MacroblockLevels {
  const set = new MacroblockLevels({ macroblocks: 1 })
  new BlockQuantiser().quantise(orthonormal(coefficients), step * 4, LUMA, SQUARE_PER_BIT, set, 0)
  return set
}

test('there is a start probability for every context, none of them certain', () => {
  expect(START_TABLE).toHaveLength(CONTEXTS)
  for (const probability of START_TABLE) {
    expect(probability).toBeGreaterThanOrEqual(512)
    expect(probability).toBeLessThanOrEqual(65_536 - 512)
  }
})

test('blocks of any levels come back, from empty ones to the largest there are', () => {
  const random = seededRandom(1)
  const blocks = Array.from({ length: 400 }, (_, trial) => {
    const reach = [1, 3, 20, 300, MAX_LEVEL][trial % 5]
    const odds = [0, 0.02, 0.2, 1][trial % 4]
    return Int16Array.from({ length: 64 }, () =>
      random() < odds ? Math.round((random() * 2 - 1) * reach) : 0,
    )
  })
  const bytes = payload(() => {
    for (const [index, levels] of blocks.entries()) {
      const predicted = index === 0 ? 0 : blocks[index - 1][0]
      const plane = index % 3 === 0 ? CHROMA : LUMA
      encodeBlock(encoder, plane, oneBlock(levels), 0, predicted, surroundings(index))
    }
  })
  const block = new BlockDecoder()
  decoder.begin(START_TABLE, bytes, 0)
  let predicted = 0
  for (const [index, levels] of blocks.entries()) {
    block.decode(decoder, index % 3 === 0 ? CHROMA : LUMA, 7, surroundings(index, predicted))
    expect(block.nonzeros).toBe(levels.subarray(1).filter((level) => level !== 0).length)
    predicted = block.dc
    const decoded = Array.from(ZIGZAG, (natural) => block.coefficients[natural] / 7)
    expect(decoded.map((level) => level + 0)).toEqual(Array.from(levels))
  }
})

test('the row mask names every row with something besides the first coefficient', () => {
  const levels = new Int16Array(64)
  levels[0] = 9
  levels[ZIGZAG.indexOf(3 * 8 + 2)] = -1
  levels[ZIGZAG.indexOf(6 * 8)] = 2
  const block = new BlockDecoder()
  decoder.begin(
    START_TABLE,
    payload(() => encodeBlock(encoder, LUMA, oneBlock(levels), 0, 0, surroundings(0))),
    0,
  )
  block.decode(decoder, LUMA, 1, surroundings(0))
  expect(block.rowMask).toBe((1 << 3) | (1 << 6))
})

test('ages come back, short and long', () => {
  const ages = [1, 2, 19, 20, 21, 255, 30_000]
  const bytes = payload(() => ages.forEach((age) => void encodeAge(encoder, age)))
  decoder.begin(START_TABLE, bytes, 0)
  expect(ages.map(() => decodeAge(decoder))).toEqual(ages)
})

test('runs come back, short and long', () => {
  const runs = [0, 1, 2, 19, 20, 21, 55, 194, 4000, 31_249]
  const bytes = payload(() => runs.forEach((run) => void encodeRun(encoder, run)))
  decoder.begin(START_TABLE, bytes, 0)
  expect(runs.map(() => decodeRun(decoder))).toEqual(runs)
})

test('the quantiser rounds the first coefficient and leaves small others at zero', () => {
  const block = new Float64Array(64)
  block[0] = -15
  block[1] = 5.4
  block[8] = 10.3
  block[16] = -19.3
  block[9] = 15.1
  const { levels, lasts } = quantised(block, 10)
  expect(Array.from(levels.subarray(0, 5))).toEqual([-1, 0, 1, -2, 1])
  expect(lasts[0]).toBe(4)
})

test('a small level that stands alone behind zeros is not worth its bits, beside others it is', () => {
  const block = new Float64Array(64)
  block[ZIGZAG[40]] = 7
  expect(quantised(block, 10).lasts[0]).toBe(0)
  for (let index = 1; index < 40; index += 1) block[ZIGZAG[index]] = 30
  expect(quantised(block, 10).lasts[0]).toBe(40)
  expect(quantised(block, 10).levels[40]).toBe(1)
})

test('levels beyond the limit are limited where they are made', () => {
  const block = new Float64Array(64).fill(1e6)
  block[0] = -1e6
  const { levels } = quantised(block, 1)
  expect([levels[0], levels[1], levels[63]]).toEqual([-MAX_LEVEL, MAX_LEVEL, MAX_LEVEL])
})

test('a damaged payload cannot drive a level beyond what the transform holds exactly', () => {
  const random = seededRandom(3)
  const block = new BlockDecoder()
  for (let trial = 0; trial < 2000; trial += 1) {
    const bytes = Uint8Array.from({ length: 300 }, () => (random() < 0.5 ? 255 : random() * 256))
    decoder.begin(START_TABLE, bytes, 0)
    for (let index = 0; index < 8; index += 1) {
      block.decode(decoder, LUMA, 255, surroundings(index, block.dc))
      for (const coefficient of block.coefficients) {
        expect(Math.abs(coefficient)).toBeLessThanOrEqual(MAX_LEVEL * 255)
      }
    }
  }
})
