// Searches, lists, what is remembered of them, and how many yt-dlp run at once; yt-dlp is a stand-in.

import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { AnswerCache } from '../../../src/resolve/answer-cache.ts'
import { equalPair, lengthOf } from '../../../src/resolve/format-pair.ts'
import { readList } from '../../../src/resolve/query.ts'
import { Resolver, type ResolverOptions } from '../../../src/resolve/resolver.ts'
import { readFound } from '../../../src/resolve/search-report.ts'
import { Slots } from '../../../src/resolve/slots.ts'
import { readReport } from '../../../src/resolve/yt-dlp-report.ts'

const FIXTURES = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'fixtures')
let folder: string
let log: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'asciline-search-'))
  log = join(folder, 'calls')
  vi.stubEnv('FAKE_YT_DLP_LOG', log)
})
afterEach(() => rm(log, { force: true }))
afterAll(() => {
  vi.unstubAllEnvs()
  return rm(folder, { recursive: true })
})

const fake = (options: Partial<ResolverOptions> = {}) =>
  new Resolver({
    ytDlp: join(FIXTURES, 'fake-yt-dlp.mjs'),
    log: { info: () => {}, warn: () => {} },
    ...options,
  })
const never = new AbortController().signal
const calls = async () =>
  (await readFile(log, 'utf8'))
    .split('\n')
    .filter((line) => line !== '' && !line.includes('--version'))
    .map((line) => JSON.parse(line) as { pid: number; args: string[] })

describe('a search', () => {
  test('finds videos with all that a card shows', async () => {
    const found = await fake().search('cats  and dogs', { count: 8, signal: never })
    // The seventh is private, the channel and the line of rubbish are no videos.
    expect(found).toHaveLength(7)
    expect(found[0]).toEqual({
      id: 'video_00001',
      query: 'https://www.youtube.com/watch?v=video_00001',
      title: 'Number 1 of cats and dogs',
      channel: 'Example Channel',
      duration: 60,
      live: false,
      upcoming: false,
      starts_at: null,
      views: 1000,
      thumbnail: '/api/thumbnail?id=video_00001',
    })
    expect(found[2]).toMatchObject({ upcoming: true, starts_at: 1_800_000_000_000 })
    expect(found[1]).toMatchObject({ live: true, duration: null })
  })

  test('without a hit is an empty list, one that must not be made is refused', async () => {
    expect(await fake().search('nothing', { count: 5, signal: never })).toEqual([])
    await expect(fake().search('--exec=x', { count: 5, signal: never })).rejects.toMatchObject({
      code: 'query-refused',
    })
  })

  test('of a list opens one page of it', async () => {
    const address = 'https://www.youtube.com/watch?v=video_00001&list=PLexample-1234'
    const found = await fake().search(address, { count: 10, from: 21, signal: never })
    expect(found.map(({ id }) => id)).toEqual(
      Array.from({ length: 10 }, (_, index) => `video_${21 + index}`.replace('_', '_000')),
    )
    const [{ args }] = await calls()
    expect(args).toContain('21:30')
    expect(args.at(-1)).toBe('https://www.youtube.com/playlist?list=PLexample-1234')
  })

  test('whose address is played is its first entry, with the next 49 behind it', async () => {
    const media = await fake().resolve('https://www.youtube.com/@example', never)
    expect(media).toMatchObject({ title: 'A recorded video' })
    // The thirty of the stand-in, less the private one and the first.
    expect(media.rest).toHaveLength(28)
    expect(media.rest?.[0]).toEqual({
      query: 'https://www.youtube.com/watch?v=video_00002',
      title: 'Number 2 of @example/videos',
    })
    const args = (await calls()).map((call) => call.args)
    expect(args.find((one) => one.includes('--flat-playlist'))).toContain('1:50')
    await expect(
      fake().resolve('https://www.youtube.com/playlist?list=PLempty-list', never),
    ).rejects.toMatchObject({ code: 'no-results' })
  })

  test('that is given up leaves nothing running', async () => {
    const abort = new AbortController()
    const search = fake().search('hang', { count: 3, signal: abort.signal })
    await vi.waitFor(async () => expect(await calls()).toHaveLength(1), { timeout: 15_000 })
    abort.abort()
    await expect(search).rejects.toMatchObject({ code: 'superseded' })
    const [{ pid }] = await calls()
    expect(() => process.kill(pid, 0)).toThrow()
  })
})

test('what names a list is told from what names a video', () => {
  expect(readList('https://www.youtube.com/playlist?list=PL1234567890')).toBe(
    'https://www.youtube.com/playlist?list=PL1234567890',
  )
  expect(readList('youtube.com/@some.body/videos')).toBe('https://www.youtube.com/@some.body/videos')
  expect(readList('https://www.youtube.com/channel/UCabcdefghijklmnopqrstuv')).toContain('/channel/UC')
  expect(readList('https://youtu.be/abcdefghijk')).toBeUndefined()
  expect(readList('https://evil.example/playlist?list=PL1234567890')).toBeUndefined()
  expect(readList('https://www.youtube.com/playlist?list=--exec%20x')).toBeUndefined()
  expect(readList('https://www.youtube.com/%E0%A4%A')).toBeUndefined()
  expect(readList('two words')).toBeUndefined()
})

describe('answers', () => {
  test('of half an hour ago are used again, older ones and unwanted ones are not', async () => {
    let now = 1_700_000_000_000
    const resolver = fake({ now: () => now })
    await resolver.resolve('ok_video_01', never)
    now += 29 * 60_000
    await resolver.resolve('https://youtu.be/ok_video_01', never)
    expect(await calls()).toHaveLength(1)
    await resolver.resolve('ok_video_01', never, { fresh: true })
    expect(await calls()).toHaveLength(2)
    now += 31 * 60_000
    await resolver.resolve('ok_video_01', never)
    expect(await calls()).toHaveLength(3)
  })

  test('whose addresses are about to expire are not kept', async () => {
    // The addresses of the fixture expire at 1795400000 s.
    const resolver = fake({ now: () => 1_795_400_000_000 - 60_000 })
    expect((await resolver.resolve('ok_video_01', never)).expiresAt).toBe(1_795_400_000_000)
    await resolver.resolve('ok_video_01', never)
    expect(await calls()).toHaveLength(2)
  })

  test('make room for new ones, oldest first', () => {
    const cache = new AnswerCache<number>({ capacity: 2 })
    cache.set('a', 1, 100)
    cache.set('b', 2, 100)
    cache.set('a', 3, 100)
    cache.set('c', 4, 50)
    expect(['a', 'b', 'c'].map((key) => cache.get(key, 0))).toEqual([3, undefined, 4])
    expect(cache.get('c', 50)).toBeUndefined()
  })
})

describe('at most two yt-dlp', () => {
  test('run at once, the others wait their turn', async () => {
    const slots = new Slots({ count: 2 })
    const first = await slots.take(never)
    const second = await slots.take(never)
    const order: number[] = []
    const arrive = (number: number) => () => void order.push(number)
    const third = slots.take(never).then(arrive(3))
    const abort = new AbortController()
    const fourth = slots.take(abort.signal)
    const fifth = slots.take(never).then(arrive(5))
    abort.abort()
    await expect(fourth).rejects.toThrow()
    expect(order).toEqual([])
    first()
    // Given back twice is given back once.
    first()
    await third
    expect(order).toEqual([3])
    second()
    await fifth
    expect(order).toEqual([3, 5])
  })

  test('ask as the account they are given', async () => {
    const resolver = fake({ account: { cookies: '/a/file' } })
    await resolver.resolve('ok_video_01', never)
    await fake({ account: { cookiesFromBrowser: 'firefox' } }).search('x', { count: 1, signal: never })
    const [{ args: play }, { args: search }] = await calls()
    expect(play[play.indexOf('--cookies') + 1]).toBe('/a/file')
    expect(search[search.indexOf('--cookies-from-browser') + 1]).toBe('firefox')
  })
})

describe('a picture and a sound of different edits', () => {
  const format = (dur: number, more: object) => ({
    url: `https://r1.googlevideo.com/videoplayback?dur=${dur}&expire=1795400000`,
    protocol: 'https',
    acodec: 'none',
    vcodec: 'none',
    ...more,
  })
  const audio = format(212.1, { acodec: 'mp4a.40.2' })
  const av1 = format(236, { vcodec: 'av01', height: 720 })
  const h264 = format(212, { vcodec: 'avc1.64', height: 480 })
  const vp9 = format(212, { vcodec: 'vp9', height: 720 })

  test('are replaced by a picture as long as the sound, H.264 first', () => {
    expect(lengthOf(av1)).toBe(236)
    expect(equalPair([av1, audio], [av1, vp9, h264], 720)).toEqual([h264, audio])
    expect(equalPair([av1, audio], [av1, vp9], 720)).toEqual([vp9, audio])
    expect(equalPair([av1, audio], [av1, vp9], 480)).toEqual([av1, audio])
    expect(equalPair([h264, audio], [vp9], 720)).toEqual([h264, audio])
  })

  test('are found in what yt-dlp prints', () => {
    const report = {
      title: 'T',
      duration: 212,
      requested_formats: [av1, audio],
      formats: [av1, h264, { x: 1 }],
    }
    const media = readReport(JSON.stringify(report), { kind: 'youtube', allowHosts: [] })
    expect(media?.video.url).toBe(h264.url)
    expect(media?.expiresAt).toBe(1_795_400_000_000)
  })
})

test('rubbish among the lines of a list is left out, and so is what is beyond the limit', () => {
  const line = (id: unknown, title: unknown) => JSON.stringify({ id, title })
  const text = [line('../../../etc', 'x'), line('abcdefghijk', ''), '{', '[]', line('abcdefghijk', 'A')]
  expect(readFound(text.join('\n'), 5).map(({ id }) => id)).toEqual(['abcdefghijk'])
  expect(readFound(Array(9).fill(line('abcdefghijk', 'A')).join('\n'), 3)).toHaveLength(3)
})
