import { expect, test } from 'vitest'
import { HttpNegotiation } from '../../signaling/http-negotiation.ts'
import { type PeerHost, PeerRefusal } from '../../signaling/negotiation.ts'
import { frame, indexOf, openAudience, TestViewer } from '../src/transport/studio.ts'

/** Peers that only count. */
function counting() {
  let opened = 0
  const peers: PeerHost = {
    open: async () => ({ peer: (++opened).toString(16), sdp: 'offer' }),
    answer: async () => {},
    candidate: () => {},
    carry: () => {
      throw new PeerRefusal('internal', 'not asked for')
    },
    close: () => {},
  }
  return { peers, opened: () => opened }
}

test('one request each for offer and answer is enough for a picture', async () => {
  const { bus, audience } = openAudience()
  const viewer = new TestViewer()
  try {
    const http = new HttpNegotiation({ peers: audience, now: () => 0 })
    const { peer, sdp } = await http.offer('127.0.0.1')
    await http.answer(peer, await viewer.peer.accept(sdp))
    await viewer.until(() => viewer.frames.length > 0)
    bus.publish(frame(500))
    await viewer.until(() => viewer.frames.some((bytes) => indexOf(bytes) === 500))
    await expect(http.answer(peer, sdp)).rejects.toMatchObject({ code: 'bad-request' })
    await expect(http.answer('0123456789abcdef', sdp)).rejects.toMatchObject({ code: 'peer-failed' })
  } finally {
    viewer.close()
    await audience.close()
  }
})

test('an address that joins too often is told how long to wait, another one is not', async () => {
  let now = 0
  const { peers, opened } = counting()
  const http = new HttpNegotiation({ peers, now: () => now })
  for (let i = 0; i < 12; i += 1) await http.offer('203.0.113.7')
  expect(() => http.offer('203.0.113.7')).toThrow(
    expect.objectContaining({ code: 'rate-limited', retryAfterMs: 1000 }),
  )
  await http.offer('203.0.113.8')
  now += 1000
  await http.offer('203.0.113.7')
  expect(opened()).toBe(14)
})

test('ten thousand addresses are not remembered, one that keeps asking is', async () => {
  const { peers } = counting()
  const http = new HttpNegotiation({ peers, now: () => 0 })
  for (let i = 0; i < 12; i += 1) await http.offer('203.0.113.7')
  for (let i = 0; i < 10_000; i += 1) {
    await http.offer(`address ${i}`)
    if (i % 500 === 0) expect(() => http.offer('203.0.113.7')).toThrow(PeerRefusal)
  }
})
