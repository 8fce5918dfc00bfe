import { expect, test } from 'vitest'
import { Flight } from '../../../src/transport/flight.ts'
import { FLAG_IMMEDIATE, outgoingChunk } from '../../../src/transport/outgoing-chunk.ts'
import { localTime } from '../../../vendor/asciline/index.ts'

const FIRST = 0xfffffffe

/** Chunks of 100 bytes that left a millisecond apart, each asking for its acknowledgement; `r` is one that must arrive. */
const fly = (kinds: string) => {
  const counters = { lost: 0, abandoned: 0 }
  const flight = new Flight({ counters })
  const chunks = [...kinds].map((kind, n) => {
    const message = { stream: 0, protocol: 53, bytes: new Uint8Array(100), reliable: kind === 'r' }
    const chunk = outgoingChunk(message, message.bytes, FLAG_IMMEDIATE, 0)
    chunk.tsn = (FIRST + n) >>> 0
    flight.add(chunk, localTime(n))
    return chunk
  })
  const ack = (upTo: number, ...gaps: [number, number][]) => {
    const sack = { cumulativeTsn: (FIRST + upTo) >>> 0, advertisedRwnd: 0, gaps }
    return { ...flight.acknowledge(sack, localTime(50)) }
  }
  return { counters, flight, chunks, ack }
}

test('a SACK tells which bytes arrived and since when the newest of them was on its way, across the wrap', () => {
  const { flight, ack } = fly('ffffff')
  expect(ack(1)).toEqual({ bytes: 200, timedFrom: 1, lost: false })
  expect(ack(1, [2, 3])).toEqual({ bytes: 200, timedFrom: 4, lost: false })
  expect(ack(1, [2, 3])).toEqual({ bytes: 0, timedFrom: Number.NEGATIVE_INFINITY, lost: false })
  expect(flight.bytes).toBe(200)
  expect(flight.bytesOlderThan(2)).toBe(100)
  expect(flight.bytesOlderThan(5)).toBe(200)
  // The one that came late is timed, those that were named before it are not once more.
  expect(ack(4)).toEqual({ bytes: 100, timedFrom: 2, lost: false })
})

test('three reports of later ones are a loss: abandoned or to be sent again, out of the flight either way', () => {
  const { counters, flight, chunks, ack } = fly('frffff')
  expect([2, 3, 4].map((last) => ack(-1, [3, last + 1]).lost)).toEqual([false, false, true])
  expect(counters).toEqual({ lost: 2, abandoned: 1 })
  expect(flight.bytes).toBe(100)
  expect(flight.toResend).toBe(chunks[1])
  flight.add(chunks[1]!, localTime(60))
  expect(flight.toResend).toBeUndefined()
  // Sent twice, it does not tell the round trip.
  expect(ack(4)).toMatchObject({ bytes: 100, lost: false })
})

test('given up is what was abandoned at the head, as far as nothing that must arrive stands before it', () => {
  const { flight, chunks, ack } = fly('ffrfff')
  flight.loseAll(localTime(60))
  expect(flight.giveUp()).toBe(chunks[1]!.tsn)
  expect(flight.giveUp()).toBeUndefined()
  ack(-1, [3, 3])
  expect(flight.giveUp()).toBe(chunks[5]!.tsn)
  expect(flight.isEmpty).toBe(true)
})
