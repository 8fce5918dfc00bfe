// Traps 1, 3 and 12 and the handshake, on real connections whose datagrams are watched, forged or lost on the way.

import { KeyObject } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { afterEach, expect, test } from 'vitest'
import { insidesOf, werift } from '../../../src/transport/werift.ts'
import { HostileViewer } from './hostile-viewer.ts'
import { LossyRelay, type LossyRelayOptions } from './lossy-relay.ts'
import { RecordBook } from './record-book.ts'
import { frame, indexOf, openAudience, TestViewer } from './studio.ts'

const open: { close(): unknown }[] = []
const keep = <T extends { close(): unknown }>(thing: T): T => {
  open.push(thing)
  return thing
}
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close()
})

const studio = () => {
  const both = openAudience()
  keep(both.audience)
  return both
}
const relayed = (options: Partial<LossyRelayOptions> = {}) => keep(new LossyRelay({ seed: 1, ...options }))

test('trap 1: no record number and no nonce is used twice, in either direction', async () => {
  const { bus, audience } = studio()
  const relay = relayed()
  const books = { 'to-viewer': new RecordBook(), 'to-server': new RecordBook() }
  relay.onPacket = (packet, direction) => books[direction].read(packet)
  const viewer = await keep(new TestViewer()).join(audience, relay)
  for (let index = 1; index <= 30; index += 1) {
    viewer.send({ type: 'ping', sent: index })
    bus.publish(frame(index))
    await viewer.until(() => viewer.frames.some((bytes) => indexOf(bytes) === index))
  }
  for (const book of Object.values(books)) {
    expect(book.records).toBeGreaterThan(30)
    expect(book).toMatchObject({ repeatedNumbers: 0, repeatedNonces: 0, missing: 0 })
  }
})

const FORGERIES: [string, Buffer][] = [
  ['a close_notify alert', Buffer.from('15fefd000000000000000900020100', 'hex')],
  ['a fatal alert', Buffer.from('15fefd00000000000000090002022f', 'hex')],
  ['an alert that pretends to be sealed', Buffer.from('15fefd000100000000ffff00020100', 'hex')],
  ['a sealed record of an unknown type', Buffer.from('3ffefd000100000000ffff00020100', 'hex')],
  ['plaintext application data', Buffer.from('17fefd000000000000000900020100', 'hex')],
  ['a ClientHello', clientHello()],
  ['half a record', Buffer.from('16fefd0000', 'hex')],
  ['1,400 bytes of 22', Buffer.alloc(1400, 22)],
  ['an empty datagram', Buffer.alloc(0)],
  ['64 bytes of 128', Buffer.alloc(64, 128)],
]

function clientHello(): Buffer {
  const body = Buffer.concat([
    Buffer.from('fefd', 'hex'),
    Buffer.alloc(32, 7),
    Buffer.from('0000', 'hex'),
    Buffer.from('0002c02b', 'hex'),
    Buffer.from('0100', 'hex'),
  ])
  const message = Buffer.alloc(12)
  message[0] = 1
  message.writeUIntBE(body.length, 1, 3)
  message.writeUIntBE(body.length, 9, 3)
  const record = Buffer.from('16fefd00000000000000010000', 'hex')
  record.writeUInt16BE(12 + body.length, 11)
  return Buffer.concat([record, message, body])
}

test.each(FORGERIES)(
  'trap 3: %s, from a stranger and under the viewer’s address, ends nothing',
  async (_name, bytes) => {
    const { bus, audience } = studio()
    const relay = relayed()
    const viewer = await keep(new TestViewer()).join(audience, relay)
    await viewer.until(() => viewer.frames.length > 0)
    const stranger = keep(createSocket('udp4'))
    await new Promise<void>((resolve) => stranger.bind(0, '127.0.0.1', resolve))
    await new Promise((resolve) => stranger.send(bytes, relay.serverPort, '127.0.0.1', resolve))
    relay.inject(bytes)
    for (let index = 1; index <= 5; index += 1) {
      bus.publish(frame(index))
      await viewer.until(() => viewer.frames.some((got) => indexOf(got) === index))
    }
    expect(audience.size).toBe(1)
    expect(viewer.ended).toBeUndefined()
  },
)

test('a stranger’s handshake messages do not disturb a join', async () => {
  const { audience } = studio()
  const relay = relayed({ delayMs: 10 })
  const stranger = keep(createSocket('udp4'))
  await new Promise<void>((resolve) => stranger.bind(0, '127.0.0.1', resolve))
  // A Finished before its time, a hello, a message of the wrong length: what ends a handshake that listens to it.
  const finished = Buffer.from(`16fefd000000000000000500181400000c000500000000000c${'00'.repeat(12)}`, 'hex')
  const garbled = Buffer.from('16fefd0000000000000006000d010000010000000000000001ff', 'hex')
  const flood = setInterval(() => {
    if (relay.serverPort === 0) return
    for (const bytes of [finished, clientHello(), garbled])
      stranger.send(bytes, relay.serverPort, '127.0.0.1')
  }, 2)
  keep({ close: () => clearInterval(flood) })
  for (let i = 0; i < 3; i += 1) await keep(new TestViewer()).join(audience, relay)
  await expect.poll(() => audience.size).toBe(3)
})

test('a STUN request without our password is not answered, and nobody is remembered for it', async () => {
  const { audience } = studio()
  const relay = relayed()
  await keep(new TestViewer()).join(audience, relay)
  const stranger = keep(createSocket('udp4'))
  await new Promise<void>((resolve) => stranger.bind(0, '127.0.0.1', resolve))
  const answers: string[] = []
  stranger.on('message', (bytes) => answers.push(bytes.toString('latin1')))
  const { port } = stranger.address()
  // Bare, and with the right shape of user name but a made-up key.
  const bare = Buffer.from('000100002112a442000102030405060708090a0b', 'hex')
  const request = new werift.Message(1, 0)
  request.setAttribute('USERNAME', `${relay.serverUser}:abcd`).setAttribute('PRIORITY', 1)
  request.setAttribute('ICE-CONTROLLED', 1n).addMessageIntegrity(Buffer.from('guessed')).addFingerprint()
  for (const bytes of [bare, request.bytes]) stranger.send(bytes, relay.serverPort, '127.0.0.1')
  const seen = () => audience.diagnose().viewers[0]!
  await expect.poll(() => seen().refused?.stun).toBe(2)
  // An answer would lie before this in the stranger's socket; a check the server means to send would have a pair.
  stranger.send('the end', port, '127.0.0.1')
  await expect.poll(() => answers.at(-1)).toBe('the end')
  expect(answers).toEqual(['the end'])
  expect(seen().tried.filter(({ remote }) => remote.endsWith(`:${port}`))).toEqual([])
  expect(seen().refused).toMatchObject({ stranger: 0 })
})

test('a sealed close_notify of the viewer itself does end its session', async () => {
  const { audience } = studio()
  const hostile = keep(await new HostileViewer().join(audience))
  const witness = keep(await new TestViewer().join(audience))
  hostile.record(21, Buffer.from([1, 0]))
  await witness.until(() => audience.stats().length === 1)
  // And not its silence.
  expect(audience.diagnose().past.at(-1)?.ended).toBe('remote-closed')
})

test('trap 12: the keys of a connected session are KeyObjects', async () => {
  const { audience } = studio()
  const connections: InstanceType<typeof werift.RTCPeerConnection>[] = []
  const create = werift.RTCPeerConnection.prototype.createDataChannel
  // The one way to look inside a viewer without a door in the code for it: every connection passes here once.
  werift.RTCPeerConnection.prototype.createDataChannel = function (...given) {
    if (!connections.includes(this)) connections.push(this)
    return create.apply(this, given)
  }
  try {
    const viewer = await keep(new TestViewer()).join(audience)
    await viewer.until(() => viewer.frames.length > 0)
  } finally {
    werift.RTCPeerConnection.prototype.createDataChannel = create
  }
  expect(connections).toHaveLength(2)
  for (const connection of connections) {
    const aead = insidesOf(connection).session()?.cipher.cipher
    expect(aead?.clientWriteKey).toBeInstanceOf(KeyObject)
    expect(aead?.serverWriteKey).toBeInstanceOf(KeyObject)
  }
})

test('joins succeed through 15 % loss, each way, of every packet of the handshake', async () => {
  const { audience } = studio()
  const relay = relayed({ loss: 0.15, seed: 21 })
  for (let i = 0; i < 8; i += 1) {
    const viewer = await keep(new TestViewer()).join(audience, relay)
    expect(viewer.ended).toBeUndefined()
  }
}, 60_000)

test('joins succeed when every packet comes twice and overtakes others', async () => {
  const { audience } = studio()
  const relay = relayed({ duplicate: 1, jitterMs: 30, seed: 5 })
  for (let i = 0; i < 4; i += 1) await keep(new TestViewer()).join(audience, relay)
})
