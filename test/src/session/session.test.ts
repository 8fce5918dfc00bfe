// The session with real ffmpeg: commands, their order, and what is left of them.

import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Media } from '../../../src/resolve/media.ts'
import type { SessionOptions } from '../../../src/session/session.ts'
import { ClipFolder } from '../source/clips.ts'
import { MediaServer } from '../source/media-server.ts'
import { demo, file, ownFfmpegs, Stage } from './stage.ts'

const CITY = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'fixtures', 'city.mp4')

let clips: ClipFolder
let film: string
const stages: Stage[] = []

const testFilm = (seconds: number) => [
  ...['-f', 'lavfi', '-i', 'testsrc2=s=320x240:r=24', '-f', 'lavfi', '-i', 'sine=440:r=48000'],
  ...['-t', String(seconds), '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '48', '-c:a', 'aac'],
  ...['-movflags', '+faststart'],
]

beforeAll(async () => {
  clips = await ClipFolder.open()
  film = await clips.make('film.mp4', testFilm(60))
})
afterEach(async () => {
  await Promise.all(stages.splice(0).map((stage) => stage.session.close()))
  expect(ownFfmpegs()).toEqual([])
})
afterAll(() => clips.close())

function open(resolve: SessionOptions['resolve'] = async () => demo, options: Partial<SessionOptions> = {}) {
  const stage = new Stage({ resolve, ...options })
  stages.push(stage)
  return stage
}

async function playing(stage: Stage, query = 'demo:') {
  stage.session.play(query)
  await stage.state('playing')
  await stage.nextFrame()
}

describe('pause', () => {
  test('lets no further frame go, says at which one it stands, and goes on with the next', async () => {
    const stage = open()
    await playing(stage)
    const { epoch } = await stage.nextFrame()
    expect(stage.session.pause()).toMatchObject({ state: 'paused', command: { name: 'pause' } })
    const last = stage.frames.at(-1)
    expect(stage.timelines.at(-1)).toMatchObject({ paused: true, epoch, frame: last?.index })
    const still = stage.session.status().position?.media as number
    expect(still).toBeCloseTo((last?.index as number) / 24, 2)
    // The repair of the last picture comes, nothing else does.
    expect(await stage.nextFrame()).toMatchObject({ index: last?.index })
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(stage.frames.at(-1)?.index).toBe(last?.index)
    expect(stage.session.status().position?.media).toBe(still)
    const next = stage.nextFrame()
    await stage.session.resume()
    expect(await next).toMatchObject({ epoch, index: (last?.index as number) + 1 })
    const timeline = stage.timelines.at(-1)
    expect(timeline).toMatchObject({ epoch, frame: (last?.index as number) + 1 })
    expect(timeline?.paused).toBeUndefined()
  })

  test('longer than the patience with the source gives it up, and resuming opens it at the place', async () => {
    const stage = open(async () => demo, { pausePatienceMs: 100 })
    await playing(stage)
    const { epoch } = await stage.nextFrame()
    stage.session.pause()
    const { position } = stage.session.status()
    await stage.until(() => ownFfmpegs().length === 0)
    expect(stage.session.joinSlices()?.length).toBeGreaterThan(0)
    expect(stage.session.status().state).toBe('paused')
    expect((await stage.session.resume()).state).toBe('playing')
    expect(stage.timelines.at(-1)?.epoch).toBeGreaterThan(epoch)
    expect(stage.timelines.at(-1)?.start).toBeCloseTo(position?.media as number, 2)
  })

  test('during resolving starts the programme as a still picture', async () => {
    const stage = open()
    stage.session.play('demo:')
    expect(stage.session.pause().state).toBe('resolving')
    await stage.state('paused')
    const first = stage.frames.at(-1) ?? (await stage.nextFrame())
    expect(first.index).toBe(0)
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(stage.frames.every(({ index }) => index === 0)).toBe(true)
    await stage.session.resume()
    await stage.until(() => (stage.frames.at(-1)?.index ?? 0) > 5)
  })

  test('of nothing is refused', async () => {
    const stage = open()
    expect(() => stage.session.pause()).toThrow(expect.objectContaining({ code: 'nothing-playing' }))
    await expect(stage.session.resume()).rejects.toMatchObject({ code: 'nothing-playing' })
    await expect(stage.session.seek({ to: 3 })).rejects.toMatchObject({ code: 'nothing-playing' })
  })
})

describe('seek', () => {
  test('goes to the second in a new epoch, and by seconds from there', async () => {
    const stage = open(async (path) => file(path))
    await playing(stage, film)
    const before = stage.timelines.at(-1)
    const status = await stage.session.seek({ to: 30 })
    expect(status).toMatchObject({ state: 'playing', duration: 60, seekable: true })
    expect(stage.timelines.at(-1)).toMatchObject({ start: 30, frame: 0 })
    expect(stage.timelines.at(-1)?.epoch).toBeGreaterThan(before?.epoch as number)
    await stage.session.seek({ by: -10 })
    expect(stage.timelines.at(-1)?.start).toBeGreaterThanOrEqual(20)
    expect(stage.timelines.at(-1)?.start).toBeLessThan(25)
    await stage.session.seek({ by: -1000 })
    expect(stage.timelines.at(-1)?.start).toBe(0)
    await stage.session.seek({ to: 1000 })
    expect(stage.timelines.at(-1)?.start).toBe(59.5)
    await stage.state('idle')
  })

  test('shows the demo as it is at that second', async () => {
    const stage = open()
    await playing(stage)
    await stage.session.seek({ to: 3600 })
    expect(stage.session.status().position?.media).toBeGreaterThanOrEqual(3600)
  })

  test('while paused shows the picture of the new place and stays', async () => {
    const stage = open()
    await playing(stage)
    stage.session.pause()
    await stage.session.seek({ to: 100 })
    expect(stage.session.status()).toMatchObject({ state: 'paused', position: { media: 100 } })
    expect(stage.timelines.at(-1)).toMatchObject({ paused: true, start: 100, frame: 0 })
  })

  test('that is overtaken is told so, and the last one wins', async () => {
    const stage = open(async (path) => file(path))
    await playing(stage, film)
    const first = stage.session.seek({ to: 10 })
    const second = stage.session.seek({ to: 20 })
    const third = stage.session.seek({ to: 40 })
    await expect(first).rejects.toMatchObject({ code: 'superseded' })
    await expect(second).rejects.toMatchObject({ code: 'superseded' })
    expect((await third).position?.media).toBeCloseTo(40, 0)
    const fourth = stage.session.seek({ to: 5 })
    stage.session.play(film)
    await expect(fourth).rejects.toMatchObject({ code: 'superseded' })
  })

  test('in a stream that is live is refused, jumping to its edge is not', async () => {
    const stage = open(async () => ({
      ...demo,
      kind: 'url',
      live: true,
      video: { url: 'http://127.0.0.1:1/' },
    }))
    stage.session.play('x')
    await stage.state('error')
    const { session } = open()
    session.play('demo:')
    await expect(session.seek({ live: true })).rejects.toMatchObject({ code: 'not-seekable' })
  })
})

test('another preset goes on at the same place on the other grid', async () => {
  const stage = open(async (path) => file(path))
  await playing(stage, film)
  await stage.session.seek({ to: 30 })
  const status = await stage.session.changePreset('high')
  expect(status).toMatchObject({ preset: 'high', state: 'playing' })
  const timeline = stage.timelines.at(-1)
  // 4:3 leaves bars, and everybody is told where.
  expect(timeline).toMatchObject({
    ...{ cols: 200, rows: 84, preset: 'high' },
    picture: { x: 0, y: 5, width: 200, height: 74 },
  })
  expect(timeline?.start).toBeGreaterThanOrEqual(30)
  expect(timeline?.start).toBeLessThan(32)
  await stage.session.changePreset('high')
  expect(stage.timelines.at(-1)?.epoch).toBe(timeline?.epoch)
  stage.session.stop()
  expect(await stage.session.changePreset('low')).toMatchObject({ state: 'idle', preset: 'low' })
})

describe('a source that is lost', () => {
  test('is opened again where it broke off, and the programme plays to its end', async () => {
    const short = await clips.make('short.mp4', testFilm(12))
    const server = await MediaServer.open(short)
    let asked = 0
    const stage = open(async () => {
      asked += 1
      // The first address breaks off half-way, the one found anew does not.
      const url = server.url(asked === 1 ? '/cut.mp4' : '/ok.mp4')
      return { kind: 'url', title: 'Film', live: false, video: { url } } satisfies Media
    })
    await playing(stage)
    const first = stage.timelines.at(-1)?.epoch
    await stage.until(() => stage.session.status().trouble !== undefined)
    expect(stage.session.status().state).toBe('playing')
    await stage.until(() => stage.session.status().trouble === undefined)
    expect(asked).toBe(2)
    await stage.until(() => (stage.timelines.at(-1)?.epoch as number) > (first as number))
    const { start, epoch } = stage.timelines.at(-1) ?? { start: 0, epoch: 0 }
    // Exactly behind the last frame of the epoch before.
    const old = stage.frames.filter((frame) => frame.epoch === epoch - 1).at(-1)
    const before = stage.timelines.filter((timeline) => timeline.epoch === epoch - 1).at(-1)
    expect(start).toBeCloseTo((before?.start as number) + ((old?.index as number) + 1) / 24, 2)
    await server.close()
  })

  test('that does not come back ends in an error that says where and how often', async () => {
    const server = await MediaServer.open(film)
    let path = '/ok.mp4'
    const stage = open(
      async () => ({
        kind: 'url',
        title: 'Film',
        live: false,
        duration: 60,
        video: { url: server.url(path) },
      }),
      { retryMs: [50, 100, 150] },
    )
    await playing(stage)
    path = '/status/403'
    stage.session.stop()
    stage.session.play('it is refused from the start')
    expect((await stage.state('error')).error).toMatchObject({ code: 'source-failed' })
    path = '/ok.mp4'
    await playing(stage)
    server.refusing = true
    const seek = stage.session.seek({ to: 40 })
    await expect(seek).rejects.toMatchObject({ code: 'source-failed' })
    const { error } = await stage.state('error')
    expect(error?.message).toContain('0:40')
    expect(error?.message).toContain('3 tries')
    await server.close()
  })
})

test('seven hours with addresses that live six: new ones are asked for before, and frame follows frame', async () => {
  let wall = 1_000_000_000_000
  const hour = 3_600_000
  let asked = 0
  const stage = open(
    async () => {
      asked += 1
      return { ...demo, expiresAt: wall + 6 * hour }
    },
    { wallNow: () => wall },
  )
  await playing(stage)
  wall += 5.5 * hour
  await new Promise((resolve) => setTimeout(resolve, 600))
  expect(asked).toBe(1)
  wall += 0.4 * hour
  await stage.until(() => asked === 2 && new Set(stage.frames.map(({ epoch }) => epoch)).size === 2)
  wall += 1.1 * hour
  for (let frame = 0; frame < 20; frame++) await stage.nextFrame()
  expect(asked).toBe(2)
  const { epoch } = stage.frames.at(-1) as { epoch: number }
  const old = stage.frames.filter((frame) => frame.epoch !== epoch).at(-1)
  const young = stage.frames.find((frame) => frame.epoch === epoch)
  const { start } = stage.timelines.at(-1) as { start: number }
  expect(start).toBeCloseTo(((old?.index as number) + 1) / 24, 2)
  expect(young?.index).toBe(0)
  expect(stage.session.status().state).toBe('playing')
})

test('a play that overtakes a resolve never lets it open, and one process is the most there ever is', async () => {
  const stage = open(async (query, signal) => {
    await new Promise((resolve) => setTimeout(resolve, query === 'slow' ? 300 : 0))
    signal.throwIfAborted()
    return demo
  })
  stage.session.play('slow')
  stage.session.play('fast', { preset: 'med' })
  let most = 0
  const watch = setInterval(() => (most = Math.max(most, ownFfmpegs().length)), 20)
  await stage.state('playing')
  for (const to of [100, 200, 300]) await stage.session.seek({ to })
  clearInterval(watch)
  expect(most).toBeLessThanOrEqual(1)
  expect(new Set(stage.timelines.map(({ preset }) => preset))).toEqual(new Set(['med']))
})

test('a film that is over leaves the session idle, and a stop in the middle leaves no process', async () => {
  const stage = open(async () => file(CITY))
  await playing(stage)
  await stage.session.seek({ to: 5.5 })
  await stage.state('idle')
  expect(stage.said.at(-1)).toMatchObject({ type: 'ended' })
  stage.session.play('again')
  await stage.state('playing')
  expect(stage.session.stop()).toMatchObject({ state: 'idle', session_id: null, position: null })
  await stage.until(() => ownFfmpegs().length === 0)
})
