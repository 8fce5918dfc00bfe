// What the whole of it is for: over a link that loses packets, frames arrive young or not at all, and nothing stalls.

import { afterEach, expect, test } from 'vitest'
import { TAG_PARITY } from '../../../vendor/asciline/index.ts'
import { LossyRelay } from './lossy-relay.ts'
import { frame, indexOf, now, openAudience, TestViewer } from './studio.ts'

const open: { close(): unknown }[] = []
const keep = <T extends { close(): unknown }>(thing: T): T => {
  open.push(thing)
  return thing
}
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close()
})

const FRAMES = 150
const SLICES = 3

async function watch(relay: LossyRelay, viewers: number) {
  const { bus, audience } = openAudience()
  keep(audience)
  const watching: TestViewer[] = []
  for (let i = 0; i < viewers; i += 1) watching.push(await keep(new TestViewer()).join(audience, relay))
  for (const viewer of watching)
    await viewer.until(() => viewer.frames.length > 0 || viewer.control.length > 0)
  const began = now()
  for (let index = 0; index < FRAMES; index += 1) {
    bus.publish(frame(1000 + index, SLICES, 1000))
    for (const viewer of watching) viewer.send({ type: 'ping', sent: index })
    const wait = Math.max(0, began + (index + 1) * 33 - now())
    await new Promise((resolve) => setTimeout(resolve, wait))
  }
  return { audience, watching }
}

test('at 2 % loss slices arrive as 1 - loss, none is kept for resending, and control arrives whole and in order', async () => {
  const relay = keep(new LossyRelay({ seed: 3, loss: 0.02, delayMs: 15 }))
  const { audience, watching } = await watch(relay, 4)
  for (const viewer of watching) {
    const pongs = () => viewer.control.flatMap((message) => (message.type === 'pong' ? [message.sent] : []))
    await viewer.until(() => pongs().length === FRAMES)
    expect(pongs()).toEqual(Array.from({ length: FRAMES }, (_, n) => n))
    const sent = () => audience.stats().find(({ id }) => id === viewer.id)!
    // Acknowledged or given up: nothing is on its way any more.
    await viewer.until(() => sent().unackedBytes === 0)
    const got = viewer.frames.filter((bytes) => indexOf(bytes) >= 1000 && bytes[4] !== TAG_PARITY).length
    // What the gate let out arrives but for the loss: mean 2 % and five standard deviations of it.
    const slices = sent().framesSent * SLICES
    expect(got).toBeGreaterThan(slices * 0.98 - 5 * Math.sqrt(slices * 0.02 * 0.98))
    expect(got).toBeLessThanOrEqual(slices)
  }
})

test('after an outage the viewer gets the newest frame, and nothing that was due during it', async () => {
  const relay = keep(new LossyRelay({ seed: 4, delayMs: 5 }))
  const { bus, audience } = openAudience()
  keep(audience)
  const viewer = await keep(new TestViewer()).join(audience, relay)
  await viewer.until(() => viewer.frames.length >= 4)
  const until = async (ms: number, from: number) => {
    const began = now()
    let index = from
    for (; now() - began < ms; index += 1) {
      bus.publish(frame(index, SLICES, 1000))
      await new Promise((resolve) => setTimeout(resolve, 33))
    }
    return index
  }
  relay.cut = true
  const resumed = await until(3000, 2000)
  const stats = audience.stats()[0]!
  expect(stats.dropped.stalled).toBeGreaterThan(10)
  // Nothing but what was under way when the link fell silent: the backlog of a dead link does not grow.
  expect(stats.unackedBytes).toBeLessThan(30_000)
  relay.cut = false
  const last = await until(2000, resumed)
  await viewer.until(() => viewer.frames.some((bytes) => indexOf(bytes) === last - 1))
  const indexes = viewer.frames.map(indexOf).filter((index) => index >= 2000)
  expect(Math.min(...indexes)).toBeGreaterThan(resumed - 8)
})
