// Who may end a DTLS handshake well: only whom signaling named, who holds the keys and has seen the same messages. The two
// ends are real; one of them cheats at one point.

import { afterEach, expect, test } from 'vitest'
import { AnsweringPeer } from '../../../src/transport/answering-peer.ts'
import { DtlsScript } from '../../../src/transport/dtls-script.ts'
import { gatherOnce, offerAddresses } from '../../../src/transport/host-candidates.ts'
import { type DtlsInside, type Insides, insidesOf, werift } from '../../../src/transport/werift.ts'
import { HostileViewer } from './hostile-viewer.ts'
import { LossyRelay } from './lossy-relay.ts'
import { frame, indexOf, now, openAudience, TestViewer } from './studio.ts'

/** What only a cheat touches. */
type Cheat = DtlsInside & {
  cipher: {
    verifyData(transcript: Buffer): Buffer
    signatureData(data: Buffer, hash: string): Buffer
    generateKeySignature(hash: string): Buffer
  }
}

const open: { close(): unknown }[] = []
const keep = <T extends { close(): unknown }>(thing: T): T => {
  open.push(thing)
  return thing
}
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close()
})

/** A peer of stock werift whose DTLS session is changed before it has said a word. */
function cheating(cheat: (session: Cheat) => void) {
  const connection = keep(new werift.RTCPeerConnection({ iceServers: [], iceUseIpv6: false }))
  connection.createDataChannel('frames', { negotiated: true, id: 0 })
  const insides: Insides = insidesOf(connection)
  gatherOnce(insides.ice, { stun: false, ipv6: false })
  insides.onSession((session) => cheat(session as Cheat))
  let entered = false
  insides.association.stateChanged.connected.subscribe(() => {
    entered = true
  })
  return { connection, insides, entered: () => entered }
}

async function answerOf(connection: InstanceType<typeof werift.RTCPeerConnection>, offer: string) {
  await connection.setRemoteDescription({ type: 'offer', sdp: offer })
  await connection.setLocalDescription(await connection.createAnswer())
  const answer = connection.localDescription?.sdp ?? ''
  return answer.replaceAll(/^a=(candidate|end-of).*\r\n/gm, '')
}

test.each<[string, (session: Cheat) => void]>([
  ['changes nothing (and does get in)', () => {}],
  [
    'shows a certificate it has no key for',
    ({ cipher }) => {
      const { signatureData } = cipher
      // The certificate stays the one the fingerprint names; what is signed is not the handshake.
      cipher.signatureData = (data, hash) =>
        signatureData.call(cipher, Buffer.concat([data, Buffer.from('x')]), hash)
    },
  ],
  [
    'says in Finished that it saw another handshake',
    ({ cipher }) => {
      const { verifyData } = cipher
      cipher.verifyData = (seen) => verifyData.call(cipher, Buffer.concat([seen, Buffer.from('x')]))
    },
  ],
  [
    'sends a Finished that is too short',
    ({ cipher }) => {
      const { verifyData } = cipher
      cipher.verifyData = (seen) => verifyData.call(cipher, seen).subarray(0, 11)
    },
  ],
])('a viewer that %s', async (name, cheat) => {
  const { audience } = openAudience()
  keep(audience)
  const { connection, entered } = cheating(cheat)
  const { peer, sdp } = await audience.open({ id: 'cheat', address: '127.0.0.1' })
  await audience.answer(peer, await answerOf(connection, sdp))
  const honest = name.startsWith('changes nothing')
  if (honest) await expect.poll(entered).toBe(true)
  else await expect.poll(() => audience.stats().some(({ id }) => id === peer)).toBe(false)
  expect(entered()).toBe(honest)
})

test.each<[string, (session: Cheat) => void]>([
  ['changes nothing (and is believed)', () => {}],
  [
    'shows a certificate it has no key for',
    ({ cipher }) => {
      const { generateKeySignature } = cipher
      cipher.generateKeySignature = (hash) => {
        const signature = Buffer.from(generateKeySignature.call(cipher, hash))
        signature[signature.length - 1]! ^= 1
        return signature
      }
    },
  ],
  [
    'says in Finished that it saw another handshake',
    ({ cipher }) => {
      cipher.verifyData = () => Buffer.alloc(12, 7)
    },
  ],
])('a server that %s', async (name, cheat) => {
  const { connection } = cheating((session) => cheat(session))
  await connection.setLocalDescription(await connection.createOffer())
  const viewer = keep(new AnsweringPeer())
  let opened = false
  let ended: string | undefined
  viewer.onOpen(() => {
    opened = true
  })
  viewer.onClosed((why) => {
    ended = why
  })
  const answer = await viewer.accept(offerAddresses(connection.localDescription?.sdp ?? '', ['127.0.0.1']))
  await connection.setRemoteDescription({ type: 'answer', sdp: answer })
  const honest = name.startsWith('changes nothing')
  await expect.poll(() => (honest ? opened : ended !== undefined)).toBe(true)
  expect(opened).toBe(honest)
})

test('plaintext alerts and Finished under the viewer’s address do not end its handshake', async () => {
  const { audience } = openAudience()
  keep(audience)
  const relay = keep(new LossyRelay({ seed: 3, delayMs: 10 }))
  const alerts = ['15fefd000000000000000900020228', '15fefd000000000000000900020100']
  const finished = (sequence: number) => {
    const record = Buffer.from(`16fefd000000000000000500181400000c000000000000000c${'00'.repeat(12)}`, 'hex')
    record.writeUInt16BE(sequence, 17)
    return record
  }
  let datagrams = 0
  // Behind every datagram of the viewer, as somebody beside it would who cannot stop it.
  relay.onPacket = (packet, direction) => {
    if (direction !== 'to-server' || packet[0]! < 20 || packet[0]! > 25) return
    datagrams += 1
    for (const alert of alerts) relay.inject(Buffer.from(alert, 'hex'))
    for (let sequence = 0; sequence < 8; sequence += 1) relay.inject(finished(sequence))
  }
  const viewer = await keep(new TestViewer()).join(audience, relay)
  expect(viewer.ended).toBeUndefined()
  expect(datagrams).toBeGreaterThan(5)
})

test('a second key exchange, behind what the viewer has signed, ends the handshake', async () => {
  const { audience } = openAudience()
  keep(audience)
  const { connection, entered } = cheating((session) => {
    const { send } = session.transport
    session.transport.send = async (datagram) => {
      // Record header of 13 bytes, then the message: its type, its length, its number.
      if (datagram[0] !== 22 || datagram.readUInt16BE(3) !== 0 || datagram[13] !== 16) return send(datagram)
      const again = Buffer.from(datagram)
      // In the place of Finished, which comes behind the signature.
      again.writeUInt16BE(again.readUInt16BE(17) + 2, 17)
      await send(again)
      await send(datagram)
    }
  })
  const { peer, sdp } = await audience.open({ id: 'cheat', address: '127.0.0.1' })
  await audience.answer(peer, await answerOf(connection, sdp))
  await expect.poll(() => audience.stats().some(({ id }) => id === peer)).toBe(false)
  expect(entered()).toBe(false)
})

test('a connected viewer that shakes hands again, and goes on doing so, changes nothing', async () => {
  // A clock that stands still: the one that never speaks on control is not given up as silent, however slow the machine.
  const began = now()
  const { audience, bus } = openAudience({ now: () => began })
  keep(audience)
  const hostile = keep(await new HostileViewer().join(audience))
  const message = (type: number, sequence: number) => {
    const bytes = Buffer.alloc(12 + 1000, 7)
    bytes[0] = type
    bytes.writeUIntBE(1000, 1, 3)
    bytes.writeUInt16BE(sequence, 4)
    bytes.writeUIntBE(0, 6, 3)
    bytes.writeUIntBE(1000, 9, 3)
    return bytes
  }
  // A ClientHello would make werift throw the keys away; the others would be kept, message after message.
  for (let sequence = 0; sequence < 60; sequence += 1)
    for (const type of [1, 11, 16, 20]) hostile.record(22, message(type, sequence))
  const witness = keep(await new TestViewer().join(audience))
  await witness.until(() => witness.frames.length > 0)
  for (let index = 50; index < 55; index += 1) {
    bus.publish(frame(index))
    await witness.until(() => witness.frames.some((bytes) => indexOf(bytes) === index))
  }
  // The same keys still open what the viewer sends: its close_notify ends its session, and only that.
  hostile.record(21, Buffer.from([1, 0]))
  await witness.until(() => audience.size === 1)
  expect(audience.diagnose().past).toMatchObject([{ ended: 'remote-closed' }])
})

const CLIENT = [1, 1, 11, 16, 15, 20]
const SERVER = [3, 2, 11, 12, 13, 14, 20]
const plays = (other: 'client' | 'server', types: readonly number[]) => {
  const script = new DtlsScript(other)
  return types.every((type) => script.take(type))
}

test('the handshake of a browser and of a server is in turn, with one hello or two', () => {
  expect(plays('client', CLIENT)).toBe(true)
  expect(plays('client', CLIENT.slice(1))).toBe(true)
  expect(plays('server', SERVER)).toBe(true)
  expect(plays('server', SERVER.slice(1))).toBe(true)
  expect(
    plays(
      'server',
      SERVER.filter((type) => type !== 13),
    ),
  ).toBe(true)
})

test('no message may be left out, said twice, or come in another’s place', () => {
  for (const [other, types] of [
    ['client', CLIENT.slice(1)],
    ['server', SERVER.slice(1).filter((type) => type !== 13)],
  ] as const) {
    for (let i = 0; i < types.length; i += 1) {
      const last = i === types.length - 1
      expect(plays(other, types.toSpliced(i, 1)) && !last).toBe(false)
      // A client may say hello twice.
      if (types[i] !== 1) expect(plays(other, types.toSpliced(i, 0, types[i]!))).toBe(false)
      if (!last) expect(plays(other, types.toSpliced(i, 2, types[i + 1]!, types[i]!))).toBe(false)
    }
  }
  expect(plays('client', [1, 1, 1])).toBe(false)
  expect(plays('client', [...CLIENT, 1])).toBe(false)
})
