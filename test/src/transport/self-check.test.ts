import { expect, test } from 'vitest'
import { weriftDifferences } from '../../../src/transport/self-check.ts'
import { werift } from '../../../src/transport/werift.ts'

test('the installed werift is the one the adapter was written for', () => {
  expect(weriftDifferences()).toEqual([])
})

test('a method that is gone is named', () => {
  const connection = new werift.RTCPeerConnection({ iceServers: [] })
  connection.createDataChannel('x', { negotiated: true, id: 0 })
  const prototype = Object.getPrototypeOf(connection.sctpTransport?.sctp) as Record<string, unknown>
  const kept = prototype.receiveSackChunk
  delete prototype.receiveSackChunk
  try {
    expect(weriftDifferences()).toEqual(['association.receiveSackChunk is no function'])
  } finally {
    Object.defineProperty(prototype, 'receiveSackChunk', { value: kept, writable: true, configurable: true })
  }
})
