// The real program, asked the way strangers, fools and attackers ask.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { type OwnServer, signIn, startOwnServer, withFolder } from '../sim/own-server.ts'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const media = mkdtempSync(join(tmpdir(), 'asciline-media-'))

let server: OwnServer
let cookie: string

beforeAll(async () => {
  writeFileSync(join(media, 'text.mp4'), 'this is not a film')
  symlinkSync('/etc/hostname', join(media, 'way-out.mp4'))
  server = await startOwnServer(['--media', media, '--log-level', 'info'])
  cookie = await signIn(server.url, server.pin)
})
afterAll(async () => {
  await server?.close()
  rmSync(media, { recursive: true })
})

async function post(path: string, body: unknown, headers: Record<string, string> = { cookie }) {
  const response = await fetch(new URL(path, server.url), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  const text = await response.text()
  return { status: response.status, body: text === '' ? {} : JSON.parse(text), headers: response.headers }
}

async function get(path: string, headers: Record<string, string> = { cookie }) {
  const response = await fetch(new URL(path, server.url), { headers })
  return { status: response.status, body: await response.json().catch(() => undefined) }
}

/** Polls the status until `done`; the deadline is the test's own. */
async function statusWhen(
  done: (status: { state: string; error?: { code: string; message: string } }) => boolean,
) {
  for (;;) {
    const { body } = await get('/api/status')
    if (done(body)) return body
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}

async function failureOf(query: string) {
  const { status } = await post('/api/play', { query })
  expect(status).toBe(202)
  const settled = await statusWhen(({ state }) => state !== 'resolving')
  expect(settled.state, JSON.stringify(settled)).toBe('error')
  expect(settled.error.message.length).toBeGreaterThan(10)
  return settled.error.code
}

test('without the cookie nothing but the page and the word ok is answered', async () => {
  for (const path of ['/api/status', '/api/library', '/audio?epoch=1&from=0'])
    expect((await get(path, {})).body, path).toMatchObject({ code: 'unauthorized' })
  for (const path of ['/api/play', '/api/stop'])
    expect(await post(path, { query: 'demo:' }, {})).toMatchObject({
      status: 401,
      body: { code: 'unauthorized' },
    })
  expect(await get('/healthz', {})).toEqual({ status: 200, body: { status: 'ok' } })
  expect((await get('/healthz')).body).toMatchObject({ cpuPercent: expect.any(Number), viewers: 0 })
})

test('the cookie is HttpOnly and same-site, and not Secure over plain http', async () => {
  const { headers, status } = await post('/api/auth', { pin: server.pin }, {})
  expect(status).toBe(204)
  const set = headers.get('set-cookie') ?? ''
  expect(set).toMatch(/HttpOnly/)
  expect(set).toMatch(/SameSite=Lax/)
  expect(set).not.toMatch(/Secure/)
})

test('malformed and oversized bodies are a bad request, and the server goes on', async () => {
  expect(await post('/api/play', '{"query":')).toMatchObject({ status: 400, body: { code: 'bad-request' } })
  expect(await post('/api/play', '[]')).toMatchObject({ status: 400, body: { code: 'bad-request' } })
  expect(await post('/api/play', { query: 7 })).toMatchObject({ status: 400, body: { code: 'bad-request' } })
  expect(await post('/api/play', { query: '   ' })).toMatchObject({ status: 400 })
  expect(await post('/api/play', { query: 'x'.repeat(10_000) })).toMatchObject({
    status: 400,
    body: { code: 'query-too-long' },
  })
  // Short enough to be written in one go: a body the server does not read to its end would have its answer raced by the reset.
  expect((await post('/api/play', { query: 'x'.repeat(20_000) })).status).toBe(413)
  expect(await post('/api/play', { query: 'demo:', preset: 'huge' })).toMatchObject({
    status: 400,
    body: { code: 'unknown-preset' },
  })
  expect((await get('/api/status')).body).toMatchObject({ state: 'idle' })
})

test('queries that must not be followed end in an error a person can read', async () => {
  expect(await failureOf('--exec=touch /tmp/owned')).toBe('query-refused')
  expect(await failureOf('file:///etc/passwd')).toBe('query-refused')
  expect(await failureOf('http://127.0.0.1:1/x.mp4')).toBe('host-refused')
  expect(await failureOf('../../etc/passwd.mp4')).toBe('outside-media')
  expect(await failureOf('way-out.mp4')).toBe('outside-media')
  expect(await failureOf('./nothing-here.mp4')).toBe('file-not-found')
  expect(await failureOf('text.mp4')).toBe('not-media')
})

test('a page of another site may not command, a page of ours may', async () => {
  const own = new URL(server.url).origin
  expect(await post('/api/stop', {}, { cookie, origin: 'https://evil.example' })).toMatchObject({
    status: 403,
    body: { code: 'origin-refused' },
  })
  expect((await post('/api/stop', {}, { cookie, origin: own })).status).toBe(200)
})

test('the sound of another epoch is not found, and rubbish in its address is a bad request', async () => {
  expect((await get('/audio?epoch=1&from=0')).status).toBe(404)
  expect((await get('/audio?epoch=-1&from=0')).status).toBe(400)
  expect((await get('/audio?epoch=x')).status).toBe(400)
})

test('demo plays, a second play supersedes at once, stop stops, and no ffmpeg is left', async () => {
  const first = await post('/api/play', { query: 'demo:', preset: 'low' })
  const second = await post('/api/play', { query: 'demo:', preset: 'med' })
  expect(second.body.session_id).not.toBe(first.body.session_id)
  const playing = await statusWhen(({ state }) => state === 'playing')
  expect(playing).toMatchObject({ session_id: second.body.session_id, preset: 'med' })
  expect((await post('/api/stop', {})).body).toMatchObject({ state: 'idle', session_id: null })
  for (;;) {
    const { stdout } = spawnSync('ps', ['-o', 'args=', '--ppid', String(server.pid)], { encoding: 'utf8' })
    if (!stdout.includes('ffmpeg')) break
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
})

test('rubbish on the signaling socket closes that socket and no other', async () => {
  const open = async () => {
    const socket = new WebSocket(new URL('/signal', server.url.replace(/^http/, 'ws')), {
      headers: { cookie },
    })
    await new Promise((resolve, reject) => socket.once('message', resolve).once('error', reject))
    return socket
  }
  const bystander = await open()
  for (const rubbish of ['{"type":', '{"type":"nothing"}', '[]', 'x'.repeat(70_000), Buffer.alloc(100)]) {
    const socket = await open()
    const closed = new Promise((resolve) => socket.once('close', resolve))
    socket.send(rubbish)
    await closed
  }
  expect(bystander.readyState).toBe(WebSocket.OPEN)
  bystander.close()
})

test('five wrong PINs lock the address, whoever is in stays in', async () => {
  for (let attempt = 0; attempt < 4; attempt++)
    expect((await post('/api/auth', { pin: '000000' }, {})).body.code).toBe('wrong-pin')
  await post('/api/auth', { pin: '000000' }, {})
  const locked = await post('/api/auth', { pin: server.pin }, {})
  expect(locked).toMatchObject({
    status: 429,
    body: { code: 'locked-out', retryAfterMs: expect.any(Number) },
  })
  expect(Number(locked.headers.get('retry-after'))).toBeGreaterThan(0)
  expect((await get('/api/status')).status).toBe(200)
})

function startup(flags: string[]) {
  return spawnSync(process.execPath, [join(root, 'src', 'main.ts'), ...flags], {
    encoding: 'utf8',
    timeout: 20_000,
  })
}

test('a command line that cannot be followed ends with code 2 and the rule', () => {
  const unknown = startup(['--nope'])
  expect(unknown.status).toBe(2)
  expect(unknown.stderr).toContain("Unknown option '--nope'")
  const short = startup(['--pin', '123'])
  expect(short.status).toBe(2)
  expect(short.stderr).toContain('must be 4 to 8 digits')
  const without = startup(['--ffmpeg', '/nowhere/ffmpeg'])
  expect(without.status).toBe(2)
  expect(without.stderr).toContain('ffmpeg-missing')
  expect(startup(['--help']).stdout).toContain('--max-source-height')
})

test('a taken port ends with code 1 and says so', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => taken.once('listening', resolve))
  const { port } = taken.address() as { port: number }
  const ended = startup(['--host', '127.0.0.1', '--port', String(port), '--pin', '481516'])
  taken.close()
  expect(ended.status).toBe(1)
  expect(ended.stderr).toContain('port-taken')
})

test('SIGTERM during play leaves no process behind', async () => {
  await withFolder(async () => {
    const own = await startOwnServer(['--play', 'demo:', '--preset', 'low'])
    const children = () =>
      spawnSync('ps', ['-o', 'pid=,args=', '--ppid', String(own.pid)], { encoding: 'utf8' })
        .stdout.split('\n')
        .filter((line) => line.includes('ffmpeg'))
    while (children().length === 0) await new Promise((resolve) => setTimeout(resolve, 50))
    const pid = Number.parseInt(children()[0], 10)
    expect(await own.close()).toBe(0)
    expect(() => process.kill(pid, 0)).toThrow()
  })
})
