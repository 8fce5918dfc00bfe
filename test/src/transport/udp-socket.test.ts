import { createSocket } from 'node:dgram'
import { afterEach, expect, test } from 'vitest'
import type { AudienceOptions } from '../../../src/transport/audience.ts'
import { werift } from '../../../src/transport/werift.ts'
import { openAudience, TestViewer } from './studio.ts'

const open: { close(): unknown }[] = []
const keep = <T extends { close(): unknown }>(thing: T): T => {
  open.push(thing)
  return thing
}
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close()
})
const studio = (options: Partial<AudienceOptions>) => keep(openAudience(options).audience)

/**
 * A run of ports that are free, and stay so although they are given back: no system hands out ports this low to who asks for any, as
 * the other tests do.
 */
async function freePorts(count: number): Promise<[number, number]> {
  for (let low = 20_000 + Math.floor(Math.random() * 8000); ; low += count) {
    const sockets = Array.from({ length: count }, () => createSocket('udp4'))
    const bound = await Promise.all(
      sockets.map(
        (socket, n) =>
          new Promise<boolean>((resolve) => {
            socket.once('error', () => resolve(false))
            socket.bind(low + n, () => resolve(true))
          }),
      ),
    )
    for (const socket of sockets) socket.close()
    if (bound.every(Boolean)) return [low, low + count - 1]
  }
}

const portOf = (sdp: string) => Number(/^a=candidate:\S+ \d+ udp \d+ \S+ (\d+)/m.exec(sdp)?.[1])

test('viewers who join in the same moment get a port each out of the range', async () => {
  const udpPorts = await freePorts(6)
  const audience = studio({ udpPorts })
  const offers = await Promise.all(
    Array.from({ length: 6 }, () => audience.open({ id: 'x', address: '127.0.0.1' })),
  )
  const ports = offers.map(({ sdp }) => portOf(sdp)).toSorted()
  expect(ports).toEqual(Array.from({ length: 6 }, (_, n) => udpPorts[0] + n))
})

test('trap 16: one viewer too many for the range is told so, and a place that is given back is used again', async () => {
  const udpPorts = await freePorts(2)
  const audience = studio({ udpPorts })
  const first = await audience.open({ id: 'x', address: '127.0.0.1' })
  await audience.open({ id: 'x', address: '127.0.0.1' })
  const refused = audience.open({ id: 'x', address: '127.0.0.1' })
  await expect(refused).rejects.toMatchObject({
    code: 'no-candidates',
    message: expect.stringContaining(`${udpPorts[0]}-${udpPorts[1]}`),
  })
  expect(audience.stats()).toHaveLength(2)
  await audience.close(first.peer)
  const viewer = keep(new TestViewer())
  await viewer.until(() => true)
  let again: string | undefined
  // The socket is closed by the event loop, not by the call.
  for (let tries = 0; again === undefined && tries < 100; tries += 1) {
    again = await audience.open({ id: 'x', address: '127.0.0.1' }).then(
      ({ sdp }) => sdp,
      () => new Promise<undefined>((resolve) => setTimeout(resolve, 10)),
    )
  }
  expect(portOf(again ?? '')).toBe(portOf(first.sdp))
})

test('an error of a bound socket is a lost packet, not the end of the process', async () => {
  await studio({}).open({ id: 'x', address: '127.0.0.1' })
  const transport = await werift.UdpTransport.init('udp4')
  // Without a listener this throws out of the event loop.
  expect(() => transport.socket.emit('error', new Error('network is unreachable'))).not.toThrow()
  await transport.close()
})

test('a bind that fails is told', async () => {
  await studio({}).open({ id: 'x', address: '127.0.0.1' })
  // As delivered: an uncaught exception, and a promise for ever.
  const bound = werift.UdpTransport.init('udp4', { interfaceAddresses: { udp4: '203.0.113.1' } })
  await expect(bound).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' })
})
