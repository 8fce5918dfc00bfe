// The local files with real ffprobe and ffmpeg: what is told of them, the pictures taken, and the bounds of both.

import { mkdtemp, readFile, rm, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { MediaCache } from '../../../src/programme/media-cache.ts'
import { markOf, Shelf, type ShelfOptions } from '../../../src/programme/shelf.ts'
import { Resolver } from '../../../src/resolve/resolver.ts'
import { probe } from '../../../src/source/probe.ts'
import { ClipFolder } from '../source/clips.ts'
import { quiet } from '../source/gather.ts'
import { gone } from '../source/processes.ts'

let clips: ClipFolder
let tools: ClipFolder
let cache: MediaCache
let shelf: Shelf
let news = 0
const never = new AbortController().signal

beforeAll(async () => {
  clips = await ClipFolder.open()
  tools = await ClipFolder.open()
  const red = ['-f', 'lavfi', '-i', 'color=red:s=320x180:r=10:d=20']
  const blue = ['-f', 'lavfi', '-i', 'color=blue:s=320x180:r=10:d=20']
  const joined = [
    '-filter_complex',
    '[0][1]concat=n=2',
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-g',
    '10',
  ]
  await clips.make('film.mp4', [...red, ...blue, ...joined])
  await clips.make('sound.mp3', ['-f', 'lavfi', '-i', 'sine=440:d=3'])
  await clips.write('film.en.srt', '1\n00:00:01,000 --> 00:00:02,000\nHello\n')
  await clips.write('film of lies.mp4', 'this is no film')
})
beforeEach(() => {
  cache = new MediaCache()
  shelf = open()
})
afterEach(async () => {
  await shelf.close()
  cache.close()
})
afterAll(() => Promise.all([clips.close(), tools.close()]))

function open(options: Partial<ShelfOptions> = {}) {
  const resolver = new Resolver({ mediaDir: clips.path, log: quiet })
  return new Shelf({
    files: () => resolver.library(),
    find: (query) => resolver.file(query),
    ffmpeg: 'ffmpeg',
    ffprobe: 'ffprobe',
    cache,
    onNews: () => (news += 1),
    ...options,
  })
}

async function read() {
  await shelf.list()
  await expect.poll(async () => (await shelf.list()).reading).toBe(0)
  return (await shelf.list()).files
}

test('the list is there at once, and what ffprobe says follows', async () => {
  const before = news
  const first = await shelf.list()
  expect(first.reading).toBe(3)
  expect(first.files.map(({ path, duration }) => [path, duration])).toEqual([
    ['film of lies.mp4', null],
    ['film.mp4', null],
    ['sound.mp3', null],
  ])
  const [lies, film, sound] = await read()
  expect(film).toMatchObject({
    title: 'film',
    duration: 40,
    width: 320,
    height: 180,
    subtitles: true,
    playable: true,
    thumbnail: '/api/still?file=film.mp4',
  })
  expect(film?.size).toBeGreaterThan(1000)
  expect(sound).toMatchObject({ subtitles: false, playable: true, width: null, thumbnail: null })
  expect(sound?.duration).toBeCloseTo(3, 0)
  expect(lies).toMatchObject({ playable: false, thumbnail: null })
  expect(news).toBeGreaterThan(before)
})

test('what is known is not found out again until the file changes', async () => {
  await read()
  const broken = open({ ffprobe: '/nowhere/ffprobe' })
  expect((await broken.list()).reading).toBe(0)
  const path = join(clips.path, 'sound.mp3')
  await utimes(path, new Date(), new Date(1_700_000_000_000))
  expect((await broken.list()).reading).toBe(1)
  await broken.close()
})

test('what is to be played is described as ffprobe describes it, once it has been read, and anew when the file changes', async () => {
  expect(await shelf.known('film.mp4')).toBeUndefined()
  await read()
  for (const name of ['film.mp4', 'sound.mp3']) {
    const media = { kind: 'file' as const, title: name, live: false, video: { url: join(clips.path, name) } }
    expect(await shelf.known(name)).toEqual(await probe(media, { ffprobe: 'ffprobe' }))
  }
  expect(await shelf.known('film of lies.mp4')).toBeUndefined()
  await utimes(join(clips.path, 'sound.mp3'), new Date(), new Date(1_600_000_000_000))
  expect(await shelf.known('sound.mp3')).toBeUndefined()
  await expect(shelf.known('../elsewhere.mp4')).rejects.toMatchObject({ code: 'outside-media' })
})

describe('a picture', () => {
  const colour = ({ rgb, cols, rows }: { rgb: Uint8Array; cols: number; rows: number }) => {
    const middle = 3 * (Math.floor(rows / 2) * cols + cols / 2)
    return [...rgb.subarray(middle, middle + 3)].map((value) => Math.round(value / 128))
  }

  test('is that of its place in the film, in the shape of the film', async () => {
    const early = await shelf.still({ query: 'film.mp4', at: 5, signal: never })
    expect([early.cols, early.rows]).toEqual([80, 23])
    expect(colour(early)).toEqual([2, 0, 0])
    const late = await shelf.still({ query: 'film.mp4', at: 30, signal: never })
    expect(colour(late)).toEqual([0, 0, 2])
    expect(colour(await shelf.still({ query: 'film.mp4', signal: never }))).toEqual([2, 0, 0])
    expect(colour(await shelf.still({ query: 'film.mp4', at: 1e6, signal: never }))).toEqual([0, 0, 2])
  })

  test('is taken once for all places near it, and kept', async () => {
    await shelf.still({ query: 'film.mp4', at: 10, signal: never })
    const broken = open({ ffmpeg: '/nowhere/ffmpeg' })
    expect((await broken.still({ query: 'film.mp4', at: 10.9, signal: never })).cols).toBe(80)
    await expect(broken.still({ query: 'film.mp4', at: 14, signal: never })).rejects.toMatchObject({
      code: 'ffmpeg-missing',
    })
    await broken.close()
  })

  test.each([
    ['sound.mp3', 'not-found'],
    ['film of lies.mp4', 'not-found'],
    ['nothing.mp4', 'file-not-found'],
    ['../secret.mp4', 'outside-media'],
    ['/etc/passwd', 'outside-media'],
    ['-i', 'query-refused'],
  ])('of %s is refused as %s', async (query, code) => {
    await expect(shelf.still({ query, signal: never })).rejects.toMatchObject({ code })
  })

  test('that nobody waits for any more leaves no ffmpeg, and the next one has its place', async () => {
    const log = join(tools.path, 'pid')
    const stuck = await tools.write('stuck', `#!/bin/sh\necho $$ > ${log}\nexec sleep 60\n`, {
      executable: true,
    })
    const slow = open({ ffmpeg: stuck })
    const abort = new AbortController()
    const still = slow.still({ query: 'film.mp4', at: 20, signal: abort.signal })
    const behind = slow.still({ query: 'film.mp4', at: 24, signal: abort.signal })
    still.catch(() => {})
    behind.catch(() => {})
    await expect.poll(() => readFile(log, 'utf8').catch(() => '')).not.toBe('')
    abort.abort()
    await expect(still).rejects.toMatchObject({ code: 'superseded' })
    await expect(behind).rejects.toMatchObject({ code: 'superseded' })
    await gone(Number(await readFile(log, 'utf8')))
    await slow.close()
  })

  test('is not one of a crowd: the forty-first that waits is sent away', async () => {
    // What is in the file is known, or forty-one ffprobes at once would keep some from the queue until the first picture takes too long.
    await read()
    const stuck = await tools.write('wait', '#!/bin/sh\nexec sleep 60\n', { executable: true })
    const slow = open({ ffmpeg: stuck })
    const asked = Array.from({ length: 41 }, () => slow.still({ query: 'film.mp4', at: 36, signal: never }))
    const settled = Promise.allSettled(asked)
    await expect(Promise.race(asked)).rejects.toMatchObject({ code: 'rate-limited' })
    await slow.close()
    expect((await settled).every(({ status }) => status === 'rejected')).toBe(true)
  })
})

test('a file of any length has at most a hundred places', () => {
  const places = (duration: number) =>
    new Set(Array.from({ length: 5000 }, (_, index) => markOf((index / 5000) * duration, duration))).size
  expect([places(10), places(600), places(36_000)]).toEqual([5, 100, 100])
  expect(markOf(35_999, 36_000)).toBeLessThan(36_000)
  expect(markOf(undefined, 600)).toBe(60)
  expect(markOf(7, null)).toBe(7)
})

test('what is kept outlives a restart, is bounded, and a damaged entry is as none', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'asciline-cache-'))
  const kept = new MediaCache({ folder, maxStills: 3 })
  for (let count = 0; count < 10; count++)
    kept.keepStill(`k${count}`, { cols: 2, rows: 1, rgb: new Uint8Array([count, 2, 3, 4, 5, 6]) })
  kept.keepFacts('old', { playable: true } as never)
  kept.close()
  const again = new MediaCache({ folder, maxStills: 3 })
  expect(again.still('k6')).toBeUndefined()
  expect(again.still('k9')).toMatchObject({ cols: 2, rows: 1 })
  expect(again.still('k9')?.rgb[0]).toBe(9)
  expect(again.facts('old')).toBeUndefined()
  again.close()
  await rm(folder, { recursive: true })
})
