import { describe, expect, test } from 'vitest'
import { writeAdtsHeader } from '../../../src/audio/adts-frame.ts'
import { AdtsRing } from '../../../src/audio/adts-ring.ts'

/** A frame of `length` bytes whose payload is `fill`. */
function frame(length: number, fill: number): Uint8Array {
  const bytes = new Uint8Array(length).fill(fill)
  writeAdtsHeader(bytes, { length, channels: 2 })
  return bytes
}

const joined = (...parts: Uint8Array[]) => Uint8Array.from(Buffer.concat(parts))

test('a header is written as ffmpeg writes it', () => {
  // ff f1 4c 80 2a bf fc: 48 kHz, AAC-LC, two channels, 341 bytes (0x155), as ffmpeg's adts muxer puts it.
  expect(Buffer.from(frame(341, 0).subarray(0, 7)).toString('hex')).toBe('fff14c802abffc')
})

describe('framing', () => {
  test('frames are found whatever the chunks, byte by byte included', () => {
    const stream = joined(frame(20, 1), frame(8, 2), frame(2000, 3))
    for (const step of [1, 3, 7, 19, 500, 5000]) {
      const ring = new AdtsRing()
      for (let at = 0; at < stream.length; at += step) ring.push(stream.subarray(at, at + step))
      expect((ring.read(0) as Uint8Array[]).map(({ length }) => length)).toEqual([20, 8, 2000])
      expect(ring.skippedBytes).toBe(0)
    }
  })

  test('garbage between frames is skipped and counted, a sync word inside a payload is no frame', () => {
    const trap = frame(60, 0)
    trap.set(frame(30, 9).subarray(0, 7), 20)
    const ring = new AdtsRing()
    ring.push(
      joined(
        Uint8Array.of(1, 2, 255, 241, 3),
        trap,
        frame(10, 1),
        Uint8Array.of(0xff, 0xf1, 0, 0),
        frame(12, 2),
        frame(9, 3),
      ),
    )
    expect((ring.read(0) as Uint8Array[]).map(({ length }) => length)).toContain(12)
    expect(ring.skippedBytes).toBeGreaterThanOrEqual(9)
  })

  test('a megabyte of noise neither throws nor piles up', () => {
    const ring = new AdtsRing()
    let state = 1
    const noise = Uint8Array.from(
      { length: 1 << 20 },
      () => (state = (state * 1103515245 + 12345) & 0x7fffffff) >> 16,
    )
    for (let at = 0; at < noise.length; at += 65_536) ring.push(noise.subarray(at, at + 65_536))
    ring.push(new Uint8Array(1 << 20).fill(0xff))
    const good = frame(40, 7)
    for (let count = 0; count < 400; count++) ring.push(good)
    expect(
      (ring.read(ring.first) as Uint8Array[]).filter((one) => one.length === 40 && one[39] === 7).length,
    ).toBeGreaterThan(100)
  })

  test('frames own their bytes', () => {
    const chunk = frame(16, 5)
    const ring = new AdtsRing()
    ring.push(chunk)
    chunk.fill(0)
    const [kept] = ring.read(0) as Uint8Array[]
    expect(kept![15]).toBe(5)
    expect(kept!.buffer.byteLength).toBe(16)
  })
})

describe('the window', () => {
  test('the oldest frames go when it is full, and who wants them is told', () => {
    const ring = new AdtsRing({ seconds: 1 })
    expect(ring.capacity).toBe(47)
    for (let count = 0; count < 100; count++) ring.push(frame(8 + count, 0))
    expect([ring.first, ring.next]).toEqual([53, 100])
    expect(ring.read(52)).toBe('gone')
    expect((ring.read(53) as Uint8Array[]).map(({ length }) => length)).toEqual(
      Array.from({ length: 47 }, (_, k) => 61 + k),
    )
    expect(ring.read(100)).toEqual([])
    expect(ring.read(5000)).toEqual([])
  })

  test('at least half a minute is kept', () => {
    expect((new AdtsRing().capacity * 1024) / 48_000).toBeGreaterThanOrEqual(30)
  })

  test('listeners hear of frames and of the end, until they leave', () => {
    const ring = new AdtsRing()
    let heard = 0
    const leave = ring.subscribe(() => (heard += 1))
    ring.push(frame(9, 0))
    ring.end()
    ring.end()
    ring.push(frame(9, 0))
    expect([heard, ring.ended, ring.next]).toEqual([2, true, 1])
    leave()
  })
})
