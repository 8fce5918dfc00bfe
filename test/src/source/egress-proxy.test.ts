// Where ffmpeg may be led: a server on loopback that is allowed, and everything it tries to lead to.

import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { EgressProxy } from '../../../src/source/egress-proxy.ts'
import { probe } from '../../../src/source/probe.ts'
import { isPublicAddress } from '../../../src/source/public-address.ts'
import { gather, quiet, urlMedia } from './gather.ts'
import { MediaServer } from './media-server.ts'

const CITY = new URL('../../fixtures/city.mp4', import.meta.url).pathname

let media: MediaServer
let secret: Server
const asked = new Map<Server, number>()
let proxy: EgressProxy

const portOf = (server: Server) => (server.address() as AddressInfo).port

/** A server that answers every path with `body`, or leads to `location`. */
async function serve({ body = '', location }: { body?: string; location?: string }): Promise<Server> {
  const server = createServer((_request, response) => {
    asked.set(server, (asked.get(server) ?? 0) + 1)
    response
      .writeHead(location === undefined ? 200 : 302, location === undefined ? {} : { location })
      .end(body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

beforeAll(async () => {
  media = await MediaServer.open(CITY)
  secret = await serve({ body: 'the keys of the house' })
  proxy = await EgressProxy.open({
    // This port of loopback alone, as a person would allow a server of their own.
    allowHosts: [`127.0.0.1:${media.port}`, 'localhost'],
    log: quiet,
  })
})
afterEach(() => vi.unstubAllEnvs())
afterAll(async () => {
  secret.close()
  await Promise.all([proxy.close(), media.close()])
})

const guarded = (url: string) => ({ ...urlMedia(url), proxy: proxy.url })
const look = (url: string) => probe(guarded(url), { ffprobe: 'ffprobe' })

describe('behind the proxy', () => {
  test('an allowed source plays to its end, by ranges and redirects', async () => {
    const { frames, outcome } = await gather(guarded(media.url('/redirect')))
    expect(outcome.kind).toBe('ended')
    expect(frames).toHaveLength(144)
    expect(media.requests.some(({ headers }) => headers.range !== undefined)).toBe(true)
    expect(media.requests.every(({ headers }) => !('proxy-connection' in headers))).toBe(true)
  })

  test.each([
    ['the metadata service of a cloud', () => 'http://169.254.169.254/latest/meta-data/'],
    ['another port of this machine', () => `http://127.0.0.1:${portOf(secret)}/`],
    ['this machine by another name', () => `http://[::1]:${portOf(secret)}/`],
    ['this machine in one number', () => `http://2130706433:${portOf(secret)}/`],
    ['a mapped address', () => `http://[::ffff:127.0.0.1]:${portOf(secret)}/`],
    ['a tunnel to this machine', () => `https://127.0.0.1:${portOf(secret)}/`],
    ['the network at home', () => 'http://192.168.1.1/'],
  ])('a redirect to %s is not followed', async (_name, location) => {
    const leading = await serve({ location: location() })
    const own = await EgressProxy.open({ allowHosts: [`127.0.0.1:${portOf(leading)}`], log: quiet })
    const url = `http://127.0.0.1:${portOf(leading)}/film.mp4`
    await expect(probe({ ...urlMedia(url), proxy: own.url }, { ffprobe: 'ffprobe' })).rejects.toMatchObject({
      code: 'host-refused',
    })
    expect(asked.get(leading)).toBe(1)
    expect(asked.get(secret)).toBeUndefined()
    leading.close()
    await own.close()
  })

  test('a playlist does not reach what its host may not', async () => {
    const list = [
      '#EXTM3U',
      '#EXT-X-TARGETDURATION:2',
      '#EXTINF:2,',
      `http://127.0.0.1:${portOf(secret)}/a.ts`,
    ]
    const playlist = await serve({ body: [...list, '#EXT-X-ENDLIST', ''].join('\n') })
    const own = await EgressProxy.open({ allowHosts: [`127.0.0.1:${portOf(playlist)}`], log: quiet })
    const url = `http://127.0.0.1:${portOf(playlist)}/list.m3u8`
    await expect(probe({ ...urlMedia(url), proxy: own.url }, { ffprobe: 'ffprobe' })).rejects.toThrow()
    expect(asked.get(secret)).toBeUndefined()
    playlist.close()
    await own.close()
  })

  test('an environment that says otherwise is not asked', async () => {
    vi.stubEnv('no_proxy', '*')
    await expect(look(`http://127.0.0.1:${portOf(secret)}/`)).rejects.toMatchObject({ code: 'host-refused' })
  })

  test('a source that cannot be reached is told as without it', async () => {
    const own = await EgressProxy.open({ allowHosts: ['127.0.0.1'], log: quiet })
    // A port that was just closed may be somebody else's by now; nobody listens at this one.
    const gone = { ...urlMedia('http://127.0.0.1:9/x.mp4'), proxy: own.url }
    await expect(probe(gone, { ffprobe: 'ffprobe' })).rejects.toMatchObject({ code: 'network' })
    await expect(look(media.url('/status/404'))).rejects.toMatchObject({ code: 'unavailable' })
    await own.close()
  }, 60_000)
})

test('a tunnel to an allowed host carries both ways, and ends when either end does', async () => {
  const echo = createTcpServer((socket) => socket.on('error', () => {}).pipe(socket)).listen(0, '127.0.0.1')
  await once(echo, 'listening')
  const { port } = echo.address() as AddressInfo
  const own = await EgressProxy.open({ allowHosts: [`127.0.0.1:${port}`], log: quiet })
  const socket = connect(Number(new URL(own.url).port), '127.0.0.1')
  // The first bytes may come along with the question.
  socket.write(`CONNECT 127.0.0.1:${port} HTTP/1.1\r\nHost: x\r\n\r\nfirst `)
  socket.on('error', () => {})
  let heard = ''
  socket.on('data', (part) => (heard += part))
  await expect.poll(() => heard).toBe('HTTP/1.1 200 Connected\r\n\r\nfirst ')
  socket.write('second')
  await expect.poll(() => heard).toMatch(/first second$/)
  const closed = new Promise((resolve) => socket.once('close', resolve))
  await own.close()
  await closed
  await new Promise((resolve) => echo.close(resolve))
})

describe('a name', () => {
  const answering = (...answers: string[][]) => {
    const resolve = vi.fn(async () => answers.shift() ?? ['127.0.0.1'])
    return { resolve, guard: new EgressProxy({ allowHosts: ['home.example'], resolve, log: quiet }) }
  }

  test('is looked up once, and what was checked is what is connected to', async () => {
    const { resolve, guard } = answering(['93.184.216.34'], ['127.0.0.1'])
    expect(await guard.admit(new URL('http://rebind.example/'))).toBe('93.184.216.34')
    expect(resolve).toHaveBeenCalledTimes(1)
    expect(await guard.admit(new URL('http://rebind.example/'))).toBeUndefined()
  })

  test('with a public and a private address leads to the public one only', async () => {
    const { guard } = answering(['10.0.0.1', '93.184.216.34'])
    expect(await guard.admit(new URL('https://two.example/'))).toBe('93.184.216.34')
  })

  test('that is allowed may lie at home; one that only looks like it may not', async () => {
    const { guard } = answering(['192.168.1.5'], ['192.168.1.5'])
    expect(await guard.admit(new URL('http://home.example:8080/'))).toBe('192.168.1.5')
    expect(await guard.admit(new URL('http://home.example.evil.example/'))).toBeUndefined()
  })

  test('of YouTube may be a stand-in that a local proxy made up, but nothing nearer', async () => {
    const { guard } = answering(['198.18.0.7'], ['10.0.0.7'], ['198.18.0.7'])
    const video = new URL('https://rr1---sn-x.googlevideo.com/videoplayback')
    expect(await guard.admit(video)).toBe('198.18.0.7')
    expect(await guard.admit(video)).toBeUndefined()
    expect(await guard.admit(new URL('https://other.example/'))).toBeUndefined()
  })
})

describe('what somebody else says to the port', () => {
  async function say(text: string): Promise<string> {
    const socket = connect(Number(new URL(proxy.url).port), '127.0.0.1')
    socket.end(text)
    let answer = ''
    for await (const part of socket) answer += part
    return answer
  }

  test.each([
    [
      'a page that asks it by its address',
      'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n',
      400,
    ],
    ['another scheme', 'GET ftp://127.0.0.1/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', 400],
    ['a tunnel to nowhere', 'CONNECT :443 HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    ['a tunnel inwards', 'CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    ['a tunnel to the metadata service', 'CONNECT 169.254.169.254:443 HTTP/1.1\r\nHost: x\r\n\r\n', 400],
  ])('%s is refused', async (_name, text, status) => {
    expect(await say(text)).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
  })

  test('rubbish ends the connection and nothing else', async () => {
    await say('\0\0\0\0').catch(() => '')
    expect((await look(media.url('/ok.mp4'))).hasVideo).toBe(true)
  })
})

test.each([
  ['8.8.8.8', true],
  ['172.15.0.1', true],
  ['172.16.0.1', false],
  ['100.64.0.1', false],
  ['169.254.169.254', false],
  ['0.0.0.0', false],
  ['255.255.255.255', false],
  ['224.0.0.1', false],
  ['2606:4700::1111', true],
  ['::1', false],
  ['::', false],
  ['fe80::1', false],
  ['fc00::1', false],
  ['::ffff:8.8.8.8', false],
  ['64:ff9b::7f00:1', false],
  ['2002:7f00:1::', false],
  ['2001:0:1::1', false],
  ['localhost', false],
  ['', false],
])('%j is public: %s', (address, expected) => {
  expect(isPublicAddress(address)).toBe(expected)
})
