// Trap 2 for real: a connected viewer that means harm, and one beside it that must not notice.

import { afterEach, beforeEach, expect, test } from 'vitest'
import type { FrameBus } from '../../../src/encode/frame-bus.ts'
import type { Audience } from '../../../src/transport/audience.ts'
import { dataChunk, HostileViewer } from './hostile-viewer.ts'
import { seededRandom } from './lossy-relay.ts'
import { frame, indexOf, openAudience, TestViewer } from './studio.ts'

let audience: Audience
let bus: FrameBus
let witness: TestViewer
let hostile: HostileViewer

beforeEach(async () => {
  ;({ audience, bus } = openAudience())
  witness = await new TestViewer().join(audience)
  hostile = await new HostileViewer().join(audience)
})
afterEach(async () => {
  witness.close()
  await hostile.close()
  await audience.close()
})

/** The other viewer still gets frames, which it cannot when the process hangs or has died. */
async function expectUnharmed(index: number): Promise<void> {
  await witness.until(() => witness.frames.length > 0)
  bus.publish(frame(index))
  await witness.until(() => witness.frames.some((bytes) => indexOf(bytes) === index))
}

/** The hostile one is gone, for what it sent and not for its silence. */
async function givenUp(): Promise<void> {
  await witness.until(() => audience.stats().length === 1)
  expect(audience.diagnose().past.at(-1)).toMatchObject({ id: hostile.id.slice(0, 4), ended: 'malformed' })
}

// Without the guard each of these is an unhandled rejection, which ends Node (and this test run), or never returns.
test.each<[string, (viewer: HostileViewer) => void]>([
  ['two bytes', (viewer) => viewer.raw(Buffer.from('hi'))],
  [
    'a bad checksum',
    (viewer) => viewer.raw(Buffer.concat([viewer.packet().fill(1), Buffer.from('06000004', 'hex')])),
  ],
  ['an unknown chunk', (viewer) => viewer.chunks(Buffer.from('63000004', 'hex'))],
  [
    'an unknown payload protocol',
    (viewer) => viewer.chunks(dataChunk({ tsn: viewer.insides.association.localTsn, protocol: 999 })),
  ],
  [
    'an acknowledgement for a channel never opened',
    (viewer) =>
      viewer.chunks(
        dataChunk({
          tsn: viewer.insides.association.localTsn,
          stream: 77,
          protocol: 50,
          body: Buffer.from([2]),
        }),
      ),
  ],
  ['a chunk of length zero', (viewer) => viewer.chunks(Buffer.from('0600000000000000', 'hex'))],
  ['a parameter of length zero', (viewer) => viewer.chunks(Buffer.from('0400000c0001000001020304', 'hex'))],
  [
    'a second SHUTDOWN',
    (viewer) => {
      for (let i = 0; i < 2; i += 1) viewer.chunks(Buffer.from('0700000800000000', 'hex'))
    },
  ],
])('trap 2: %s harms nobody', async (_name, attack) => {
  attack(hostile)
  await expectUnharmed(500)
})

test('a viewer that keeps sending what no browser sends is given up', async () => {
  for (let i = 0; i < 40; i += 1) hostile.chunks(Buffer.from('63000004', 'hex'))
  await givenUp()
  await expectUnharmed(501)
})

test('fragments that never make a message do not pile up', async () => {
  const { localTsn } = hostile.insides.association
  for (let i = 0; i < 200; i += 1) {
    hostile.chunks(dataChunk({ tsn: localTsn + i, flags: i === 0 ? 2 : 0, body: Buffer.alloc(1000) }))
  }
  await givenUp()
  await expectUnharmed(502)
})

test('thousands of packets damaged by a seeded hand: no crash, no hang, the neighbour sees every frame', async () => {
  const random = seededRandom(77)
  const pick = (below: number) => Math.floor(random() * below)
  let attackers = 1
  let index = 1000
  await witness.until(() => witness.frames.length > 0)
  for (let i = 0; i < 3000; i += 1) {
    const types = [0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 14, 130, 192, pick(256)]
    const chunk = Buffer.from(Array.from({ length: 4 + pick(40) }, () => pick(256)))
    chunk[0] = types[pick(types.length)]!
    // Half of them say their true length, so that damage behind the header is reached.
    if (random() < 0.5) chunk.writeUInt16BE(chunk.length, 2)
    if (random() < 0.5 && chunk.length >= 8)
      chunk.writeUInt32BE((hostile.insides.association.localTsn + pick(50)) >>> 0, 4)
    hostile.chunks(chunk)
    if (i % 30 === 29) {
      bus.publish(frame(index++, 1))
      await new Promise((resolve) => setImmediate(resolve))
      if (!audience.stats().some(({ id }) => id === hostile.id)) {
        await hostile.close()
        hostile = await new HostileViewer().join(audience)
        attackers += 1
      }
    }
  }
  expect(witness.ended).toBeUndefined()
  await witness.until(() => witness.frames.some((bytes) => indexOf(bytes) === index - 1))
  const got = new Set(witness.frames.map(indexOf))
  expect(Array.from({ length: index - 1000 }, (_, n) => 1000 + n).filter((n) => !got.has(n))).toEqual([])
  // It was thrown out again and again, and came back.
  expect(attackers).toBeGreaterThan(3)
})
