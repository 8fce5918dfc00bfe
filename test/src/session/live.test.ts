// A live HLS stream that ffmpeg makes here and now: joined at its edge, paused, caught up with, and interrupted by a break.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Media } from '../../../src/resolve/media.ts'
import { ClipFolder } from '../source/clips.ts'
import { MediaServer } from '../source/media-server.ts'
import { ownFfmpegs, Stage } from './stage.ts'

const CITY = fileURLToPath(new URL('../../fixtures/city.mp4', import.meta.url))
let clips: ClipFolder
let station: MediaServer
let camera: ChildProcess

/** A new camera goes on with the list of the one before, with a discontinuity where it begins. */
function film(): ChildProcess {
  return spawn(
    'ffmpeg',
    [
      ...['-v', 'error', '-nostdin', '-re', '-f', 'lavfi', '-i', 'testsrc2=s=160x120:r=24'],
      ...[
        '-re',
        '-f',
        'lavfi',
        '-i',
        'sine=440:r=48000',
        '-c:v',
        'libx264',
        '-preset',
        'ultrafast',
        '-g',
        '24',
      ],
      ...['-c:a', 'aac', '-f', 'hls', '-hls_time', '1', '-hls_list_size', '12'],
      ...['-hls_flags', 'append_list+discont_start+omit_endlist', join(clips.path, 'live.m3u8')],
    ],
    { stdio: 'ignore' },
  )
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}

beforeAll(async () => {
  clips = await ClipFolder.open()
  station = await MediaServer.open(CITY, { folder: clips.path })
  camera = film()
  while (!existsSync(join(clips.path, 'live3.ts'))) await new Promise((resolve) => setTimeout(resolve, 100))
})
afterAll(async () => {
  await stop(camera)
  await station.close()
  await clips.close()
})

test('a live stream is joined, falls behind while paused, jumps to its edge, and survives a break', async () => {
  const media: Media = { kind: 'url', title: 'Live', live: true, video: { url: station.url('/live.m3u8') } }
  const stage = new Stage({ resolve: async () => media })
  stage.session.play('live')
  await stage.state('playing')
  await stage.nextFrame()
  expect(stage.session.status()).toMatchObject({ is_live: true, duration: null, seekable: false })
  await expect(stage.session.seek({ by: -5 })).rejects.toMatchObject({ code: 'not-seekable' })
  const before = stage.session.status().behind_live as number

  stage.session.pause()
  await new Promise((resolve) => setTimeout(resolve, 1500))
  await stage.session.resume()
  expect(stage.session.status().behind_live).toBeGreaterThanOrEqual(before + 1.4)

  const { epoch } = stage.frames.at(-1) as { epoch: number }
  const status = await stage.session.seek({ live: true })
  expect(status.behind_live).toBeLessThan(1)
  expect(stage.frames.at(-1)?.epoch).toBeGreaterThan(epoch)

  // The encoder at the other end is replaced: timestamps begin anew behind a discontinuity.
  await stop(camera)
  camera = film()
  const present = stage.frames.at(-1)
  await stage.until(() => {
    const last = stage.frames.at(-1)
    return (
      (last?.epoch as number) > (present?.epoch as number) ||
      (last?.index as number) > (present?.index as number) + 24 * 10
    )
  })
  expect(stage.session.status()).toMatchObject({ state: 'playing' })
  const indexes = stage.frames.filter((frame) => frame.epoch === present?.epoch).map(({ index }) => index)
  expect(indexes).toEqual([...indexes].sort((a, b) => a - b))
  await stage.session.close()
  expect(ownFfmpegs().filter((pid) => pid !== camera.pid)).toEqual([])
}, 90_000)
