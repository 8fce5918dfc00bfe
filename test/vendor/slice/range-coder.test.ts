import { expect, test } from 'vitest'
import { RangeDecoder } from '../../../vendor/asciline/slice/range-decoder.ts'
import { FLUSH_BYTES, RangeEncoder } from '../../../vendor/asciline/slice/range-encoder.ts'
import { hex, seededRandom } from '../moving-pictures.ts'

const CONTEXTS = 8
const EVEN = new Uint16Array(CONTEXTS).fill(2 ** 15)
const encoder = new RangeEncoder({ contexts: CONTEXTS, capacity: 100_000 })
const decoder = new RangeDecoder({ contexts: CONTEXTS })

/** Payload of what `write` encodes. */
function payload(write: () => void): Uint8Array {
  const bytes = new Uint8Array(100_000)
  encoder.begin(EVEN)
  write()
  return bytes.slice(0, encoder.finish(bytes, 0))
}

test.each([0.01, 0.2, 0.5, 0.8, 0.99])(
  'ten thousand decisions, yes with odds of %s, come back as they went in',
  (odds) => {
    const random = seededRandom(odds * 1000)
    const decisions = Array.from({ length: 10_000 }, () => (random() < odds ? 1 : 0))
    const bytes = payload(() => decisions.forEach((bit, index) => void encoder.encode(index % CONTEXTS, bit)))
    decoder.begin(EVEN, bytes, 0)
    for (const [index, bit] of decisions.entries()) expect(decoder.decode(index % CONTEXTS)).toBe(bit)
    expect(decoder.exhausted).toBe(false)
  },
)

test('adapted decisions cost about their information', () => {
  const random = seededRandom(9)
  const odds = 0.1
  const entropyBits = -(odds * Math.log2(odds) + (1 - odds) * Math.log2(1 - odds))
  const bytes = payload(() => {
    for (let index = 0; index < 20_000; index += 1) encoder.encode(0, random() < odds ? 1 : 0)
  })
  expect((bytes.length * 8) / 20_000 / entropyBits).toBeLessThan(1.08)
})

test('raw bits and adaptive decisions mix', () => {
  const random = seededRandom(10)
  const values = Array.from({ length: 3000 }, () => Math.floor(random() * 2 ** 17))
  const bytes = payload(() => {
    for (const value of values) {
      encoder.encode(1, value & 1)
      encoder.encodeRaw(value, 17)
    }
  })
  decoder.begin(EVEN, bytes, 0)
  for (const value of values) {
    expect(decoder.decode(1)).toBe(value & 1)
    expect(decoder.decodeRaw(17)).toBe(value)
  }
})

test('a carry runs through digits already written', () => {
  // Raw ones drive the value against the top of every digit; only the last decisions say whether it spills over.
  for (let length = 1; length < 200; length += 1) {
    const bytes = payload(() => {
      encoder.encodeRaw(0, 1)
      for (let index = 0; index < length; index += 1) encoder.encodeRaw(1, 1)
      encoder.encode(0, 1)
      encoder.encode(0, 1)
    })
    decoder.begin(EVEN, bytes, 0)
    expect(decoder.decodeRaw(1)).toBe(0)
    for (let index = 0; index < length; index += 1) expect(decoder.decodeRaw(1)).toBe(1)
    expect([decoder.decode(0), decoder.decode(0)]).toEqual([1, 1])
  }
})

test('what is taken back leaves no trace, wherever the carries went', () => {
  const random = seededRandom(11)
  for (let trial = 0; trial < 300; trial += 1) {
    const kept = Array.from({ length: 1 + Math.floor(random() * 60) }, () => (random() < 0.85 ? 1 : 0))
    const dropped = Array.from({ length: Math.floor(random() * 60) }, () => (random() < 0.9 ? 1 : 0))
    const write = (bits: number[]) => bits.forEach((bit, index) => void encoder.encode(index % 3, bit))
    const plain = payload(() => write(kept))
    const rolledBack = payload(() => {
      write(kept)
      encoder.save()
      write(dropped)
      encoder.takeBack()
    })
    expect(hex(rolledBack)).toBe(hex(plain))
  }
})

test('finish adds no more than it promises', () => {
  encoder.begin(EVEN)
  for (let index = 0; index < 1000; index += 1) encoder.encode(index & 7, index & 1)
  const promised = encoder.position + FLUSH_BYTES
  expect(encoder.finish(new Uint8Array(2000), 0)).toBeLessThanOrEqual(promised)
})

test('nothing but likely decisions costs next to nothing', () => {
  const always = (bit: number, count: number) =>
    payload(() => {
      for (let index = 0; index < count; index += 1) encoder.encode(0, bit)
    })
  expect(always(0, 40)).toHaveLength(0)
  // By the probabilities it is 4.1 bytes until both are as good as certain; the end takes up to two more.
  expect(always(1, 4000).length).toBeLessThanOrEqual(6)
})

test('no more zeros are cut than the decoder will supply', () => {
  // The lowest value there is: every decision no, so every digit zero.
  const bytes = payload(() => {
    for (let index = 0; index < 400; index += 1) encoder.encodeRaw(0, 1)
  })
  expect(hex(bytes)).toMatch(/^(00 ?)+$/)
  decoder.begin(EVEN, bytes, 0)
  for (let index = 0; index < 400; index += 1) expect(decoder.decodeRaw(1)).toBe(0)
  expect(decoder.exhausted).toBe(false)
})

test('a decoder driven past the end says so and goes on without harm', () => {
  decoder.begin(EVEN, new Uint8Array([1, 2, 3, 4]), 0)
  expect(decoder.exhausted).toBe(false)
  for (let index = 0; index < 200; index += 1) decoder.decodeRaw(1)
  expect(decoder.exhausted).toBe(true)
  expect([0, 1]).toContain(decoder.decode(0))
})
