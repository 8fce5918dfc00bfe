// Viewers that come in over TCP: the one port, what it demands before it hands a connection over, and a stream cut into packets.

import { connect, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { FrameBus } from '../../../src/encode/frame-bus.ts'
import type { Audience } from '../../../src/transport/audience.ts'
import { IceTcpPort } from '../../../src/transport/ice-tcp-port.ts'
import { MAX_FRAME_BYTES, TcpFrames } from '../../../src/transport/tcp-frames.ts'
import { insidesOf, werift } from '../../../src/transport/werift.ts'
import { frame, indexOf, openAudience, TestViewer } from './studio.ts'

const framed = (bytes: Buffer) => Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes])

test('a stream is cut into packets wherever it was cut on the way', () => {
  const packets = [Buffer.from('ab'), Buffer.alloc(MAX_FRAME_BYTES, 7), Buffer.from('c')]
  const stream = Buffer.concat(packets.map(framed))
  for (const step of [1, 2, 3, 700, stream.length]) {
    const frames = new TcpFrames()
    const got: Buffer[] = []
    for (let at = 0; at < stream.length; at += step)
      got.push(...(frames.push(stream.subarray(at, at + step)) ?? []))
    expect(got).toEqual(packets)
  }
})

test('a length of nothing, and one no packet has, end a stream at once', () => {
  expect(new TcpFrames().push(Buffer.from([0, 0]))).toBeUndefined()
  expect(new TcpFrames().push(Buffer.from([(MAX_FRAME_BYTES + 1) >> 8, (MAX_FRAME_BYTES + 1) & 255]))).toBe(
    undefined,
  )
})

let audience: Audience
let bus: FrameBus
let port: number
const sockets: Socket[] = []

beforeEach(async () => {
  const free = await IceTcpPort.open(0)
  port = free.port
  free.close()
  ;({ audience, bus } = openAudience({ iceTcp: port }))
})
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy()
  audience.close()
})

function knock(bytes: Buffer): Promise<'closed' | 'kept'> {
  const socket = connect(port, '127.0.0.1')
  sockets.push(socket)
  socket.on('error', () => {})
  socket.write(bytes)
  return new Promise((resolve) => {
    socket.once('close', () => resolve('closed'))
    setTimeout(() => resolve('kept'), 1500).unref()
  })
}

test('the offer names the port under every address, behind all of UDP', async () => {
  const { sdp } = await audience.open({ id: 'x', address: '127.0.0.1' })
  const lines = sdp.split('\r\n').filter((line) => line.startsWith('a=candidate:'))
  const priority = (line: string) => Number(line.split(' ')[3])
  const tcp = lines.filter((line) => line.endsWith(`127.0.0.1 ${port} typ host tcptype passive`))
  expect(tcp).toHaveLength(1)
  expect(lines.filter((line) => line.includes(' 0.0.0.0 '))).toEqual([])
  const udp = lines.filter((line) => line.includes(' udp '))
  expect(priority(tcp[0]!)).toBeLessThan(Math.min(...udp.map(priority)))
})

test('who does not say with a STUN request where he belongs is cut off, and so is who says it wrongly', async () => {
  const { sdp } = await audience.open({ id: 'x', address: '127.0.0.1' })
  const user = /^a=ice-ufrag:(\S+)/m.exec(sdp)?.[1] ?? ''
  const request = (name: string) => {
    const message = new werift.Message(1, 0)
    message.setAttribute('USERNAME', `${name}:abcd`).setAttribute('PRIORITY', 1)
    return message.addMessageIntegrity(Buffer.from('guessed')).addFingerprint().bytes
  }
  expect(await knock(Buffer.from('GET / HTTP/1.1\r\n\r\n'))).toBe('closed')
  expect(await knock(framed(Buffer.alloc(40, 22)))).toBe('closed')
  expect(await knock(framed(request('nobody')))).toBe('closed')
  // The right name with a made-up key is let in as far as the guard, which answers nothing; nobody else is harmed.
  expect(await knock(framed(request(user)))).toBe('kept')
  const viewer = await new TestViewer().join(audience)
  await viewer.until(() => viewer.frames.length > 0)
  bus.publish(frame(77))
  await viewer.until(() => viewer.frames.some((bytes) => indexOf(bytes) === 77))
  viewer.close()
})

test('a connection that waits for a viewer who ends meanwhile is closed', async () => {
  const { peer, sdp } = await audience.open({ id: 'x', address: '127.0.0.1' })
  const message = new werift.Message(1, 0)
  message.setAttribute('USERNAME', `${/^a=ice-ufrag:(\S+)/m.exec(sdp)?.[1]}:abcd`).setAttribute('PRIORITY', 1)
  const end = knock(framed(message.addMessageIntegrity(Buffer.from('guessed')).addFingerprint().bytes))
  setTimeout(() => audience.close(peer), 150)
  expect(await end).toBe('closed')
})

test('a viewer without UDP gets its frames over TCP, and its end is noticed', async () => {
  const connection = new werift.RTCPeerConnection({
    iceServers: [],
    iceUseIpv6: false,
    iceUseTcp: true,
    iceTcpPassive: false,
  } as ConstructorParameters<typeof werift.RTCPeerConnection>[0])
  const channels = [0, 1].map((id) =>
    connection.createDataChannel('x', { negotiated: true, ordered: id === 1, id }),
  )
  const got: number[] = []
  channels[0]!.onMessage.subscribe((data) => typeof data !== 'string' && got.push(indexOf(data)))
  const { ice } = insidesOf(connection)
  ice.stunServer = undefined
  const { peer, sdp } = await audience.open({ id: 'x', address: '127.0.0.1' })
  const tcpOnly = sdp
    .split('\r\n')
    .filter((line) => !line.startsWith('a=candidate:') || line.includes(' tcp '))
    .join('\r\n')
  await connection.setRemoteDescription({ type: 'offer', sdp: tcpOnly })
  await connection.setLocalDescription(await connection.createAnswer())
  const answer = connection.localDescription?.sdp ?? ''
  await audience.answer(peer, answer.replaceAll(/^a=(candidate|end-of).*\r\n/gm, ''))
  await expect.poll(() => audience.size, { timeout: 15_000 }).toBe(1)
  expect(ice.nominated?.protocol.localCandidate).toMatchObject({ tcptype: 'active' })
  for (let index = 500; index < 520; index += 1) {
    bus.publish(frame(index))
    await expect.poll(() => got.filter((each) => each === index).length).toBe(2)
  }
  await connection.close()
  await expect.poll(() => audience.size, { timeout: 10_000 }).toBe(0)
})
