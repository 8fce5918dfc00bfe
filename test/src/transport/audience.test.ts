import { afterEach, expect, test } from 'vitest'
import { NEGOTIATION_MS } from '../../../signaling/negotiation.ts'
import type { Audience } from '../../../src/transport/audience.ts'
import { SILENCE_MS } from '../../../src/transport/viewer.ts'
import { localTime } from '../../../vendor/asciline/index.ts'
import { ImpairedPath } from '../../bench/impaired-path.ts'
import { LossyRelay, type LossyRelayOptions } from './lossy-relay.ts'
import { frame, indexOf, JOIN, now, openAudience, TestViewer, TIMELINE } from './studio.ts'

const open: { close(): unknown }[] = []
const keep = <T extends { close(): unknown }>(thing: T): T => {
  open.push(thing)
  return thing
}
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close()
})

const joined = (audience: Audience, relay?: LossyRelay) => keep(new TestViewer()).join(audience, relay)

test('a viewer gets the timeline, the picture twice, and then every frame', async () => {
  const { bus, audience } = openAudience()
  keep(audience)
  const viewer = await joined(audience)
  await viewer.until(() => viewer.control.length > 0 && viewer.frames.length >= 2 * JOIN.length)
  expect(viewer.control[0]).toEqual(TIMELINE)
  expect(viewer.frames.map((bytes) => Buffer.from(bytes).toString('hex'))).toEqual(
    [...JOIN, ...JOIN].map((bytes) => Buffer.from(bytes).toString('hex')),
  )
  expect(audience.size).toBe(1)
  for (let index = 100; index < 110; index += 1) {
    bus.publish(frame(index))
    await viewer.until(() => viewer.frames.some((bytes) => indexOf(bytes) === index))
  }
})

test('a ping comes back with the time of the server', async () => {
  const { audience } = openAudience({ join: () => ({ timeline: undefined, slices: undefined }) })
  keep(audience)
  const viewer = await joined(audience)
  viewer.send({ type: 'ping', sent: 12.5 })
  await viewer.until(() => viewer.control.length > 0)
  expect(viewer.control[0]).toEqual({ type: 'pong', sent: 12.5, at: expect.any(Number) })
})

test('a digest goes only to those who asked for it, and the count of them is told', async () => {
  const counts: number[] = []
  const { audience } = openAudience({
    onTally: ({ verify }) => {
      if (verify !== (counts.at(-1) ?? 0)) counts.push(verify)
    },
  })
  keep(audience)
  const asking = await joined(audience)
  const other = await joined(audience)
  asking.send({ type: 'verify', on: true })
  await asking.until(() => counts.length > 0)
  audience.announce({ type: 'digest', epoch: 7, frame: 1, digest: 99 })
  audience.announce({ type: 'ended', epoch: 7 })
  await asking.until(() => asking.control.some(({ type }) => type === 'ended'))
  await other.until(() => other.control.some(({ type }) => type === 'ended'))
  const types = ({ control }: TestViewer) => control.map(({ type }) => type).filter((type) => type !== 'pong')
  expect(types(asking)).toEqual(['timeline', 'digest', 'ended'])
  expect(types(other)).toEqual(['timeline', 'ended'])
  asking.close()
  await other.until(() => counts.at(-1) === 0)
  expect(counts).toEqual([1, 0])
})

test('what a viewer reports can be read', async () => {
  const { audience } = openAudience()
  keep(audience)
  const viewer = await joined(audience)
  const report = { type: 'report', epoch: 7, frame: 41, late: 1, missing: 2 }
  viewer.send(report)
  await viewer.until(() => audience.stats()[0]?.report !== undefined)
  expect(audience.stats()[0]).toMatchObject({ report, state: 'connected', address: '127.0.0.1' })
})

test('one viewer too many is refused with too-many-viewers, and the place of one who left is free', async () => {
  const { audience } = openAudience({ maxViewers: 2 })
  keep(audience)
  const first = await joined(audience)
  const second = await joined(audience)
  await expect(audience.open({ id: 'x', address: '127.0.0.1' })).rejects.toMatchObject({
    code: 'too-many-viewers',
  })
  first.close()
  await second.until(() => audience.stats().length === 1)
  await joined(audience)
})

test('traps 10 and 11: a viewer that falls silent for five seconds is gone, one that pings is not', async () => {
  let skipped = 0
  const { audience } = openAudience({ now: () => localTime(now() + skipped) })
  keep(audience)
  const dead = await joined(audience)
  const alive = await joined(audience)
  dead.fallSilent()
  skipped += SILENCE_MS - 1000
  alive.send({ type: 'ping', sent: 1 })
  await alive.until(() => alive.control.some(({ type }) => type === 'pong'))
  skipped += 2000
  await dead.until(() => dead.ended !== undefined)
  expect(audience.stats().map(({ id }) => id)).toEqual([alive.id])
})

test('an offer nobody answers, and an answer that never connects, are given up after ten seconds', async () => {
  let skipped = 0
  const { audience } = openAudience({ now: () => localTime(now() + skipped) })
  keep(audience)
  await audience.open({ id: 'x', address: '127.0.0.1' })
  const { peer, sdp } = await audience.open({ id: 'x', address: '127.0.0.1' })
  const viewer = keep(new TestViewer())
  const answer = await viewer.peer.accept(sdp.replaceAll(/ 127\.0\.0\.1 \d+ /g, ' 127.0.0.1 9 '))
  await audience.answer(peer, answer)
  expect(audience.stats().map(({ state }) => state)).toEqual(['offered', 'answered'])
  expect(audience.size).toBe(0)
  skipped += NEGOTIATION_MS + 1
  await viewer.until(() => audience.stats().length === 0)
})

test('an answer is taken once, and only when it can be read', async () => {
  const { audience } = openAudience()
  keep(audience)
  const viewer = keep(new TestViewer())
  const { peer, sdp } = await audience.open({ id: 'x', address: '127.0.0.1' })
  const answer = await viewer.peer.accept(sdp)
  await audience.answer(peer, answer)
  await expect(audience.answer(peer, answer)).rejects.toMatchObject({ code: 'bad-request' })
  await expect(audience.answer('0123456789abcdef', answer)).rejects.toMatchObject({ code: 'peer-failed' })
  for (const nonsense of ['nonsense', 'v=0\r\n', answer.replace('webrtc-datachannel', 'x'), sdp]) {
    const offer = await audience.open({ id: 'x', address: '127.0.0.1' })
    await expect(audience.answer(offer.peer, nonsense)).rejects.toMatchObject({ code: 'bad-request' })
    // Gone at once, not after the deadline.
    expect(audience.stats().some(({ id }) => id === offer.peer)).toBe(false)
  }
})

test('nonsense on control is counted and forgiven, much of it is not', async () => {
  const { audience } = openAudience()
  keep(audience)
  const viewer = await joined(audience)
  const bad = ['{', '{"type":"ping"}', '[]', '{"type":"ping","sent":"now"}', 'x'.repeat(5000)]
  for (const text of bad) viewer.peer.sendControl(text)
  viewer.send({ type: 'ping', sent: 1 })
  await viewer.until(() => viewer.control.some(({ type }) => type === 'pong'))
  for (let i = 0; i < 20; i += 1) viewer.peer.sendControl('{')
  await viewer.until(() => viewer.ended !== undefined)
})

test('a flood on control ends that viewer and no other', async () => {
  const { audience, bus } = openAudience()
  keep(audience)
  const flooder = await joined(audience)
  const other = await joined(audience)
  for (let i = 0; i < 300; i += 1) flooder.send({ type: 'ping', sent: i })
  await flooder.until(() => flooder.ended !== undefined)
  bus.publish(frame(300))
  await other.until(() => other.frames.some((bytes) => indexOf(bytes) === 300))
})

test('a viewer that closes is noticed at once, and a closed audience tells its viewers', async () => {
  const { audience } = openAudience()
  keep(audience)
  const leaving = await joined(audience)
  const staying = await joined(audience)
  leaving.close()
  await staying.until(() => audience.stats().length === 1)
  await audience.close()
  await staying.until(() => staying.ended !== undefined)
  expect(audience.stats()).toEqual([])
  await expect(audience.open({ id: 'x', address: '127.0.0.1' })).rejects.toMatchObject({
    code: 'peer-failed',
  })
})

test('trap 7: a viewer behind a narrow link takes nothing from the one beside it', async () => {
  const { audience, bus } = openAudience()
  keep(audience)
  const down = new ImpairedPath({ delayMs: 30, bitsPerSecond: 400_000, queueMs: 300 }, 9)
  const up = new ImpairedPath({ delayMs: 30 }, 10)
  const path: LossyRelayOptions['path'] = (bytes, direction) => {
    const at = performance.now()
    return (direction === 'to-viewer' ? down : up).push(bytes, at).map((out) => out - at)
  }
  const sick = await joined(audience, keep(new LossyRelay({ seed: 9, path })))
  const healthy = await joined(audience)
  await healthy.until(() => healthy.frames.length > 0)
  for (let index = 1; index <= 90; index += 1) {
    bus.publish(frame(index, 4, 1000))
    await new Promise((resolve) => setTimeout(resolve, 16))
  }
  await healthy.until(() => healthy.frames.some((bytes) => indexOf(bytes) === 90))
  const stats = (viewer: TestViewer) => audience.stats().find(({ id }) => id === viewer.id)!
  expect(new Set(healthy.frames.map(indexOf)).size).toBeGreaterThanOrEqual(90)
  expect(stats(healthy).dropped).toEqual({ replaced: 0, late: 0, stalled: 0, skipped: 0 })
  // 250 kB a second for a link of 50: the other frames are dropped before they are sent, and nothing piles up before the link.
  expect(stats(sick).dropped.replaced).toBeGreaterThan(30)
  // A window of 28 kB, 8 kB that the gate lets stand, a frame; 360 kB were offered.
  expect(stats(sick).unackedBytes).toBeLessThan(45_000)
})

test('ten joins and leaves leave no socket and no viewer behind', async () => {
  const { audience } = openAudience()
  keep(audience)
  const sockets = () => process.getActiveResourcesInfo().filter((name) => name.startsWith('UDP')).length
  const before = sockets()
  for (let i = 0; i < 10; i += 1) {
    const viewer = await joined(audience)
    viewer.close()
    await viewer.until(() => audience.stats().length === 0)
  }
  const last = await joined(audience)
  last.close()
  await last.until(() => audience.stats().length === 0 && sockets() <= before)
})

test('a viewer from outside connects through the announced address', async () => {
  const { audience } = openAudience({ announce: '127.0.0.2', interfaces: () => ({}) })
  keep(audience)
  const viewer = keep(new TestViewer())
  await viewer.join(audience, undefined, '203.0.113.9')
  await viewer.until(() => viewer.frames.length > 0)
})

test('an announced name is resolved; one that has no address is said and does no harm', async () => {
  const said: unknown[] = []
  const log = { info: (message: unknown) => said.push(message) }
  const { audience } = openAudience({ announce: 'no-such-name.invalid', log })
  keep(audience)
  await joined(audience)
  expect(said).toContainEqual(expect.stringContaining('no-such-name.invalid'))
  const named = openAudience({ announce: 'localhost', interfaces: () => ({}) })
  keep(named.audience)
  const { sdp } = await named.audience.open({ id: 'x', address: '203.0.113.9' })
  expect(sdp).toContain(' 127.0.0.1 ')
})
