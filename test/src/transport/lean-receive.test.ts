// What the short way in takes for an acknowledgement, and what it leaves to the long one; then both on a real connection.

import { afterEach, expect, test } from 'vitest'
import { readSack } from '../../../src/transport/lean-receive.ts'
import { insidesOf, werift } from '../../../src/transport/werift.ts'
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

const TAG = 0x01020304

/** Ports 5000, the tag, a checksum that is right, and these chunks. */
function packet(chunks: string, tag = TAG): Buffer {
  const bytes = Buffer.from(`13881388${tag.toString(16).padStart(8, '0')}00000000${chunks}`, 'hex')
  bytes.writeUInt32LE(werift.crc32c(bytes), 8)
  return bytes
}

//                 type, flags, length | cumulative | window | gaps, duplicates
const PLAIN = '03000010 0000002a 00020000 0000 0000'.replaceAll(' ', '')

test('a SACK alone is read: cumulative, window, gaps, and duplicates passed over', () => {
  expect(readSack(packet(PLAIN), TAG)).toEqual({ cumulativeTsn: 42, advertisedRwnd: 0x20000, gaps: [] })
  const gaps = '0300001c0000002a00020000 0002 0001 00020003 00050009 00000007'.replaceAll(' ', '')
  expect(readSack(packet(gaps), TAG)).toMatchObject({
    gaps: [
      [2, 3],
      [5, 9],
    ],
  })
})

test('anything else is left to the long way', () => {
  const damaged = packet(PLAIN)
  damaged[17]! ^= 1
  const cases = {
    'a bad checksum': damaged,
    'another tag': packet(PLAIN, TAG + 1),
    'more gaps than bytes': packet('030000100000002a0002000000010000'),
    'a length beyond the packet': packet('030000140000002a0002000000000000'),
    'a second chunk': packet(`${PLAIN}${PLAIN}`),
    'too short': packet(PLAIN).subarray(0, 27),
    'another chunk': packet('0b000004'),
    nothing: Buffer.alloc(0),
  }
  for (const [name, bytes] of Object.entries(cases))
    expect([name, readSack(bytes, TAG)]).toEqual([name, undefined])
})

test('the checksum is put back where it was', () => {
  const bytes = packet(PLAIN)
  const before = Buffer.from(bytes)
  readSack(bytes, TAG)
  expect(bytes).toEqual(before)
})

test('acknowledgements never reach werift, all that is sent arrives, and a forged record from the right place changes nothing', async () => {
  // A clock that stands still: nothing is taken for lost because the machine was busy when its acknowledgement came.
  const began = now()
  const { bus, audience } = openAudience({ now: () => began })
  keep(audience)
  const made: InstanceType<typeof werift.RTCPeerConnection>[] = []
  const create = werift.RTCPeerConnection.prototype.createDataChannel
  werift.RTCPeerConnection.prototype.createDataChannel = function (...given) {
    if (!made.includes(this)) made.push(this)
    return create.apply(this, given)
  }
  const relay = keep(new LossyRelay({ seed: 3 }))
  const viewer = keep(new TestViewer())
  try {
    await viewer.join(audience, relay)
  } finally {
    werift.RTCPeerConnection.prototype.createDataChannel = create
  }
  await expect.poll(() => viewer.frames.length).toBeGreaterThan(0)
  const { association } = insidesOf(made[0]!)
  const kinds: number[] = []
  const handleData = association.handleData
  association.handleData = (bytes) => {
    kinds.push(bytes[12]!)
    return handleData.call(association, bytes)
  }
  // As long as a SACK in its record, with a number nobody has used.
  const forged = Buffer.from(`17fefd0001${'0000000f4240'}0034${'00'.repeat(52)}`, 'hex')
  for (let n = 0; n < 40; n += 1) {
    bus.publish(frame(100 + n, 1))
    relay.inject(forged)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  await expect.poll(() => viewer.frames.filter((bytes) => indexOf(bytes) >= 100).length).toBe(40)
  await expect.poll(() => audience.stats()[0]?.unackedBytes).toBe(0)
  expect(audience.stats()[0]).toMatchObject({ packetsLost: 0 })
  expect(kinds.filter((kind) => kind === 3)).toEqual([])
})
