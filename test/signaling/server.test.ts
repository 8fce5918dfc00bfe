import { request } from 'node:http'
import { connect } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { packAck, packFrame } from '../../signaling/media-envelope.ts'
import { MAX_SIGNALING_BYTES } from '../../signaling/messages.ts'
import { type MediaSocket, type PeerHost, PeerRefusal } from '../../signaling/negotiation.ts'
import type { SignalingServerOptions } from '../../signaling/server.ts'
import { type Door, openDoor, Page, PIN, STATUS } from './door.ts'

const open: { close(): unknown }[] = []
const keep = <T extends { close(): unknown }>(thing: T): T => {
  open.push(thing)
  return thing
}
afterEach(async () => {
  vi.useRealTimers()
  for (const thing of open.splice(0).reverse()) await thing.close()
})

/** The other side of the seam: writes down what signaling asks of it. */
class Notebook implements PeerHost {
  readonly calls: string[] = []
  refusal: Error | undefined
  socket: MediaSocket | undefined
  #next = 0xa0

  async open({ address }: { id: string; address: string }) {
    this.calls.push(`open ${address}`)
    if (this.refusal !== undefined) throw this.refusal
    const peer = (this.#next++).toString(16)
    return { peer, sdp: `offer of ${peer}` }
  }
  async answer(peer: string, sdp: string) {
    this.calls.push(`answer ${peer} ${sdp}`)
    if (this.refusal !== undefined) throw this.refusal
  }
  candidate(peer: string, candidate: string) {
    this.calls.push(`candidate ${peer} ${candidate}`)
  }
  close(peer: string) {
    this.calls.push(`close ${peer}`)
  }
  carry(_viewer: { address: string }, socket: MediaSocket) {
    if (this.refusal !== undefined) throw this.refusal
    const peer = (this.#next++).toString(16)
    this.calls.push(`carry ${peer}`)
    this.socket = socket
    return {
      peer,
      start: () => socket.sendControl('hello'),
      receive: (message: string | Uint8Array) =>
        void this.calls.push(typeof message === 'string' ? message : Buffer.from(message).toString('hex')),
    }
  }
}

async function openDoorWith(options: Partial<SignalingServerOptions> = {}) {
  const peers = new Notebook()
  return { peers, door: keep(await openDoor(peers, options)) }
}
const enter = async (door: Door) => {
  const page = keep(new Page(door.url, { 'x-cookie': 'yes' }))
  await page.next('status')
  return page
}
const knock = async (door: Door) => keep(new Page(door.url)).opened()

test('a cookie is enough: authenticated without a ticket, then the status', async () => {
  const { door } = await openDoorWith()
  const page = await enter(door)
  expect(page.messages).toEqual([{ type: 'authenticated' }, { type: 'status', status: STATUS }])
})

test('a PIN gives a ticket for the cookie, good once', async () => {
  const { door } = await openDoorWith()
  const page = await knock(door)
  page.send({ type: 'auth', pin: PIN })
  const { ticket } = await page.next('authenticated')
  expect(door.tickets.redeem(ticket!, performance.now())).toBe(true)
  expect(door.tickets.redeem(ticket!, performance.now())).toBe(false)
})

test('wrong PINs are refused, the socket stays, the fifth tells how long to wait, the right one is refused then', async () => {
  const { door } = await openDoorWith()
  const page = await knock(door)
  for (let i = 0; i < 5; i += 1) page.send({ type: 'auth', pin: '000000' })
  page.send({ type: 'auth', pin: PIN })
  await page.until(() => page.messages.length === 6)
  expect(page.messages.slice(0, 4)).toEqual(
    Array(4).fill({ type: 'refused', code: 'wrong-pin', message: expect.any(String), retryAfterMs: 0 }),
  )
  expect(page.messages[4]).toMatchObject({ code: 'wrong-pin', retryAfterMs: 30_000 })
  expect(page.messages[5]).toMatchObject({ type: 'refused', code: 'locked-out' })
  expect(page.closed).toBeUndefined()
  // Who is in already does not notice.
  await enter(door)
})

test('nothing but a PIN is taken from a stranger', async () => {
  const { door, peers } = await openDoorWith()
  const page = await knock(door)
  page.send({ type: 'join' })
  await page.until(() => page.closed !== undefined)
  expect(page.messages).toEqual([{ type: 'refused', code: 'unauthorized', message: expect.any(String) }])
  expect(page.closed).toEqual({ code: 4401 })
  expect(peers.calls).toEqual([])
})

test('a stranger who says nothing is let go', async () => {
  const { door } = await openDoorWith({ authenticationMs: 50 })
  const page = await knock(door)
  await page.until(() => page.closed !== undefined)
  expect(page.messages).toMatchObject([{ type: 'refused', code: 'unauthorized' }])
  expect(page.closed).toEqual({ code: 4401 })
})

test('join, offer, answer, candidates; a second join leaves the first be, a third takes its place', async () => {
  const { door, peers } = await openDoorWith()
  const page = await enter(door)
  page.send({ type: 'join' })
  expect(await page.next('offer')).toEqual({ type: 'offer', peer: 'a0', sdp: 'offer of a0' })
  page.send({ type: 'answer', peer: 'a0', sdp: 'yes' })
  page.send({ type: 'candidate', peer: 'a0', candidate: 'here' })
  page.send({ type: 'join' })
  await page.until(() => page.messages.filter(({ type }) => type === 'offer').length === 2)
  expect(peers.calls).toEqual(['open 127.0.0.1', 'answer a0 yes', 'candidate a0 here', 'open 127.0.0.1'])
  page.send({ type: 'leave', peer: 'a1' })
  // Not its own, and one that it has left: neither is anybody's.
  page.send({ type: 'leave', peer: 'a1' })
  page.send({ type: 'leave', peer: 'b0' })
  await page.until(() => peers.calls.length === 5)
  expect(peers.calls[4]).toBe('close a1')
})

test('a third join closes the first peer', async () => {
  let skipped = 0
  const { door, peers } = await openDoorWith({ now: () => performance.now() + skipped })
  const page = await enter(door)
  for (let n = 1; n <= 3; n += 1) {
    skipped += 10_000
    page.send({ type: 'join' })
    await page.until(() => page.messages.filter(({ type }) => type === 'offer').length === n)
  }
  expect(peers.calls).toEqual(['open 127.0.0.1', 'open 127.0.0.1', 'close a0', 'open 127.0.0.1'])
})

test('a socket carries frames and control when asked, once, and lets go of its viewer with itself', async () => {
  const { door, peers } = await openDoorWith()
  const page = await enter(door)
  page.send({ type: 'carry' })
  expect(await page.next('carrying')).toEqual({ type: 'carrying', peer: 'a0' })
  expect(await page.next('control')).toEqual({ type: 'control', text: 'hello' })
  peers.socket!.sendFrame(packFrame(0, [Uint8Array.of(1, 2, 3)]))
  await page.until(() => page.binary.length > 0)
  expect(page.binary[0]!.toString('hex')).toBe('0100000000' + '0003010203')
  page.send({ type: 'control', text: '{"type":"ping","sent":1}' })
  page.socket.send(packAck(0))
  await page.until(() => peers.calls.length === 3)
  expect(peers.calls).toEqual(['carry a0', '{"type":"ping","sent":1}', '0200000000'])
  page.send({ type: 'carry' })
  expect(await page.next('refused')).toMatchObject({ code: 'bad-request' })
  page.close()
  await page.until(() => peers.calls.at(-1) === 'close a0')
})

test('after leaving, late acknowledgements are forgiven and frames may be asked for again', async () => {
  const { door, peers } = await openDoorWith()
  const page = await enter(door)
  page.send({ type: 'carry' })
  await page.next('carrying')
  page.send({ type: 'leave', peer: 'a0' })
  page.socket.send(packAck(7))
  page.send({ type: 'control', text: '{}' })
  page.send({ type: 'carry' })
  await page.until(() => page.messages.filter(({ type }) => type === 'carrying').length === 2)
  expect(peers.calls).toEqual(['carry a0', 'close a0', 'carry a1'])
  expect(page.closed).toBeUndefined()
})

test('a viewer that the server gives up is told, and its socket stays', async () => {
  const { door, peers } = await openDoorWith()
  const page = await enter(door)
  page.send({ type: 'carry' })
  await page.next('carrying')
  peers.socket!.ended()
  expect(await page.next('refused')).toMatchObject({ code: 'peer-failed' })
  peers.refusal = new PeerRefusal('too-many-viewers', 'full')
  page.send({ type: 'carry' })
  await page.until(() => page.messages.some((m) => m.type === 'refused' && m.code === 'too-many-viewers'))
  expect(page.closed).toBeUndefined()
})

test('a page speaks only for its own peer', async () => {
  const { door, peers } = await openDoorWith()
  const [first, second] = [await enter(door), await enter(door)]
  first.send({ type: 'join' })
  await first.next('offer')
  second.send({ type: 'answer', peer: 'a0', sdp: 'mine' })
  second.send({ type: 'candidate', peer: 'a0', candidate: 'mine' })
  expect(await second.next('refused')).toMatchObject({ code: 'bad-request' })
  expect(peers.calls).toEqual(['open 127.0.0.1'])
})

test.each([
  ['a refusal of the media side', new PeerRefusal('too-many-viewers', 'Full.'), 'too-many-viewers', 'Full.'],
  ['an error nobody foresaw', new Error('secret detail'), 'internal', expect.not.stringContaining('secret')],
])('%s is told, and the socket goes on', async (_name, refusal, code, message) => {
  const { door, peers } = await openDoorWith()
  const page = await enter(door)
  peers.refusal = refusal
  page.send({ type: 'join' })
  expect(await page.next('refused')).toMatchObject({ code, message })
  peers.refusal = undefined
  page.send({ type: 'join' })
  await page.next('offer')
})

test('the peer lives on when its socket goes: old cars drop it after the first exchange', async () => {
  const { door, peers } = await openDoorWith()
  const page = await enter(door)
  page.send({ type: 'join' })
  await page.next('offer')
  page.close()
  await page.until(() => door.signaling.size === 0)
  expect(peers.calls).toEqual(['open 127.0.0.1'])
})

test('a peer made for a page that has left meanwhile is closed', async () => {
  const peers = new Notebook()
  let release = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  const make = peers.open.bind(peers)
  peers.open = async (viewer) => {
    const made = await make(viewer)
    await held
    return made
  }
  const door = keep(await openDoor(peers))
  const page = await enter(door)
  page.send({ type: 'join' })
  await page.until(() => peers.calls.length === 1)
  page.close()
  await page.until(() => door.signaling.size === 0)
  release()
  await page.until(() => peers.calls.includes('close a0'))
})

const NONSENSE: [string, (page: Page) => void, number][] = [
  ['malformed JSON', (page) => page.send('{"type":'), 4400],
  ['JSON of another kind', (page) => page.send('42'), 4400],
  ['an unknown type', (page) => page.send({ type: 'reboot' }), 4400],
  ['a PIN of letters', (page) => page.send({ type: 'auth', pin: 'abcd' }), 4400],
  ['a PIN of 3 digits', (page) => page.send({ type: 'auth', pin: '123' }), 4400],
  [
    'an SDP of 40,000 characters',
    (page) => page.send({ type: 'answer', peer: 'a0', sdp: 'x'.repeat(40_000) }),
    4400,
  ],
  ['a peer id that is none', (page) => page.send({ type: 'candidate', peer: '../..', candidate: '' }), 4400],
  ['a prototype in disguise', (page) => page.send('{"__proto__":{"type":"join"}}'), 4400],
  ['binary', (page) => page.socket.send(Buffer.from([1, 2, 3])), 1003],
  ['a message somewhat too long', (page) => page.send('x'.repeat(MAX_SIGNALING_BYTES + 1)), 1009],
]

test.each(NONSENSE)('%s is a bad request that ends this socket and no other', async (_name, send, code) => {
  const { door } = await openDoorWith()
  const other = await enter(door)
  for (const page of [await enter(door), await knock(door)]) {
    send(page)
    await page.until(() => page.closed !== undefined)
    expect(page.closed).toEqual({ code })
    expect(page.messages.at(-1)).toMatchObject({ type: 'refused', code: 'bad-request' })
  }
  other.send({ type: 'join' })
  await other.next('offer')
})

test('a message far too long is cut off before it is read', async () => {
  const { door } = await openDoorWith()
  const page = await enter(door)
  page.send('x'.repeat(10 * MAX_SIGNALING_BYTES))
  await page.until(() => page.closed !== undefined)
  expect(page.closed).toEqual({ code: 1009 })
})

test('a flood ends its socket', async () => {
  const { door, peers } = await openDoorWith()
  const page = await enter(door)
  for (let i = 0; i < 500; i += 1) page.send({ type: 'candidate', peer: 'a0', candidate: 'x' })
  await page.until(() => page.closed !== undefined)
  expect(page.closed).toEqual({ code: 4429 })
  expect(peers.calls).toEqual([])
})

test('joining over and over is slowed down, not answered', async () => {
  const { door, peers } = await openDoorWith()
  const page = await enter(door)
  for (let i = 0; i < 20; i += 1) page.send({ type: 'join' })
  await page.until(() => page.messages.filter(({ type }) => type === 'refused').length >= 14)
  const refused = await page.next('refused')
  expect(refused).toMatchObject({ code: 'rate-limited' })
  expect(refused.retryAfterMs).toBeGreaterThan(0)
  expect(peers.calls.filter((call) => call.startsWith('open')).length).toBeLessThanOrEqual(6)
  expect(page.closed).toBeUndefined()
})

test('a page of another site is turned away at the door, cookie or not', async () => {
  const { door } = await openDoorWith()
  const page = keep(new Page(door.url, { 'x-cookie': 'yes', origin: 'http://evil.example' }))
  await page.until(() => page.status !== undefined)
  expect(page.status).toBe(403)
})

test('one socket too many is answered with 503, and the next one after a leave with 101', async () => {
  const { door } = await openDoorWith({ maxSockets: 2 })
  const first = await enter(door)
  await enter(door)
  const third = keep(new Page(door.url))
  await third.until(() => third.status !== undefined)
  expect(third.status).toBe(503)
  first.close()
  await first.until(() => door.signaling.size === 1)
  await enter(door)
})

test('another path is not found', async () => {
  const { door } = await openDoorWith()
  const page = keep(new Page(door.url.replace('/signal', '/other')))
  await page.until(() => page.status !== undefined)
  expect(page.status).toBe(404)
})

test('only the authenticated hear what is broadcast', async () => {
  const { door } = await openDoorWith()
  const [inside, outside] = [await enter(door), await knock(door)]
  door.signaling.broadcast({ type: 'status', status: { ...STATUS, title: 'news' } })
  await inside.until(() => inside.messages.length === 3)
  outside.send({ type: 'auth', pin: PIN })
  await outside.next('status')
  expect(inside.messages.at(-1)).toMatchObject({ status: { title: 'news' } })
  expect(
    outside.messages.some((message) => message.type === 'status' && message.status.title === 'news'),
  ).toBe(false)
})

test('a socket that does not answer pings is cut', async () => {
  // The beat is given by hand: by the clock it could come twice before the lively one has had its turn to answer.
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  const { door } = await openDoorWith({ heartbeatMs: 1000 })
  const page = await enter(door)
  const lively = await enter(door)
  // A peer that vanished: it reads nothing and answers nothing.
  page.socket.pause()
  const pinged = new Promise((resolve) => lively.socket.once('ping', resolve))
  vi.advanceTimersByTime(1000)
  await pinged
  expect(door.signaling.size).toBe(2)
  // What is said behind the pong has an answer when the pong has been heard.
  lively.send({ type: 'join' })
  await lively.next('offer')
  vi.advanceTimersByTime(1000)
  await lively.until(() => door.signaling.size === 1)
  lively.send({ type: 'carry' })
  await lively.next('carrying')
  expect(lively.closed).toBeUndefined()
})

test('closing says 1001 to everyone and takes no new ones, twice as well as once', async () => {
  const { door } = await openDoorWith()
  const pages = [await enter(door), await knock(door)]
  await Promise.all([door.signaling.close(), door.signaling.close()])
  for (const page of pages) {
    await page.until(() => page.closed !== undefined)
    expect(page.closed).toEqual({ code: 1001 })
  }
  expect(door.signaling.size).toBe(0)
})

test('a client that resets its connection in the middle of the upgrade disturbs nobody', async () => {
  const { door } = await openDoorWith()
  const { port, hostname } = new URL(door.url)
  for (let i = 0; i < 20; i += 1) {
    const socket = connect(Number(port), hostname)
    socket.on('error', () => {})
    socket.write(
      'GET /signal HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
      () => socket.resetAndDestroy(),
    )
  }
  const half = request({
    port,
    host: hostname,
    path: '/signal',
    headers: { connection: 'upgrade', upgrade: 'websocket' },
  })
  half.on('error', () => {})
  half.on('response', (response) => response.resume())
  half.end()
  await enter(door)
})
