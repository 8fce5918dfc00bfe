// The server's side with a real transport process behind it: what crosses, and what happens when that process goes.

import { afterEach, expect, test } from 'vitest'
import { packAck, unpackFrame } from '../../../signaling/media-envelope.ts'
import { FrameBus } from '../../../src/encode/frame-bus.ts'
import { TransportHost, type TransportHostOptions } from '../../../src/transport/transport-host.ts'
import { frame, indexOf, JOIN, now, TestViewer, TIMELINE } from './studio.ts'

const open: { close(): unknown }[] = []
const keep = <T extends { close(): unknown }>(thing: T): T => {
  open.push(thing)
  return thing
}
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close()
})

const viewer = { id: 'test', address: '127.0.0.1' }

function openHost(options: Partial<TransportHostOptions> = {}) {
  const bus = new FrameBus()
  const said: string[] = []
  const note = (text: string) => said.push(text)
  const host = keep(
    new TransportHost({
      bus,
      join: () => ({ timeline: TIMELINE, slices: JOIN }),
      playoutDelayMs: 120,
      now,
      log: { info: note, warn: note, error: note },
      ...options,
    }),
  )
  return { bus, host, said }
}

const joined = (host: TransportHost) => keep(new TestViewer()).join(host)
const got = (index: number) => (seen: TestViewer) => seen.frames.some((bytes) => indexOf(bytes) === index)

/** Publishes frames until everybody has one of them. */
async function reaches(bus: FrameBus, from: number, ...viewers: TestViewer[]): Promise<void> {
  let index = from
  const timer = setInterval(() => bus.publish(frame(index++)), 40)
  try {
    for (const each of viewers)
      await each.until(() =>
        Array.from({ length: index - from }, (_, at) => from + at).some((n) => got(n)(each)),
      )
  } finally {
    clearInterval(timer)
  }
}

async function pidOf(host: TransportHost): Promise<number> {
  const { pid } = (await host.diagnose()).worker
  if (pid === null) throw new Error('there is no worker')
  return pid
}

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test('a viewer of the transport process gets the timeline, the picture, every frame, and one clock', async () => {
  // Each frame is sent once: long ahead of its time, so that no busy machine makes it come too late to be shown.
  const { bus, host } = openHost({ playoutDelayMs: 20_000 })
  const seen = await joined(host)
  await seen.until(() => seen.frames.length >= JOIN.length && seen.control.length > 0)
  expect(seen.control[0]).toEqual(TIMELINE)
  expect(seen.frames.slice(0, 2).map((bytes) => Buffer.compare(bytes, JOIN[indexOf(bytes)]!))).toEqual([0, 0])
  for (let index = 100; index < 110; index += 1) {
    bus.publish({ ...frame(index), rgb: new Uint8Array(18_000) })
    await seen.until(() => got(index)(seen))
  }
  host.announce({ type: 'ended', epoch: 7 })
  await seen.until(() => seen.control.some(({ type }) => type === 'ended'))
  const before = now()
  seen.send({ type: 'ping', sent: 1 })
  const pong = () => seen.control.find((message) => message.type === 'pong' && message.sent === 1)
  await seen.until(() => pong() !== undefined)
  expect(pong()).toMatchObject({ at: expect.any(Number) })
  expect((pong() as { at: number }).at).toBeGreaterThan(before)
  expect((pong() as { at: number }).at).toBeLessThan(now())
  expect(host.size).toBe(1)
})

test('refusals cross with their codes, and words of our own', async () => {
  const { host } = openHost({ maxViewers: 1 })
  await expect(host.answer('00', 'v=0')).rejects.toMatchObject({ name: 'PeerRefusal', code: 'peer-failed' })
  const { peer } = await host.open(viewer)
  await expect(host.answer(peer, 'rubbish')).rejects.toMatchObject({ code: 'bad-request' })
  await host.open(viewer)
  await expect(host.open(viewer)).rejects.toMatchObject({ code: 'too-many-viewers' })
})

test('whoever asked for digests gets them, and the number of those is told', async () => {
  const counts = new Set<number>()
  const { host } = openHost({ onTally: ({ verify }) => counts.add(verify) })
  const seen = await joined(host)
  host.announce({ type: 'digest', epoch: 7, frame: 1, digest: 1 })
  seen.send({ type: 'verify', on: true })
  await seen.until(() => counts.has(1))
  host.announce({ type: 'digest', epoch: 7, frame: 2, digest: 2 })
  await seen.until(() => seen.control.some(({ type }) => type === 'digest'))
  expect(seen.control.filter(({ type }) => type === 'digest')).toMatchObject([{ frame: 2 }])
  counts.clear()
  seen.close()
  await seen.until(() => counts.has(0) && host.size === 0)
})

test('the diagnostics show the process, and the viewers of both kinds', async () => {
  const { host } = openHost({ announce: '192.0.2.7' })
  const seen = await joined(host)
  const socket = { bufferedBytes: 0, sendFrame: () => {}, sendControl: () => {}, ended: () => {} }
  host.carry(viewer, socket).start()
  await seen.until(() => host.load !== undefined)
  const { worker, server, viewers } = await host.diagnose()
  expect(worker).toMatchObject({ state: 'ready', restarts: 0, lastEnd: null, framesReplaced: 0 })
  expect(worker.load?.rssBytes).toBeGreaterThan(10e6)
  expect(worker.pid).not.toBe(process.pid)
  expect(server.announce).toBe('192.0.2.7')
  expect(viewers.map(({ way }) => way)).toEqual(['webrtc', 'websocket'])
  expect(host.size).toBe(2)
})

test('kill -9: another process takes its place, everybody can come back, and who is carried misses nothing', async () => {
  const { bus, host, said } = openHost()
  const seen = await joined(host)
  const carried: number[] = []
  // It takes what it gets and says so, as a page does: else the frames behind the first few would wait, or it be given up as silent.
  const page = host.carry(viewer, {
    bufferedBytes: 0,
    sendFrame: (message) => {
      const { number, slices } = unpackFrame(message)!
      carried.push(...slices.map(indexOf))
      setImmediate(() => {
        page.receive(packAck(number))
        page.receive('{"type":"ping","sent":0}')
      })
    },
    sendControl: () => {},
    ended: () => carried.push(Number.NaN),
  })
  page.start()
  await reaches(bus, 100, seen)
  const pid = await pidOf(host)
  const asked = host.open(viewer)
  process.kill(pid, 'SIGKILL')
  await expect(asked).rejects.toMatchObject({
    code: 'transport-restarting',
    retryAfterMs: expect.any(Number),
  })
  await seen.until(() => said.some((text) => /transport-restarting.*SIGKILL.*1 viewers/.test(text)))
  expect(host.size).toBe(1)
  bus.publish(frame(500))
  expect(carried).toContain(500)
  expect(carried).not.toContain(Number.NaN)
  await expect(host.answer(seen.id, 'v=0')).rejects.toMatchObject({ code: 'peer-failed' })
  // Asked while it starts: answered when it is there.
  const back = await joined(host)
  await reaches(bus, 600, back)
  const { worker } = await host.diagnose()
  expect(worker).toMatchObject({ state: 'ready', restarts: 1, lastEnd: 'SIGKILL' })
  expect(worker.pid).not.toBe(pid)
  expect(isAlive(pid)).toBe(false)
})

test('a process that is stuck is ended and replaced, and meanwhile nothing queues for it', async () => {
  const { bus, host, said } = openHost()
  const seen = await joined(host)
  await reaches(bus, 100, seen)
  const pid = await pidOf(host)
  process.kill(pid, 'SIGSTOP')
  for (let index = 200; index < 400; index += 1) bus.publish(frame(index))
  await seen.until(() => said.some((text) => text.includes(`${pid} is stuck`)))
  await seen.until(() => !isAlive(pid))
  const back = await joined(host)
  await reaches(bus, 600, back)
  expect((await host.diagnose()).worker.framesReplaced).toBeGreaterThan(180)
})

test('viewers that come and go leave no handle behind in the process', async () => {
  const { host } = openHost()
  const comeAndGo = async () => {
    const seen = await joined(host)
    seen.close()
    await seen.until(() => host.size === 0)
  }
  /** The least of some looks: a timer may just be set. */
  const handles = async () => {
    const looks: number[] = []
    for (let look = 0; look < 4; look += 1) {
      const before = host.load
      await new TestViewer().until(() => host.load !== before)
      looks.push(host.load?.handles ?? Number.NaN)
    }
    return Math.min(...looks)
  }
  // What is made once and kept is no leak.
  await comeAndGo()
  const before = await handles()
  for (let joins = 0; joins < 12; joins += 1) await comeAndGo()
  await expect.poll(handles, { timeout: 15_000 }).toBeLessThanOrEqual(before)
})

test('another werift is refused at the start, in words', async () => {
  const other = new URL('./other-werift.ts', import.meta.url).href
  const { host } = openHost({ execArgv: ['--import', other] })
  await expect(host.started).rejects.toMatchObject({
    name: 'TransportStartError',
    message: expect.stringMatching(/written for werift .*version is 9\.9\.9/),
  })
})

test('closing ends the process, refuses whoever still waits, and may be done twice', async () => {
  const { host } = openHost()
  const seen = await joined(host)
  const pid = await pidOf(host)
  const asked = host.open(viewer)
  const closing = host.close()
  await expect(asked).rejects.toMatchObject({ code: 'peer-failed' })
  await closing
  await host.close()
  expect(isAlive(pid)).toBe(false)
  await seen.until(() => seen.ended !== undefined)
  await expect(host.open(viewer)).rejects.toMatchObject({ code: 'peer-failed' })
})

test('closed before it was ready, it leaves no process behind', async () => {
  const { host } = openHost()
  const pid = await pidOf(host)
  await host.close()
  expect(isAlive(pid)).toBe(false)
})
