// What a viewer sees when something dies or falls silent under a programme. docs/troubleshooting.md has the table.

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Media } from '../../../src/resolve/media.ts'
import { ClipFolder } from '../source/clips.ts'
import { MediaServer } from '../source/media-server.ts'
import { file, ownFfmpegs, Stage } from './stage.ts'

const RETRY_MS = [50, 100, 150]

let clips: ClipFolder
let film: string
let server: MediaServer
const stages: Stage[] = []

beforeAll(async () => {
  clips = await ClipFolder.open()
  film = await clips.make('film.mp4', [
    ...['-f', 'lavfi', '-i', 'testsrc2=s=320x240:r=24', '-f', 'lavfi', '-i', 'sine=440:r=48000'],
    ...['-t', '8', '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '24', '-c:a', 'aac'],
    ...['-movflags', '+faststart'],
  ])
  server = await MediaServer.open(film)
})
afterEach(async () => {
  server.refusing = false
  await Promise.all(stages.splice(0).map((stage) => stage.session.close()))
  expect(ownFfmpegs()).toEqual([])
})
afterAll(async () => {
  await server.close()
  await clips.close()
})

/** On the air with `media`; what is asked for again is answered with `later`. */
async function playing(media: Media, later: Media = media): Promise<Stage> {
  let asked = 0
  const stage = new Stage({
    resolve: async () => (asked++ === 0 ? media : later),
    retryMs: RETRY_MS,
    // It runs from the start of ffmpeg, whose first frame takes 0.65 s beside three other busy processes.
    watchdogSeconds: 3,
  })
  stages.push(stage)
  stage.session.play('film')
  await stage.state('playing')
  await stage.nextFrame()
  return stage
}

const at = (path: string): Media => ({
  kind: 'url',
  title: 'Film',
  live: false,
  video: { url: server.url(path) },
})

/** Programme seconds of every frame that was sent, in order. */
function shown(stage: Stage): number[] {
  const starts = new Map(stage.timelines.map(({ epoch, start }) => [epoch, start]))
  return stage.frames.map(({ epoch, index }) => (starts.get(epoch) ?? Number.NaN) + index / 24)
}

const kinds = (stage: Stage) => [...new Set(stage.statuses.map(({ state }) => state))]
const troubles = (stage: Stage) => new Set(stage.statuses.flatMap(({ trouble }) => trouble?.code ?? []))

test('ffmpeg killed: the picture goes on from what is decoded, and frame follows frame into the next run', async () => {
  const stage = await playing(file(film))
  // Read before the kill: what comes next may be of the run after it already.
  const epoch = stage.frames.at(-1)?.epoch ?? 0
  const [pid] = ownFfmpegs()
  process.kill(pid as number, 'SIGKILL')
  await stage.until(() => (stage.frames.at(-1)?.epoch ?? 0) > epoch)
  for (let count = 0; count < 5; count++) await stage.nextFrame()
  const times = shown(stage)
  const steps = times.slice(1).map((time, index) => time - (times[index] as number))
  // None comes twice, and none of the two seconds that were decoded is missing; a busy machine leaves out a few.
  expect(Math.max(...steps)).toBeLessThan(1)
  expect(Math.min(...steps)).toBeGreaterThan(0)
  expect(kinds(stage)).toEqual(['resolving', 'playing'])
  expect(troubles(stage)).toEqual(new Set(['source-lost']))
  expect(stage.session.status().trouble).toBeUndefined()
})

describe('a server that', () => {
  test.each([
    // One that cuts it without a reset stands in session.test.ts.
    ['resets the connection', '/reset.mp4'],
    ['falls silent', '/stall.mp4'],
  ])(
    '%s: trouble is shown, and a new address plays on at the place',
    async (_name, path) => {
      const stage = await playing(at(path), at('/ok.mp4'))
      const { epoch } = stage.frames.at(-1) as { epoch: number }
      await stage.until(() => (stage.frames.at(-1)?.epoch ?? 0) > epoch)
      for (let count = 0; count < 5; count++) await stage.nextFrame()
      expect(stage.session.status().trouble).toBeUndefined()
      expect(troubles(stage)).toEqual(new Set(['source-lost']))
      expect(kinds(stage)).toEqual(['resolving', 'playing'])
      const times = shown(stage)
      expect(times.at(-1)).toBeGreaterThan(2)
      expect(times).toEqual([...times].sort((a, b) => a - b))
    },
    60_000,
  )

  test('ends a film half-way as if that were all: an error says where it stood, and resume goes on there', async () => {
    const stage = await playing(at('/truncated.mp4'))
    const failed = await stage.state('error')
    expect(failed.error?.message).toMatch(/broke off at 0:0\d and could not be opened again in 3 tries/)
    const stood = failed.position?.media as number
    expect(stood).toBeGreaterThan(2)
    expect(stood).toBeLessThan(6)
    await expect(stage.session.resume()).rejects.toBeDefined()
    expect((await stage.state('error')).position?.media).toBe(stood)
  }, 60_000)

  test('answers 403 from some moment on: what is decoded is shown, then an error with advice', async () => {
    const stage = await playing(at('/cut.mp4'))
    server.refusing = true
    const failed = await stage.state('error')
    expect(failed.error).toMatchObject({ code: 'source-failed', message: expect.stringContaining('403') })
    expect(failed.error?.message).toContain('3 tries')
    server.refusing = false
  }, 60_000)
})
