// The server asks a STUN server for its public address; that server may be away, and viewers do not wait for it.

import { createSocket } from 'node:dgram'
import { performance } from 'node:perf_hooks'
import { afterEach, expect, test } from 'vitest'
import type { Offer } from '../../../signaling/messages.ts'
import { openAudience, TestViewer } from './studio.ts'

const open: { close(): unknown }[] = []
const keep = <T extends { close(): unknown }>(thing: T): T => {
  open.push(thing)
  return thing
}
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close()
})

/** A UDP server on loopback; `answer` may say something to what comes in. */
async function udpServer(answer: (request: Buffer) => Buffer | undefined): Promise<number> {
  const socket = keep(createSocket('udp4'))
  socket.on('message', (request, { port, address }) => {
    const response = answer(request)
    if (response !== undefined) socket.send(response, port, address)
  })
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  return socket.address().port
}

/** A binding response (RFC 8489) that sees everybody at 203.0.113.5:40000. */
function bindingResponse(request: Buffer): Buffer {
  const response = Buffer.alloc(32)
  response.writeUInt16BE(0x0101, 0)
  response.writeUInt16BE(12, 2)
  request.copy(response, 4, 4, 20)
  response.writeUInt16BE(0x0020, 20)
  response.writeUInt16BE(8, 22)
  response.writeUInt8(1, 25)
  response.writeUInt16BE(40_000 ^ 0x2112, 26)
  for (const [i, byte] of [203, 0, 113, 5].entries()) response[28 + i] = byte ^ response[4 + i]!
  return response
}

test('the public address a STUN server sees is offered besides our own', async () => {
  const port = await udpServer(bindingResponse)
  const { audience } = openAudience({ stun: `stun:127.0.0.1:${port}` })
  keep(audience)
  // An offer waits half a second for the server; where the machine itself is busy for that long the next one has the address.
  const offers: Offer[] = []
  const ask = async () => {
    offers.push(await audience.open({ id: 'x', address: '127.0.0.1' }))
    return offers.at(-1)!.sdp
  }
  await expect.poll(ask).toMatch(/ udp \d+ 203\.0\.113\.5 40000 typ srflx/)
  const { sdp, iceServers } = offers.at(-1)!
  expect(sdp).toMatch(/ 127\.0\.0\.1 \d+ typ host/)
  expect(iceServers).toEqual([{ urls: `stun:127.0.0.1:${port}` }])
  expect(audience.diagnose().viewers.at(-1)!.offered).toContain('udp 203.0.113.5:40000 srflx')
})

test('a STUN server that does not answer holds nobody up for long', async () => {
  const port = await udpServer(() => undefined)
  const { audience } = openAudience({ stun: `stun:127.0.0.1:${port}` })
  keep(audience)
  const viewer = keep(new TestViewer())
  const began = performance.now()
  const { peer, sdp } = await audience.open({ id: 'x', address: '127.0.0.1' })
  const offeredMs = performance.now() - began
  process.stdout.write(`offer beside a dead STUN server: ${offeredMs.toFixed(0)} ms\n`)
  // werift alone waits five seconds, and a page gives up before that.
  expect(offeredMs).toBeLessThan(3000)
  await audience.answer(peer, await viewer.peer.accept(sdp))
  await viewer.until(() => viewer.peer.open)
})
