// Signaling over plain HTTP: the same words and the same frames as over the socket, cut anywhere on the way.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { MAX_SIGNALING_BYTES } from '../../signaling/messages.ts'
import { DownReader, packDown, streamWords } from '../../signaling/stream-envelope.ts'
import { StreamSocket } from '../../signaling/stream-socket.ts'

const NAME = '0123456789abcdef0123456789abcdef'

test('messages come out as they went in, wherever the stream was cut', () => {
  const sent = [
    '{"type":"x"}',
    new Uint8Array([1, 2, 3]),
    '',
    'ö💥',
    new Uint8Array(0),
    new Uint8Array(70_000),
  ]
  const stream = Buffer.concat(sent.map(packDown))
  for (const step of [1, 5, 4096, stream.length]) {
    const reader = new DownReader()
    const got: unknown[] = []
    for (let at = 0; at < stream.length; at += step)
      got.push(...(reader.push(stream.subarray(at, at + step)) ?? []))
    expect(got).toEqual(sent)
  }
})

test('an unknown kind and an absurd length end the stream', () => {
  expect(new DownReader().push(Buffer.from('0200000000', 'hex'))).toBeUndefined()
  expect(new DownReader().push(Buffer.from('00ffffffff', 'hex'))).toBeUndefined()
})

test('what a page says is bounded', () => {
  expect(streamWords.safeParse({ stream: NAME, texts: ['{}'], ack: 7 }).success).toBe(true)
  for (const words of [
    { stream: 'x', texts: [] },
    { stream: NAME, texts: Array.from({ length: 65 }, () => '') },
    { stream: NAME, texts: ['x'.repeat(MAX_SIGNALING_BYTES + 1)] },
    { stream: NAME, texts: [], ack: -1 },
    { stream: NAME, texts: [], ack: 2 ** 32 },
  ])
    expect(streamWords.safeParse(words).success).toBe(false)
})

const open: (() => void)[] = []
afterEach(() => {
  for (const close of open.splice(0)) close()
})

/** A stream socket, and the reader at its other end. */
async function connected() {
  const made = Promise.withResolvers<StreamSocket>()
  const server = createServer((_request, response) => made.resolve(new StreamSocket(response, NAME)))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  open.push(() => server.close())
  const abort = new AbortController()
  open.push(() => abort.abort())
  const { port } = server.address() as AddressInfo
  const response = await fetch(`http://127.0.0.1:${port}/`, { signal: abort.signal })
  return { socket: await made.promise, response, abort }
}

test('a stream has the face of a socket: it sends, hears, is alive, and ends', async () => {
  const { socket, response, abort } = await connected()
  expect(response.headers.get('x-stream')).toBe(NAME)
  const heard: [string, boolean][] = []
  socket.on('message', (data: Buffer, isBinary: boolean) => heard.push([data.toString('hex'), isBinary]))
  socket.receive({ texts: ['a', 'b'], ack: 258 })
  // The acknowledgement first: what it makes room for is newer than the words.
  expect(heard).toEqual([
    ['0200000102', true],
    ['61', false],
    ['62', false],
  ])
  socket.send('hello')
  socket.send(new Uint8Array([9]))
  const alive = new Promise((resolve) => socket.once('pong', resolve))
  socket.ping()
  await alive
  const reader = response.body?.getReader()
  const cut = new DownReader()
  const got: unknown[] = []
  while (got.length < 3) got.push(...(cut.push((await reader?.read())?.value ?? new Uint8Array(0)) ?? []))
  expect(got).toEqual(['hello', new Uint8Array([9]), ''])
  const closed = new Promise((resolve) => socket.once('close', resolve))
  abort.abort()
  await closed
  expect(socket.readyState).not.toBe(socket.OPEN)
  // After its end nothing it is told does any harm.
  socket.send('too late')
  socket.ping()
})
