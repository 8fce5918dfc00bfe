// The real program's doors to WebRTC: offers without a socket, and the account of what was tried.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { AnsweringPeer } from '../../src/transport/answering-peer.ts'
import { type OwnServer, signIn, startOwnServer } from '../sim/own-server.ts'

let server: OwnServer
let cookie: string

beforeAll(async () => {
  server = await startOwnServer([
    ...['--play', 'demo:', '--preset', 'low', '--udp-ports', '41000-41031'],
    ...['--turn', 'turn:127.0.0.1:9', '--turn-secret', 'north'],
  ])
  cookie = await signIn(server.url, server.pin)
})
afterAll(() => server?.close())

async function ask(method: 'GET' | 'POST', path: string, body?: unknown, headers = { cookie }) {
  const response = await fetch(new URL(path, server.url), {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) }
}

test('without the cookie there is no offer and no account', async () => {
  const nobody = { cookie: '' }
  for (const path of ['/api/offer', '/api/answer'])
    expect(await ask('POST', path, {}, nobody)).toMatchObject({ status: 401, body: { code: 'unauthorized' } })
  expect(await ask('GET', '/api/diagnostics', undefined, nobody)).toMatchObject({ status: 401 })
})

test('an offer and an answer over HTTP bring the picture, within the port range, and the account says so', async () => {
  const { status, body } = await ask('POST', '/api/offer', {})
  expect(status).toBe(200)
  const ports = [...(body.sdp as string).matchAll(/ 127\.0\.0\.1 (\d+) typ host/g)].map(([, port]) =>
    Number(port),
  )
  expect(ports.length).toBeGreaterThan(0)
  expect(ports.filter((port) => port < 41_000 || port > 41_031)).toEqual([])
  expect(body.iceServers).toEqual([
    { urls: 'turn:127.0.0.1:9', username: expect.stringMatching(/^\d{10}:/), credential: expect.any(String) },
  ])
  const peer = new AnsweringPeer()
  // Who says nothing for 4.5 s is given up, and on a busy machine the demo may take that long to begin.
  const pings = setInterval(() => peer.sendControl(JSON.stringify({ type: 'ping', sent: 0 })), 1000)
  let frames = 0
  const moving = new Promise<void>((resolve) =>
    peer.onFrames(() => {
      frames += 1
      if (frames === 20) resolve()
    }),
  )
  try {
    const answer = { peer: body.peer, sdp: await peer.accept(body.sdp) }
    expect((await ask('POST', '/api/answer', answer)).status).toBe(204)
    expect(await ask('POST', '/api/answer', answer)).toMatchObject({
      status: 400,
      body: { code: 'bad-request' },
    })
    await moving
    const account = (await ask('GET', '/api/diagnostics')).body
    expect(account.server).toMatchObject({ udpPorts: '41000-41031', turn: ['turn:127.0.0.1:9'] })
    expect(account.viewers).toMatchObject([{ way: 'webrtc', state: 'connected' }])
    // The secret stays here, and so does the name that would let somebody else answer.
    expect(JSON.stringify(account)).not.toMatch(new RegExp(`north|${body.peer}`))
  } finally {
    clearInterval(pings)
    peer.close()
  }
})

test("rubbish and strangers' names are refused in words", async () => {
  expect(await ask('POST', '/api/answer', { peer: 'x', sdp: '' })).toMatchObject({
    status: 400,
    body: { code: 'bad-request' },
  })
  expect(await ask('POST', '/api/answer', { peer: '0123456789abcdef', sdp: 'v=0' })).toMatchObject({
    body: { code: 'peer-failed' },
  })
})

test('joining without end is answered with how long to wait', async () => {
  // All at once: one after the other they might be slow enough to be allowed.
  const answers = await Promise.all(Array.from({ length: 20 }, () => ask('POST', '/api/offer', {})))
  expect(answers.find(({ status }) => status !== 200)).toMatchObject({
    status: 429,
    body: { code: 'rate-limited', retryAfterMs: expect.any(Number) },
  })
})
