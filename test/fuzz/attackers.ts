// Those who send what nobody should: strangers on the network, viewers who have the PIN and mean harm, pages gone mad.
// Each says how many messages it has sent; none waits for an answer longer than it takes to send the next.

import { createSocket } from 'node:dgram'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { werift } from '../../src/transport/werift.ts'
import { dataChunk, HostileViewer } from '../src/transport/hostile-viewer.ts'
import { backDoor, postFrom } from './back-door.ts'
import type { SeededHand } from './seeded-hand.ts'

export type Target = { url: string; cookie: string }

/** Datagrams at once: more would be lost in the socket's own buffer and test nothing. */
const BATCH = 40
/** A viewer is given up after 32 packets that no browser sends. */
const PER_HOSTILE = 32

const CLIENT_HELLO = Buffer.from(
  '16fefd0000000000000000003a010000260000000000000026fefd'.padEnd(2 * 60, '07'),
  'hex',
)
const ALERT = Buffer.from('15fefd000000000000000900020100', 'hex')
const SEALED = Buffer.from(`17fefd00010000000000200020${'5a'.repeat(32)}`, 'hex')

/** A datagram that looks like something: STUN, DTLS, or nothing at all. */
function datagram(hand: SeededHand, user: string): Buffer {
  const kind = hand.below(5)
  if (kind === 0) return hand.bytes(hand.below(200))
  if (kind === 1) {
    const message = new werift.Message(1, hand.pick([0, 0x100, 0x110]))
    message.setAttribute('USERNAME', `${user}:${hand.bytes(3).toString('hex')}`).setAttribute('PRIORITY', 1)
    message.addMessageIntegrity(hand.bytes(8)).addFingerprint()
    return hand.chance(0.5) ? message.bytes : hand.damaged(message.bytes)
  }
  return hand.damaged(hand.pick([CLIENT_HELLO, ALERT, SEALED]))
}

/** Datagrams from addresses nobody has named, to the ports where viewers are served. */
export async function strangers(hand: SeededHand, ports: readonly number[], count: number): Promise<number> {
  const sockets = Array.from({ length: 8 }, () => createSocket('udp4'))
  for (const [index, socket] of sockets.entries()) {
    socket.on('error', () => {})
    socket.bind(0, `127.0.0.${index + 2}`)
  }
  for (let sent = 0; sent < count; sent += 1) {
    hand.pick(sockets).send(datagram(hand, 'abcd'), hand.pick(ports), '127.0.0.1')
    if (sent % BATCH === BATCH - 1) await sleep(1)
  }
  await sleep(50)
  for (const socket of sockets) socket.close()
  return count
}

/** Streams to the TCP port of viewers without UDP: packets damaged, cut short, without a length, or under a name that is known. */
export async function streams(
  hand: SeededHand,
  port: number,
  users: readonly string[],
  count: number,
): Promise<number> {
  for (let sent = 0; sent < count; ) {
    const socket = connect({ port, host: '127.0.0.1', localAddress: `127.0.0.${2 + hand.below(250)}` })
    socket.on('error', () => {})
    for (let n = 1 + hand.below(6); n > 0 && sent < count; n -= 1, sent += 1) {
      const bytes = datagram(hand, hand.pick(users))
      const length = Buffer.alloc(2)
      length.writeUInt16BE(hand.chance(0.8) ? bytes.length : hand.below(65_536))
      socket.write(hand.chance(0.9) ? Buffer.concat([length, bytes]) : bytes)
    }
    await sleep(2)
    if (hand.chance(0.5)) socket.destroy()
    else socket.end()
  }
  return count
}

/** One connected viewer after another, each sending damage until it must have been thrown out. */
export async function hostileViewers(hand: SeededHand, target: Target, count: number): Promise<number> {
  let sent = 0
  for (let n = 0; sent < count; n += 1) {
    const viewer = new HostileViewer()
    try {
      await viewer.join(backDoor(target, n))
      for (let i = 0; i < PER_HOSTILE && sent < count; i += 1, sent += 1) {
        hand.pick(HOSTILITIES)(viewer, hand)
        if (i % 8 === 7) await sleep(1)
      }
      await sleep(5)
    } finally {
      await viewer.close()
    }
  }
  return sent
}

const CHUNK_TYPES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 14, 130, 192]

/** What a connected viewer may do. */
const HOSTILITIES: readonly ((viewer: HostileViewer, hand: SeededHand) => void)[] = [
  /** Inside the tunnel: SCTP with a sound header and senseless chunks. */
  (viewer, hand) => {
    const chunk = hand.bytes(4 + hand.below(40))
    chunk[0] = hand.chance(0.9) ? hand.pick(CHUNK_TYPES) : hand.below(256)
    if (hand.chance(0.6)) chunk.writeUInt16BE(chunk.length, 2)
    if (chunk.length >= 8) chunk.writeUInt32BE(nextTsn(viewer, hand), 4)
    viewer.chunks(chunk)
  },
  /** Inside the tunnel: a packet that was sound before it was damaged. */
  (viewer, hand) => {
    viewer.raw(hand.damaged(viewer.packet(dataChunk({ tsn: nextTsn(viewer, hand) }))))
  },
  /** A message on one of the channels: a question for slices, a report, a ping, or something like it. */
  (viewer, hand) => {
    const value = hand.damagedValue(hand.pick(WORDS))
    const text = hand.chance(0.8) ? JSON.stringify(value) : hand.damagedText(JSON.stringify(value))
    const body = Buffer.from(text ?? 'undefined').subarray(0, 1000)
    viewer.message(hand.below(2), hand.chance(0.9) ? 51 : hand.pick([50, 53, 56, 57]), body)
  },
  /** A DTLS record sealed with the session's own keys, of any type, holding anything. */
  (viewer, hand) => {
    const inside = hand.chance(0.5) ? hand.damaged(CLIENT_HELLO.subarray(13)) : hand.bytes(hand.below(60))
    viewer.record(hand.pick([20, 21, 22, 22, 22, 23, 24, 63]), inside)
  },
  /** Past the tunnel, from the viewer's own address. */
  (viewer, hand) => viewer.datagram(datagram(hand, viewer.insides.ice.remoteUsername)),
]

const WORDS: readonly unknown[] = [
  { type: 'nack', epoch: 1, gaps: [{ frame: 100, slices: [0, 1, 2], from: 3 }] },
  { type: 'nack', epoch: 2 ** 40, gaps: [{ frame: 2 ** 40, slices: [] }] },
  { type: 'report', epoch: 1, frame: 100, late: 0, missing: 0 },
  { type: 'ping', sent: 1 },
  { type: 'verify', on: true },
]

function nextTsn(viewer: HostileViewer, hand: SeededHand): number {
  return (viewer.insides.association.localTsn + hand.below(50)) >>> 0
}

/** Handshakes in which some of the datagrams are damaged on the way. */
export async function badHandshakes(hand: SeededHand, target: Target, count: number): Promise<number> {
  let sent = 0
  for (let n = 0; sent < count; n += 1) {
    const viewer = new HostileViewer()
    viewer.insides.onSession((session) => {
      const { send } = session.transport
      session.transport.send = (bytes) => {
        if (hand.chance(0.5)) return send(bytes)
        sent += 1
        return send(hand.damaged(bytes))
      }
    })
    const door = backDoor(target, n)
    const { peer, sdp } = await door.open()
    await door.answer(peer, await viewer.answer(sdp))
    await sleep(300)
    await viewer.close()
  }
  return sent
}

/** Messages on the signaling socket, each socket until it is closed for them. */
export async function madPages(hand: SeededHand, { url, cookie }: Target, count: number): Promise<number> {
  const address = new URL('/signal', url.replace(/^http/, 'ws'))
  let sent = 0
  for (let n = 0; sent < count; n += 1) {
    const socket = new WebSocket(address, {
      headers: { cookie },
      localAddress: `127.0.0.${2 + (n % 250)}`,
      perMessageDeflate: false,
    })
    socket.on('error', () => {})
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
    await Promise.race([new Promise((resolve) => socket.once('open', resolve)), closed])
    for (let i = 0; i < 4 && sent < count && socket.readyState === WebSocket.OPEN; i += 1, sent += 1) {
      const value = hand.damagedValue(hand.pick(SIGNALS))
      const text = JSON.stringify(value) ?? 'undefined'
      if (hand.chance(0.1)) socket.send(hand.bytes(hand.below(300)))
      else socket.send(hand.chance(0.3) ? hand.damagedText(text) : text)
    }
    socket.close()
    const deadline = setTimeout(() => socket.terminate(), 1000)
    await closed
    clearTimeout(deadline)
  }
  return sent
}

const SIGNALS: readonly unknown[] = [
  { type: 'auth', pin: '000' },
  { type: 'answer', peer: '0123456789abcdef', sdp: 'v=0' },
  { type: 'candidate', peer: '0123456789abcdef', candidate: 'candidate:1 1 udp 1 127.0.0.1 9 typ host' },
  { type: 'carry' },
  { type: 'leave', peer: '0123456789abcdef' },
  { type: 'control', text: JSON.stringify({ type: 'ping', sent: 1 }) },
]

/** Answers to real offers, damaged. */
export async function badAnswers(hand: SeededHand, target: Target, count: number): Promise<number> {
  const model = new HostileViewer()
  const answer = await model.answer((await backDoor(target, 254).open()).sdp)
  await model.close()
  for (let sent = 0; sent < count; sent += 1) {
    const door = backDoor(target, sent)
    const { peer } = await door.open()
    await door.answer(peer, hand.damagedText(answer.replaceAll('\r\n', '\n')).replaceAll('\n', '\r\n'))
  }
  return count
}

/** Bodies of requests about a connection, damaged. */
export async function badBodies(hand: SeededHand, { url, cookie }: Target, count: number): Promise<number> {
  for (let sent = 0; sent < count; sent += 1) {
    const value = hand.damagedValue({ peer: hand.bytes(8).toString('hex'), sdp: 'v=0\r\n' })
    const text = JSON.stringify(value) ?? ''
    const body = hand.chance(0.3) ? hand.damagedText(text) : text
    await postFrom(new URL('/api/answer', url), cookie, 2 + (sent % 250), body)
  }
  return count
}
