// What a person who sees no picture can find out.

import { createSocket } from 'node:dgram'
import { afterEach, expect, test, vi } from 'vitest'
import { packAck, unpackFrame } from '../../../signaling/media-envelope.ts'
import type { MediaSocket } from '../../../signaling/negotiation.ts'
import { ConnectionTrace } from '../../../src/transport/connection-trace.ts'
import { localTime } from '../../../vendor/asciline/index.ts'
import { frame, indexOf, JOIN, openAudience, TestViewer, TIMELINE } from './studio.ts'

const open: { close(): unknown }[] = []
const keep = <T extends { close(): unknown }>(thing: T): T => {
  open.push(thing)
  return thing
}
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close()
  vi.useRealTimers()
})

test('a viewer that watches: what it was offered, and the pair that was chosen', async () => {
  const { audience } = openAudience()
  keep(audience)
  const viewer = await keep(new TestViewer()).join(audience)
  await viewer.until(() => viewer.frames.length > 0)
  const { server, viewers, past } = audience.diagnose()
  expect(server).toMatchObject({ announce: null, udpPorts: null, stun: null, turn: [], lan: 'auto' })
  expect(server.addresses).toContain('127.0.0.1')
  expect(viewers).toHaveLength(1)
  expect(viewers[0]).toMatchObject({ id: viewer.id.slice(0, 4), way: 'webrtc', state: 'connected' })
  expect(viewers[0]!.offered[0]).toMatch(/^udp 127\.0\.0\.1:\d+ host$/)
  expect(viewers[0]!.tried.filter(({ chosen }) => chosen)).toEqual([
    {
      local: expect.any(String),
      remote: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      state: 'succeeded',
      chosen: true,
    },
  ])
  // Of its own handshake it may have said something twice, where the machine is slow: that is `plaintext` and `sctp`.
  const refused = { stun: 0, stranger: 0, alert: 0, other: 0 }
  expect(viewers[0]!.refused).toEqual({ ...refused, plaintext: expect.any(Number), sctp: expect.any(Number) })
  expect(past).toEqual([])
  expect(JSON.stringify(audience.diagnose())).not.toContain(viewer.id)
})

test('a viewer that never got through: what it named and what was tried, also after its end', async () => {
  const { audience } = openAudience()
  keep(audience)
  const { peer, sdp } = await audience.open({ id: 'x', address: '127.0.0.1' })
  const viewer = keep(new TestViewer())
  const answer = await viewer.peer.accept(sdp.replaceAll(/ 127\.0\.0\.1 \d+ /g, ' 127.0.0.1 9 '))
  const named = [
    'a=candidate:1 1 udp 1 127.0.0.1 9 typ host',
    'a=candidate:2 1 udp 1 169.254.1.1 5000 typ host',
    'a=candidate:3 1 udp 1 a.local 5000 typ host',
  ]
  await audience.answer(peer, `${answer.trimEnd()}\r\n${named.join('\r\n')}\r\n`)
  const seen = () => audience.diagnose().viewers[0]
  await viewer.until(() => (seen()?.tried.length ?? 0) > 0)
  expect(seen()).toMatchObject({
    state: 'answered',
    named: [
      { candidate: 'udp 127.0.0.1:9 host', used: true },
      { candidate: 'udp 169.254.1.1:5000 host', used: false },
      { candidate: 'udp a.local:5000 host', used: false },
    ],
  })
  audience.close(peer)
  const { viewers, past } = audience.diagnose()
  expect(viewers).toEqual([])
  expect(past).toMatchObject([{ ended: 'replaced', named: [{ used: true }, {}, {}] }])
})

test('of the past the last twenty are kept', async () => {
  const { audience } = openAudience()
  keep(audience)
  const socket: MediaSocket = { bufferedBytes: 0, sendFrame() {}, sendControl() {}, ended() {} }
  for (let i = 0; i < 25; i += 1)
    audience.close(audience.carry({ id: 'x', address: `address ${i}` }, socket).peer)
  const { past } = audience.diagnose()
  expect(past.map(({ address }) => address)).toEqual(Array.from({ length: 20 }, (_, i) => `address ${i + 5}`))
})

test('a viewer without end of candidates is remembered in part', () => {
  const trace = new ConnectionTrace()
  for (let i = 0; i < 1000; i += 1) trace.candidate(`candidate:1 1 udp 1 192.0.2.1 ${i} typ host`, true)
  trace.offer('v=0\r\na=candidate:x\r\na=candidate:1 1 tcp 5 2001:db8::1 40000 typ host tcptype passive\r\n')
  const { offered, named } = trace.report([])
  expect(named).toHaveLength(32)
  expect(offered).toEqual(['unreadable', 'tcp [2001:db8::1]:40000 host passive'])
})

test('when every port of the range is taken the refusal names the range', async () => {
  const port = await takeTwoPorts()
  const { audience } = openAudience({ udpPorts: [port, port + 1] })
  keep(audience)
  await expect(audience.open({ id: 'x', address: '127.0.0.1' })).rejects.toMatchObject({
    code: 'no-candidates',
    message: expect.stringContaining(`${port}-${port + 1}`),
  })
  expect(audience.diagnose().past).toMatchObject([{ ended: 'failed', offered: [] }])
})

/** Binds two neighbouring ports; returns the lower one. */
async function takeTwoPorts(): Promise<number> {
  const bind = (port: number) =>
    new Promise<number>((resolve, reject) => {
      const socket = keep(createSocket('udp4'))
      socket.once('error', reject)
      socket.bind(port, () => resolve(socket.address().port))
    })
  for (let port = 42_000; port < 43_000; port += 2) {
    try {
      await bind(port)
      await bind(port + 1)
      return port
    } catch {
      // Somebody else has one of them; a socket that is not bound closes all the same.
    }
  }
  throw new Error('no two ports are free')
}

/** The page's end of a socket that carries frames. */
function carriedBy(audience: ReturnType<typeof openAudience>['audience'], answers = true) {
  const got = { frames: [] as number[], control: [] as { type: string }[], ended: 0, slices: 0 }
  const carried = audience.carry(
    { id: 'x', address: '203.0.113.9' },
    {
      bufferedBytes: 0,
      sendFrame: (message) => {
        const { number, slices } = unpackFrame(message)!
        got.slices += slices.length
        got.frames.push(indexOf(slices[0]!))
        if (answers) setImmediate(() => carried.receive(packAck(number)))
      },
      sendControl: (text) => got.control.push(JSON.parse(text)),
      ended: () => {
        got.ended += 1
      },
    },
  )
  carried.start()
  return { carried, got }
}

test('a carried viewer gets the timeline, the picture once, every frame, and answers to its pings', async () => {
  const { bus, audience } = openAudience()
  keep(audience)
  const { carried, got } = carriedBy(audience)
  expect(got.control).toEqual([TIMELINE])
  expect(got.slices).toBe(JOIN.length)
  for (let index = 100; index < 110; index += 1) {
    bus.publish(frame(index))
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  expect(got.frames.slice(1)).toEqual(Array.from({ length: 10 }, (_, i) => 100 + i))
  carried.receive('{"type":"ping","sent":5}')
  expect(got.control[1]).toMatchObject({ type: 'pong', sent: 5 })
  expect(audience.size).toBe(1)
  expect(audience.stats()[0]).toMatchObject({ way: 'websocket', state: 'connected', framesSent: 10 })
  for (let i = 0; i < 20; i += 1) carried.receive('{')
  expect(got.ended).toBe(1)
  expect(audience.size).toBe(0)
})

test('to a carried viewer that acknowledges nothing no more than a few frames go, and the newest waits', () => {
  const { bus, audience } = openAudience()
  keep(audience)
  const { got } = carriedBy(audience, false)
  for (let index = 0; index < 300; index += 1) bus.publish(frame(index, 2, 1000))
  expect(got.frames.length).toBeLessThan(8)
  expect(audience.stats()[0]!.dropped.replaced).toBeGreaterThan(280)
})

test('frames kept back are told by viewer and reason, the new ones only, and once a second at most', () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  let clock = 10_000
  const now = () => localTime(clock)
  const said: string[] = []
  const { bus, audience } = openAudience({ now, log: { info: (text: string) => said.push(text) } })
  keep(audience)
  carriedBy(audience, false)
  const { id } = audience.stats()[0]!
  const publish = (from: number) => {
    for (let index = from; index < from + 300; index += 1)
      bus.publish({ ...frame(index, 2, 1000), dueAt: now() })
  }
  /** Up to the next of the four looks a second. */
  const look = () => {
    clock += 250
    vi.advanceTimersByTime(250)
  }
  publish(0)
  const { replaced } = audience.stats()[0]!.dropped
  look()
  const first = `frames not sent to viewer ${id.slice(0, 4)} ${replaced} replaced`
  expect(said).toEqual([first])
  publish(300)
  for (let looks = 0; looks < 3; looks += 1) look()
  expect(said).toEqual([first])
  look()
  expect(said).toEqual([first, `frames not sent to viewer ${id.slice(0, 4)} 300 replaced`])
})
