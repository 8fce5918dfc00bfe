// The real program steered over HTTP: queue, history, search, pictures, pushes; and five clients pressing everything at once.

import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { type FromServer, fromServer, type SessionStatus } from '../../signaling/messages.ts'
import { SliceDecoder } from '../../vendor/asciline/index.ts'
import { type OwnServer, signIn, startOwnServer } from '../sim/own-server.ts'
import { ClipFolder } from '../src/source/clips.ts'

const fixtures = join(dirname(fileURLToPath(import.meta.url)), '..', 'fixtures')
let clips: ClipFolder
let server: OwnServer
let cookie: string

beforeAll(async () => {
  clips = await ClipFolder.open()
  for (const [name, seconds] of [
    ['long', 90],
    ['short', 2],
  ] as const) {
    await clips.make(`${name}.mp4`, [
      ...['-f', 'lavfi', '-i', 'testsrc2=s=320x240:r=24', '-f', 'lavfi', '-i', 'sine=440:r=48000'],
      ...['-t', String(seconds), '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '48', '-c:a', 'aac'],
    ])
  }
  await start()
})
afterAll(async () => {
  await server?.close()
  await clips.close()
})

async function start(...flags: string[]) {
  const tools = ['--yt-dlp', join(fixtures, 'fake-yt-dlp.mjs'), '--preset', 'low']
  server = await startOwnServer(['--media', clips.path, ...tools, ...flags])
  cookie = await signIn(server.url, server.pin)
}

async function ask(path: string, body?: object) {
  const response = await fetch(new URL(path, server.url), {
    headers: { cookie, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { method: 'POST', body: JSON.stringify(body) }),
  })
  return { status: response.status, body: await response.json() }
}

async function statusWhen(done: (status: SessionStatus) => boolean): Promise<SessionStatus> {
  for (;;) {
    const { body } = await ask('/api/status')
    if (done(body)) return body
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}

function ffmpegs(): number {
  const { stdout } = spawnSync('ps', ['-o', 'stat=,comm=', '--ppid', String(server.pid)], {
    encoding: 'utf8',
  })
  return stdout.split('\n').filter((line) => line.includes('ffmpeg') && !line.startsWith('Z')).length
}

/** A viewer's signaling socket, and the newest status it was pushed. */
async function listen() {
  const heard: FromServer[] = []
  const socket = new WebSocket(new URL('/signal', server.url.replace(/^http/, 'ws')), { headers: { cookie } })
  socket.on('message', (data) => heard.push(fromServer.parse(JSON.parse(data.toString()))))
  await new Promise((resolve, reject) => socket.once('message', resolve).once('error', reject))
  const state = () => heard.filter((message) => message.type === 'status').at(-1)?.status
  return { heard, state, close: () => socket.close() }
}

test('pause, seek, resume and preset over HTTP, pushed to every viewer with the name of who did it', async () => {
  const viewer = await listen()
  await ask('/api/play', { query: 'long.mp4' })
  await statusWhen(({ state }) => state === 'playing')
  expect(await ask('/api/pause', { who: 'car' })).toMatchObject({ status: 200, body: { state: 'paused' } })
  expect((await ask('/api/seek', { to: 40, who: 'phone' })).body).toMatchObject({
    state: 'paused',
    seekable: true,
    duration: 90,
    position: { media: 40 },
    command: { name: 'seek', who: 'phone' },
  })
  const { body } = await ask('/api/resume', {})
  expect(body.state).toBe('playing')
  expect((await ask('/api/seek', { by: 20 })).body.position.media).toBeGreaterThanOrEqual(60)
  expect((await ask('/api/preset', { preset: 'med' })).body).toMatchObject({ preset: 'med' })
  expect(await ask('/api/preset', { preset: 'huge' })).toMatchObject({ status: 400 })
  expect(await ask('/api/seek', { to: -1 })).toMatchObject({ status: 400, body: { code: 'bad-request' } })
  expect(await ask('/api/seek', {})).toMatchObject({ status: 400 })
  expect(await ask('/api/seek', { live: true })).toMatchObject({
    status: 409,
    body: { code: 'not-seekable' },
  })
  // Two connections that are open, so that both leave at once and neither is carried out before the other has come.
  await Promise.all([ask('/api/status'), ask('/api/status')])
  const overtaken = ask('/api/seek', { to: 5 })
  const last = ask('/api/seek', { to: 50 })
  expect((await Promise.all([overtaken, last])).map(({ status }) => status).sort()).toEqual([200, 409])
  await ask('/api/stop', {})
  expect(await ask('/api/pause', {})).toMatchObject({ status: 409, body: { code: 'nothing-playing' } })
  await expect.poll(() => viewer.state()?.state).toBe('idle')
  const commands = viewer.heard.map((message) => message.type === 'status' && message.status.command?.who)
  expect(commands).toContain('car')
  expect(commands).toContain('phone')
  viewer.close()
})

test('the queue plays on by itself, what was left is gone on with, and a kill forgets neither', async () => {
  const data = join(clips.path, 'data')
  await server.close()
  await start('--data', data)
  const viewer = await listen()
  await ask('/api/queue/add', { query: 'long.mp4', title: 'The long one' })
  const { body } = await ask('/api/queue/add', { query: 'short.mp4', first: true })
  expect(body.queue.map(({ title }: { title: string }) => title)).toEqual(['short.mp4', 'The long one'])
  // The answer and what is pushed come over two sockets, in either order.
  await expect
    .poll(() => viewer.heard.filter(({ type }) => type === 'queue').at(-1))
    .toEqual({ type: 'queue', length: 2 })
  viewer.close()
  expect((await ask('/api/next', {})).status).toBe(202)
  await statusWhen(({ title, state }) => title === 'long' && state === 'playing')
  await ask('/api/seek', { to: 30 })
  await ask('/api/queue/add', { query: 'short.mp4' })
  // Positions are saved every five seconds.
  await expect
    .poll(async () => (await ask('/api/history')).body.history[0].position)
    .toBeGreaterThanOrEqual(30)
  server.kill('SIGKILL')
  await server.exited
  await start('--data', data)
  expect((await ask('/api/queue')).body.queue).toHaveLength(1)
  const { history } = (await ask('/api/history')).body
  expect(history.map(({ title }: { title: string }) => title)).toEqual(['long', 'short'])
  await ask('/api/play', { query: 'long.mp4' })
  const resumed = await statusWhen(({ state }) => state === 'playing')
  expect(resumed.position?.media).toBeGreaterThanOrEqual(30)
  await ask('/api/play', { query: 'long.mp4', from: 0 })
  const anew = await statusWhen(({ state }) => state === 'playing')
  expect(anew.position?.media).toBeLessThan(10)
  await ask('/api/previous', {})
  expect((await ask('/api/queue')).body.queue).toHaveLength(2)
  await ask('/api/stop', {})
}, 90_000)

test('local files come with their length and with pictures that the page can paint', async () => {
  await expect.poll(async () => (await ask('/api/library')).body.reading).toBe(0)
  const { files } = (await ask('/api/library')).body
  expect(files.map(({ path }: { path: string }) => path)).toEqual(['long.mp4', 'short.mp4'])
  expect(files[0]).toMatchObject({ duration: 90, width: 320, height: 240, playable: true })
  const { status, body } = await ask(files[0].thumbnail)
  expect([status, body.cols, body.rows]).toEqual([200, 80, 30])
  const decoder = new SliceDecoder({ cols: body.cols, rows: body.rows })
  decoder.epoch(0)
  for (const slice of body.slices) decoder.decode(Buffer.from(slice, 'base64'))
  // The test picture is anything but grey.
  const painted = decoder.picture
  expect(new Set([...painted.y.slice(0, 2400)]).size).toBeGreaterThan(20)
  for (const query of ['file=../x.mp4', 'file=/etc/passwd', 'file=', 'at=3', 'file=long.mp4&at=-1'])
    expect((await ask(`/api/still?${query}`)).status, query).toBeGreaterThanOrEqual(400)

  await ask('/api/play', { query: 'long.mp4', from: 0 })
  const playing = await statusWhen(({ state }) => state === 'playing')
  expect(playing).toMatchObject({ query: 'long.mp4', seek_range: { start: 0, end: 90 } })
  expect((await ask(`${playing.still}&at=45`)).body.cols).toBe(80)
  await ask('/api/stop', {})
})

test('an entry that fails is passed over and listed, and the countdown can be called off', async () => {
  await ask('/api/queue/clear', {})
  await ask('/api/queue/add', { query: 'https://www.youtube.com/watch?v=private_001', title: 'Not for us' })
  await ask('/api/queue/add', { query: 'short.mp4' })
  await ask('/api/next', { who: 'sofa' })
  const failed = await statusWhen(({ state }) => state === 'error')
  expect(failed.upcoming).toMatchObject({ query: 'short.mp4' })
  expect(failed.upcoming?.in_ms).toBeGreaterThan(0)
  expect(failed.upcoming?.in_ms).toBeLessThanOrEqual(5000)
  const list = (await ask('/api/queue')).body
  expect(list.queue).toMatchObject([{ query: 'short.mp4', thumbnail: '/api/still?file=short.mp4' }])
  expect(list.failed).toMatchObject([
    { title: 'Not for us', thumbnail: '/api/thumbnail?id=private_001', error: { code: failed.error?.code } },
  ])
  expect((await ask('/api/next/cancel', {})).body.upcoming).toBeUndefined()
  expect((await ask('/api/queue/clear', {})).body).toEqual({ queue: [], failed: [] })
})

test('a search answers with cards, and pictures come from nowhere else', async () => {
  const { body } = await ask('/api/search?q=cats&n=3')
  expect(body.videos).toHaveLength(3)
  expect(body.videos[0]).toMatchObject({
    channel: 'Example Channel',
    thumbnail: '/api/thumbnail?id=video_00001',
  })
  expect((await ask('/api/search?q=cats&n=1000')).status).toBe(400)
  expect((await ask('/api/search?q=--exec')).body.code).toBe('query-refused')
  expect((await ask('/api/thumbnail?id=../../etc/passwd')).status).toBe(400)
  expect((await ask('/api/thumbnail?id=https://evil')).status).toBe(400)
})

test('the OpenAPI document names every command with its schemas', async () => {
  const { body } = await ask('/api/openapi.json')
  expect(body.openapi).toBe('3.1.0')
  for (const path of ['/api/play', '/api/seek', '/api/queue/move', '/api/search', '/audio'])
    expect(body.paths, path).toHaveProperty([path])
  expect(body.paths['/api/seek'].post.responses['409'].description).toContain('superseded')
  expect(body.paths['/api/search'].get.parameters.map(({ name }: { name: string }) => name)).toEqual([
    'q',
    'n',
    'from',
  ])
  expect(body.paths['/api/play'].post.requestBody.content['application/json'].schema.required).toEqual([
    'query',
  ])
})

/** The same numbers every time. */
function seeded(seed: number) {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32
    return state / 2 ** 32
  }
}

test('a hundred random commands of five clients: one process at most, one state for all, the last one wins', async () => {
  const random = seeded(20_261_122)
  const viewers = await Promise.all(Array.from({ length: 5 }, listen))
  let most = 0
  const watch = setInterval(() => (most = Math.max(most, ffmpegs())), 150)
  const answers: Promise<{ status: number }>[] = []
  for (let count = 0; count < 100; count++) {
    const who = `client ${Math.floor(random() * 5)}`
    const [path, body] = [
      ['/api/play', { query: random() < 0.5 ? 'long.mp4' : 'demo:', from: 0 }],
      ['/api/seek', { to: Math.floor(random() * 80) }],
      ['/api/seek', { by: Math.floor(random() * 40) - 20 }],
      ['/api/pause', {}],
      ['/api/resume', {}],
      ['/api/preset', { preset: ['low', 'med', 'high'][Math.floor(random() * 3)] }],
      ['/api/stop', {}],
    ][Math.floor(random() * 7)] as [string, object]
    answers.push(ask(path, { ...body, who }))
    await new Promise((resolve) => setTimeout(resolve, random() * 120))
  }
  answers.push(ask('/api/play', { query: 'long.mp4', preset: 'high', from: 10, who: 'the last' }))
  const statuses = (await Promise.all(answers)).map(({ status }) => status)
  expect(statuses.filter((status) => ![200, 202, 409].includes(status))).toEqual([])
  const final = await statusWhen(({ state }) => state === 'playing')
  expect(final).toMatchObject({ title: 'long', preset: 'high', command: { name: 'play', who: 'the last' } })
  for (const viewer of viewers) {
    await expect
      .poll(() => viewer.state())
      .toMatchObject({ session_id: final.session_id, state: 'playing', preset: 'high' })
    viewer.close()
  }
  clearInterval(watch)
  expect(most).toBeLessThanOrEqual(1)
  await ask('/api/stop', {})
  await expect.poll(ffmpegs).toBe(0)
}, 90_000)
