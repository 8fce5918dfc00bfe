// Records that are sent again by somebody who cannot read them: the window alone, and on a real connection.

import { afterEach, expect, test } from 'vitest'
import { ReplayWindow } from '../../../src/transport/dtls-replay.ts'
import { insidesOf, werift } from '../../../src/transport/werift.ts'
import { LossyRelay } from './lossy-relay.ts'
import { openAudience, TestViewer } from './studio.ts'

const open: { close(): unknown }[] = []
const keep = <T extends { close(): unknown }>(thing: T): T => {
  open.push(thing)
  return thing
}
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close()
})

test('a number counts once, late ones too, and what is older than the window never', () => {
  const window = new ReplayWindow()
  for (const number of [0, 1, 5, 3, 2000, 1999, 1001]) {
    expect(window.has(number)).toBe(false)
    window.add(number)
    expect(window.has(number)).toBe(true)
  }
  for (const number of [0, 1, 3, 4, 500, 976]) expect(window.has(number)).toBe(true)
  for (const number of [977, 1000, 1998, 2001, 2 ** 47]) expect(window.has(number)).toBe(false)
})

test('a forged number beyond all others does not shut out what comes after it', () => {
  const window = new ReplayWindow()
  window.add(7)
  // Only records that were opened are added; asking moves nothing.
  expect(window.has(2 ** 40)).toBe(false)
  expect(window.has(8)).toBe(false)
})

test('records that somebody sends again reach SCTP once', async () => {
  const { audience } = openAudience()
  keep(audience)
  const relay = keep(new LossyRelay({ seed: 4 }))
  const sealed: Buffer[] = []
  relay.onPacket = (packet, direction) => {
    if (direction === 'to-server' && packet[0] === 23) sealed.push(Buffer.from(packet))
  }
  const made: InstanceType<typeof werift.RTCPeerConnection>[] = []
  const create = werift.RTCPeerConnection.prototype.createDataChannel
  // The server's connection is the first to be made; every one passes here.
  werift.RTCPeerConnection.prototype.createDataChannel = function (...given) {
    if (!made.includes(this)) made.push(this)
    return create.apply(this, given)
  }
  const viewer = keep(new TestViewer())
  try {
    await viewer.join(audience, relay)
  } finally {
    werift.RTCPeerConnection.prototype.createDataChannel = create
  }
  let packets = 0
  for (const connection of made) {
    const { association, session } = insidesOf(connection)
    if (session()?.sessionType === 1) continue
    const handleData = association.handleData
    association.handleData = (packet) => {
      packets += 1
      return handleData.call(association, packet)
    }
  }
  for (let n = 1; n <= 5; n += 1) viewer.send({ type: 'ping', sent: n })
  const pongs = () => viewer.control.filter((message) => message.type === 'pong').length
  await viewer.until(() => pongs() >= 5)
  const before = { packets, sealed: sealed.length }
  for (let round = 0; round < 4; round += 1)
    for (const packet of sealed.slice(0, before.sealed)) relay.inject(packet)
  // Behind them all on the same path: when it has been answered, they have been looked at.
  viewer.send({ type: 'ping', sent: 99 })
  await viewer.until(() => pongs() >= 6)
  expect(before.sealed).toBeGreaterThan(5)
  // Four rounds would be four times as many; what came before the window was there may be opened once more.
  expect(packets - before.packets).toBeLessThan(2 * before.sealed)
  expect(viewer.ended).toBeUndefined()
})
