import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { ERROR_CODES } from '../../../signaling/error-codes.ts'
import { Resolver } from '../../../src/resolve/resolver.ts'
import { classifyYtDlp } from '../../../src/resolve/yt-dlp-failure.ts'
import { describeFailure } from '../../../src/session/failure.ts'
import { quiet } from '../source/gather.ts'
import { gone } from '../source/processes.ts'

const FIXTURES = new URL('../../fixtures/', import.meta.url).pathname
type Scenario = { code?: (typeof ERROR_CODES)[number]; stderr?: string[]; hang?: true }
const { scenarios } = JSON.parse(await readFile(join(FIXTURES, 'yt-dlp/scenarios.json'), 'utf8')) as {
  scenarios: Record<string, Scenario>
}

let folder: string
let log: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'asciline-resolver-'))
  log = join(folder, 'calls')
  vi.stubEnv('FAKE_YT_DLP_LOG', log)
})
afterEach(() => rm(log, { force: true }))
afterAll(() => {
  vi.unstubAllEnvs()
  return rm(folder, { recursive: true, force: true })
})

const fake = (options: Partial<ConstructorParameters<typeof Resolver>[0]> = {}) =>
  new Resolver({ ytDlp: join(FIXTURES, 'fake-yt-dlp.mjs'), log: quiet, ...options })
const never = new AbortController().signal
const calls = async () =>
  (await readFile(log, 'utf8').catch(() => ''))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { pid: number; args: string[] })

describe('yt-dlp answers', () => {
  test('a video: two addresses with their headers, and how long it is', async () => {
    const media = await fake().resolve('ok_video_01', never)
    expect(media).toMatchObject({ kind: 'youtube', title: 'A recorded video', live: false, duration: 212 })
    expect(new URL(media.video.url).searchParams.get('itag')).toBe('136')
    expect(new URL(media.audio!.url).searchParams.get('itag')).toBe('140')
    expect(media.video.headers).toMatchObject({ 'Sec-Fetch-Mode': 'navigate' })
  })

  test('a live stream: one address, no duration', async () => {
    const media = await fake().resolve('https://www.youtube.com/live/live_now_01', never)
    expect(media).toMatchObject({ live: true, video: { url: expect.stringContaining('index.m3u8') } })
    expect([media.audio, media.duration]).toEqual([undefined, undefined])
  })

  test('a search: its first hit, or that there is none', async () => {
    expect(await fake().resolve('some words', never)).toMatchObject({ title: 'The first hit' })
    await expect(fake().resolve('find nothing at all', never)).rejects.toMatchObject({ code: 'no-results' })
  })

  test('slowly: it is waited for', async () => {
    expect(await fake().resolve('slow_000001', never)).toMatchObject({ title: 'A recorded video' })
  })

  test('the height asked for is the height the operator set', async () => {
    await fake({ maxSourceHeight: 360 }).resolve('ok_video_01', never)
    const { args } = (await calls()).at(-1)!
    expect(args[args.indexOf('-f') + 1]).toContain('[height<=?360]')
    expect(args[args.indexOf('-S') + 1]).toContain('res:360')
    expect(args.join(' ')).toContain('--js-runtimes node:')
  })
})

describe('yt-dlp fails', () => {
  const failing = Object.entries(scenarios).filter(
    ([, { code, hang }]) => code !== undefined && hang === undefined,
  )
  test.each(failing)('%s is told as the right thing, with something to do', async (id, { code, stderr }) => {
    const error = await fake()
      .resolve(id, never)
      .catch((reason) => reason)
    expect(error).toMatchObject({ name: 'MediaError', code })
    expect(error.message.length).toBeGreaterThan(15)
    expect(error.message).not.toMatch(/https:\/\/github|cookies-from-browser|please report/)
    if (stderr !== undefined) expect(error.stderr).toEqual(stderr)
  })

  test('when a live event begins is passed on', async () => {
    await expect(fake().resolve('upcoming_01', never)).rejects.toThrow('It begins in 3 hours.')
    await expect(fake().resolve('upcoming_02', never)).rejects.toThrow('It begins in 20 minutes.')
  })

  test('an old one is blamed for what may be its own fault, and for nothing else', async () => {
    vi.stubEnv('FAKE_YT_DLP_VERSION', '2023.03.04')
    const code = (id: string) =>
      fake()
        .resolve(id, never)
        .catch((error) => error.code)
    for (const id of ['outdated_01', 'outdated_02', 'outdated_03', 'nothing_001', 'crash_00001']) {
      expect(await code(id)).toBe('yt-dlp-too-old')
    }
    expect(await code('private_001')).toBe('private')
    expect(await code('bot_check_1')).toBe('bot-check')
    expect(await code('no_network1')).toBe('network')
    expect(await code('removed_001')).toBe('unavailable')
    const { args } = (await calls()).at(-1)!
    expect(args.join(' ')).not.toContain('--js-runtimes')
    vi.stubEnv('FAKE_YT_DLP_VERSION', '2026.07.04')
  })

  test('one that is not there, or cannot be run, is told as missing', async () => {
    await expect(fake({ ytDlp: '/nowhere/yt-dlp' }).resolve('cats', never)).rejects.toMatchObject({
      code: 'yt-dlp-missing',
    })
    await expect(fake({ ytDlp: folder }).resolve('cats', never)).rejects.toMatchObject({
      code: 'yt-dlp-missing',
    })
  })

  test('warnings alone never decide', () => {
    const stderr = [
      'WARNING: [youtube] Sign in to confirm you’re not a bot',
      'ERROR: [youtube] x: Private video. Sign in',
    ]
    expect(classifyYtDlp({ stderr, exitCode: 1 }).code).toBe('private')
    expect(classifyYtDlp({ stderr: [], exitCode: 101 })).toMatchObject({
      code: 'yt-dlp-failed',
      message: /101/,
    })
  })

  test('every code it can give is a code the page knows', () => {
    for (const { code } of Object.values(scenarios))
      if (code !== undefined) expect(ERROR_CODES).toContain(code)
  })
})

test('what has not begun says when it will, where the site does', async () => {
  const said = (text: string) => classifyYtDlp({ stderr: [`ERROR: [youtube] x: ${text}`], exitCode: 1 })
  expect(said('This live event will begin in 3 hours.')).toEqual({
    code: 'live-not-started',
    message: 'This has not started yet. It begins in 3 hours.',
    startsInMs: 3 * 3_600_000,
  })
  expect(said('Premieres in 12 minutes').startsInMs).toBe(720_000)
  expect(said('This live event will begin in a few moments.').startsInMs).toBeUndefined()
  const [id] = Object.entries(scenarios).find(([, { code }]) => code === 'live-not-started') as [
    string,
    Scenario,
  ]
  const error: unknown = await fake({ now: () => 1000 })
    .resolve(id, never)
    .catch((caught: unknown) => caught)
  expect(describeFailure(error)).toMatchObject({ code: 'live-not-started' })
  expect(describeFailure(error).starts_at).toBeGreaterThan(1000)
})

describe('a resolve that is not wanted any more', () => {
  test('ends at once, and its yt-dlp with it, even one that ignores SIGTERM', async () => {
    const abort = new AbortController()
    const attempt = fake().resolve('hangs_00001', abort.signal)
    await expect.poll(async () => (await calls()).length).toBe(2)
    const { pid } = (await calls())[1]!
    abort.abort()
    await expect(attempt).rejects.toMatchObject({ code: 'superseded' })
    await gone(pid)
  })

  test('was never begun when it was not wanted from the start', async () => {
    await expect(fake().resolve('ok_video_01', AbortSignal.abort())).rejects.toMatchObject({
      code: 'superseded',
    })
    expect((await calls()).filter(({ args }) => args.includes('--'))).toEqual([])
  })

  test('ends when somebody kills its yt-dlp, and says so', async () => {
    const attempt = fake().resolve('hangs_00001', never)
    const hanging = async () => (await calls()).find(({ args }) => args.includes('--'))?.pid ?? 0
    await expect.poll(hanging).toBeGreaterThan(0)
    process.kill(await hanging(), 'SIGKILL')
    await expect(attempt).rejects.toMatchObject({
      code: 'yt-dlp-failed',
      message: expect.stringContaining('SIGKILL'),
    })
  })

  test('ends by itself when it takes too long', async () => {
    await expect(fake({ timeoutMs: 300 }).resolve('hangs_00001', never)).rejects.toMatchObject({
      code: 'timeout',
    })
    await gone((await calls()).at(-1)!.pid)
  })
})

test('the demo needs nothing', async () => {
  const resolver = fake({ ytDlp: '/nowhere/yt-dlp' })
  expect(await resolver.resolve('demo:', never)).toMatchObject({ kind: 'demo', live: false })
})

test.each([
  ['--exec=touch /tmp/x', 'query-refused'],
  ['file:///etc/passwd', 'query-refused'],
  ['x'.repeat(10_000), 'query-too-long'],
  ['http://169.254.169.254/', 'host-refused'],
])('nothing is run for %.30s', async (query, code) => {
  await expect(fake().resolve(query, never)).rejects.toMatchObject({ code })
  expect(await calls()).toEqual([])
})
