// Viewers that come in over TCP: the one port, what it demands before it hands a connection over, and a stream cut into packets.

import { connect, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
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
const sockets: Socket[] = []

beforeEach(() => {
  // The system chooses the port.
  ;({ audience, bus } = openAudience({ iceTcp: 0 }))
})
afterEach(() => {
  vi.restoreAllMocks()
  for (const socket of sockets.splice(0)) socket.destroy()
  audience.close()
})

const PASSIVE = / 127\.0\.0\.1 (\d+) typ host tcptype passive$/m
const candidatesOf = (sdp: string) => sdp.split('\r\n').filter((line) => line.startsWith('a=candidate:'))
const portOf = (sdp: string) => Number(PASSIVE.exec(sdp)?.[1])

/** Says something to the port an offer names. */
function knock(sdp: string, bytes: Buffer): Socket {
  const socket = connect(portOf(sdp), '127.0.0.1')
  sockets.push(socket)
  socket.on('error', () => {})
  socket.write(bytes)
  return socket
}

/** Resolves when the other end has closed it; rejects when it leaves that to the deadline for connections that say nothing, 5 s. */
function cutOff(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('close', () => resolve())
    setTimeout(() => reject(new Error('it was kept')), 4000).unref()
  })
}

test('the offer names the port under every address, behind all of UDP', async () => {
  const { sdp } = await audience.open({ id: 'x', address: '127.0.0.1' })
  const lines = candidatesOf(sdp)
  const priority = (line: string) => Number(line.split(' ')[3])
  const tcp = lines.filter((line) => PASSIVE.test(line))
  expect(tcp).toHaveLength(1)
  expect(portOf(sdp)).toBeGreaterThan(0)
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
  await cutOff(knock(sdp, Buffer.from('GET / HTTP/1.1\r\n\r\n')))
  await cutOff(knock(sdp, framed(Buffer.alloc(40, 22))))
  await cutOff(knock(sdp, framed(request('nobody'))))
  // The right name with a made-up key is let in as far as the guard, which answers nothing; nobody else is harmed.
  const kept = knock(sdp, framed(request(user)))
  let heard = 0
  kept.on('data', () => (heard += 1))
  await expect.poll(() => audience.diagnose().viewers[0]?.refused?.stun).toBe(1)
  const viewer = await new TestViewer().join(audience)
  await viewer.until(() => viewer.frames.length > 0)
  bus.publish(frame(77))
  await viewer.until(() => viewer.frames.some((bytes) => indexOf(bytes) === 77))
  viewer.close()
  expect(heard).toBe(0)
  expect(kept.closed).toBe(false)
})

test('a connection that waits for a viewer who ends meanwhile is closed', async () => {
  const waits = Promise.withResolvers<void>()
  const { enrol } = IceTcpPort.prototype
  vi.spyOn(IceTcpPort.prototype, 'enrol').mockImplementation(function (this: IceTcpPort, user, takeOver) {
    return enrol.call(this, user, (...connection) => {
      takeOver(...connection)
      waits.resolve()
    })
  })
  const { peer, sdp } = await audience.open({ id: 'x', address: '127.0.0.1' })
  const message = new werift.Message(1, 0)
  message.setAttribute('USERNAME', `${/^a=ice-ufrag:(\S+)/m.exec(sdp)?.[1]}:abcd`).setAttribute('PRIORITY', 1)
  const bytes = message.addMessageIntegrity(Buffer.from('guessed')).addFingerprint().bytes
  const end = cutOff(knock(sdp, framed(bytes)))
  await waits.promise
  audience.close(peer)
  await end
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
  await expect.poll(() => audience.size).toBe(1)
  expect(ice.nominated?.protocol.localCandidate).toMatchObject({ tcptype: 'active' })
  for (let index = 500; index < 520; index += 1) {
    // Or it would be given up as silent.
    channels[1]!.send('{"type":"ping","sent":0}')
    bus.publish(frame(index))
    await expect.poll(() => got.filter((each) => each === index).length, { interval: 5 }).toBe(2)
  }
  await connection.close()
  await expect.poll(() => audience.size).toBe(0)
  expect(audience.diagnose().past.at(-1)?.ended).toBe('remote-closed')
})
