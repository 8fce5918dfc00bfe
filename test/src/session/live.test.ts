// A live HLS stream that ffmpeg makes here and now: joined at its edge, paused, caught up with, and interrupted by a break.

import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Media } from '../../../src/resolve/media.ts'
import { ClipFolder } from '../source/clips.ts'
import { LiveCamera } from '../source/live-camera.ts'
import { MediaServer } from '../source/media-server.ts'
import { ownFfmpegs, Stage } from './stage.ts'

const CITY = fileURLToPath(new URL('../../fixtures/city.mp4', import.meta.url))
let clips: ClipFolder
let station: MediaServer
let camera: LiveCamera

beforeAll(async () => {
  clips = await ClipFolder.open()
  station = await MediaServer.open(CITY, { folder: clips.path })
  camera = new LiveCamera(clips.path)
  await camera.film()
})
afterAll(async () => {
  await camera.stop()
  await station.close()
  await clips.close()
})

test('a live stream is joined, gone back in, caught up with, and survives a break', async () => {
  const media: Media = { kind: 'url', title: 'Live', live: true, video: { url: station.url('/live.m3u8') } }
  const stage = new Stage({ resolve: async () => media })
  // Enough behind the edge to go back to.
  await camera.segment(9)
  const asked = performance.now()
  stage.session.play('live')
  await stage.state('playing')
  await stage.nextFrame()
  const joined = stage.session.status()
  expect(joined).toMatchObject({ is_live: true, duration: null, seekable: true })
  expect(joined.live_latency).toBeCloseTo(3, 0)
  // At the edge as it was found; opening it takes a machine as long as it takes.
  expect(joined.behind_live).toBeLessThan(1 + secondsSince(asked))
  const { start, end } = joined.seek_range as { start: number; end: number }
  expect(end - start).toBeGreaterThan(4)
  expect(joined.position?.media).toBeLessThanOrEqual(end)

  stage.session.pause()
  await new Promise((resolve) => setTimeout(resolve, 1500))
  await stage.session.resume()
  const after = stage.session.status()
  expect(after.behind_live).toBeGreaterThanOrEqual((joined.behind_live as number) + 1.3)
  // The edge has gone on by the time that passed.
  const passed = ((after.position?.at ?? 0) - (joined.position?.at ?? 0)) / 1000
  expect((after.seek_range?.end ?? 0) - end).toBeCloseTo(passed, 1)

  // Back to the beginning of a segment at most a second before, and at most to the oldest there is.
  const to = (after.seek_range?.end as number) - 4
  const back = await stage.session.seek({ to })
  expect(back.position?.media).toBeGreaterThan(to - 1.5)
  expect(back.position?.media).toBeLessThanOrEqual(to + 0.5)
  expect(back.behind_live).toBeGreaterThan(3)
  const oldest = await stage.session.seek({ by: -1000 })
  expect(oldest.position?.media).toBeLessThan(to)

  const { epoch } = stage.frames.at(-1) as { epoch: number }
  const wanted = performance.now()
  const status = await stage.session.seek({ live: true })
  expect(status.behind_live).toBeLessThan(1 + secondsSince(wanted))
  expect(stage.frames.at(-1)?.epoch).toBeGreaterThan(epoch)

  // The encoder at the other end is replaced by an advertisement, and that by another encoder.
  for (const advertisement of [true, false]) {
    await camera.film({ advertisement })
    const present = stage.frames.at(-1) as { epoch: number; index: number }
    await stage.until(() => {
      const last = stage.frames.at(-1) as { epoch: number; index: number }
      return last.epoch > present.epoch || last.index > present.index + 24 * 7
    })
  }
  const end2 = stage.session.status()
  expect(end2).toMatchObject({ state: 'playing' })
  expect(end2.trouble).toBeUndefined()
  // One schedule for all of it: no frame twice, none out of order, and none that stands for a gap of timestamps.
  const last = stage.frames.at(-1) as { epoch: number; index: number }
  const run = stage.frames.filter((frame) => frame.epoch === last.epoch)
  const indexes = run.map(({ index }) => index)
  expect(indexes).toEqual([...indexes].sort((a, b) => a - b))
  const still = run.map(({ slices }) => slices.reduce((bytes, slice) => bytes + slice.length, 0))
  expect(longestStill(still)).toBeLessThan(24 * 3)
  await stage.session.close()
  expect(ownFfmpegs().filter((pid) => pid !== camera.pid)).toEqual([])
}, 90_000)

const secondsSince = (then: number) => (performance.now() - then) / 1000

/** Frames on end in which next to nothing was sent, of those that follow the red ones. */
function longestStill(bytes: readonly number[]): number {
  let longest = 0
  let length = 0
  for (const sent of bytes.slice(bytes.length - 24 * 4)) {
    length = sent < 40 ? length + 1 : 0
    longest = Math.max(longest, length)
  }
  return longest
}
