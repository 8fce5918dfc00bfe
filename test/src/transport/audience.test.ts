import { afterEach, expect, test } from 'vitest'
import type { Audience } from '../../../src/transport/audience.ts'
import type { LossyRelay } from './lossy-relay.ts'
import { frame, indexOf, JOIN, openAudience, TestViewer, TIMELINE } from './studio.ts'

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
  const { audience } = openAudience({ timeline: () => undefined, joinSlices: () => undefined })
  keep(audience)
  const viewer = await joined(audience)
  viewer.send({ type: 'ping', sent: 12.5 })
  await viewer.until(() => viewer.control.length > 0)
  expect(viewer.control[0]).toEqual({ type: 'pong', sent: 12.5, at: expect.any(Number) })
})
