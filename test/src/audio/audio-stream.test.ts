import { once } from 'node:events'
import { createServer, get, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { AdtsRing } from '../../../src/audio/adts-ring.ts'
import { serveAudio } from '../../../src/audio/audio-stream.ts'
import { silentFrame } from '../../../src/audio/silence.ts'

const FRAME = silentFrame()

let server: Server | undefined
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

/** Serves `ring` from frame `from` and hands back the client's response as soon as its head is there. */
async function listen(
  ring: AdtsRing,
  from: number,
): Promise<{ answer: IncomingMessage; log: string[]; response: ServerResponse }> {
  const log: string[] = []
  let response!: ServerResponse
  server = createServer((_, reply) => {
    response = reply
    if (!serveAudio({ ring, from, response: reply, log: { warn: (line: string) => log.push(line) } })) {
      reply.writeHead(410).end()
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const [answer] = (await once(get({ port, host: '127.0.0.1', agent: false }), 'response')) as [
    IncomingMessage,
  ]
  return { answer, log, response }
}

const push = (ring: AdtsRing, count: number) => {
  for (let index = 0; index < count; index++) ring.push(FRAME)
}

test('all there is comes at once, then what is added, then the end', async () => {
  const ring = new AdtsRing()
  push(ring, 100)
  const { answer } = await listen(ring, 40)
  expect(answer.statusCode).toBe(200)
  expect(answer.headers).toMatchObject({ 'content-type': 'audio/aac', 'cache-control': 'no-store' })
  let bytes = 0
  answer.on('data', (chunk: Buffer) => (bytes += chunk.length))
  await expect.poll(() => bytes).toBe(60 * FRAME.length)
  push(ring, 3)
  await expect.poll(() => bytes).toBe(63 * FRAME.length)
  ring.end()
  await once(answer, 'end')
  expect(bytes).toBe(63 * FRAME.length)
})

test('a frame that has yet to come is waited for', async () => {
  const ring = new AdtsRing()
  const { answer } = await listen(ring, 5)
  const chunks: Buffer[] = []
  answer.on('data', (chunk: Buffer) => chunks.push(chunk))
  push(ring, 5)
  push(ring, 1)
  await expect.poll(() => Buffer.concat(chunks).length).toBe(FRAME.length)
})

test('a frame that has left the ring is gone, with nothing written', async () => {
  const ring = new AdtsRing({ seconds: 1 })
  push(ring, 60)
  const { answer } = await listen(ring, 0)
  expect(answer.statusCode).toBe(410)
  answer.resume()
})

test('a client that does not read costs no memory and is let go when it falls out of the ring', async () => {
  const ring = new AdtsRing({ seconds: 10 })
  push(ring, 400)
  const { answer, log, response } = await listen(ring, 0)
  answer.pause()
  answer.on('error', () => {})
  let mostBuffered = 0
  // Twenty minutes of sound for a reader that never reads.
  for (let round = 0; round < 600 && !response.destroyed; round++) {
    push(ring, 100)
    mostBuffered = Math.max(mostBuffered, response.writableLength)
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(response.destroyed).toBe(true)
  expect(log).toHaveLength(1)
  expect(mostBuffered).toBeLessThan(ring.capacity * FRAME.length * 2)
  expect(ring.next).toBeGreaterThan(1000)
})

test('a client that goes away is forgotten', async () => {
  const ring = new AdtsRing()
  push(ring, 10)
  const { answer, response, log } = await listen(ring, 0)
  answer.destroy()
  await once(response, 'close')
  push(ring, 10)
  ring.end()
  expect(log).toEqual([])
})
