import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PRESETS } from '../../../src/encode/preset.ts'
import { probe } from '../../../src/source/probe.ts'
import { openSource } from '../../../src/source/source.ts'
import { ClipFolder } from './clips.ts'
import { decodeAdts, demoMedia, fileMedia, gather, grey, LOW, openMedia, quiet } from './gather.ts'
import { alive, gone } from './processes.ts'

const CITY = new URL('../../fixtures/city.mp4', import.meta.url).pathname

let clips: ClipFolder
beforeAll(async () => {
  clips = await ClipFolder.open()
})
afterAll(() => clips.close())

const white = (size: string, more = '') => [
  '-f',
  'lavfi',
  '-i',
  `color=white:s=${size}:r=25${more}`,
  '-t',
  '0.4',
]
const info = (path: string) => probe(fileMedia(path), { ffprobe: 'ffprobe' })

/** First and last row and column of the grid that are not black. */
function lit(rgb: Uint8Array): { left: number; right: number; top: number; bottom: number } {
  const box = { left: LOW.cols, right: -1, top: LOW.rows, bottom: -1 }
  for (let row = 0; row < LOW.rows; row++) {
    for (let col = 0; col < LOW.cols; col++) {
      if (grey(rgb, LOW, col, row) < 8) continue
      box.left = Math.min(box.left, col)
      box.right = Math.max(box.right, col)
      box.top = Math.min(box.top, row)
      box.bottom = Math.max(box.bottom, row)
    }
  }
  return box
}

describe('the shape of the picture', () => {
  test('16:9 lies between two equal black bars', async () => {
    const clip = await clips.make('wide.mp4', white('640x360'))
    const { frames } = await gather(fileMedia(clip))
    expect(lit(frames[0]!)).toEqual({ left: 0, right: 119, top: 8, bottom: 41 })
    expect(grey(frames[0]!, LOW, 60, 7)).toBe(0)
    expect(grey(frames[0]!, LOW, 60, 8)).toBe(255)
  })

  test('anamorphic 720x576 is as wide as its sample aspect says', async () => {
    const clip = await clips.make('pal.mp4', white('720x576', ',setsar=64/45'))
    expect(await info(clip)).toMatchObject({ width: 1024, height: 576 })
    const { frames } = await gather(fileMedia(clip))
    expect(lit(frames[0]!)).toEqual({ left: 0, right: 119, top: 8, bottom: 41 })
  })

  test('a phone clip stored lying down stands up', async () => {
    const flat = await clips.make('flat.mp4', white('320x180'))
    const clip = await clips.make('rotated.mp4', ['-i', flat, '-c', 'copy', '-metadata:s:v', 'rotate=90'])
    expect(await info(clip)).toMatchObject({ width: 180, height: 320 })
    const { frames } = await gather(fileMedia(clip))
    expect(lit(frames[0]!)).toEqual({ left: 32, right: 87, top: 0, bottom: 49 })
  })
})

describe('colour', () => {
  // Pure green of BT.709 read as BT.601 is visibly another green.
  const green = (size: string, tags: readonly string[]) => [
    ...[
      '-f',
      'lavfi',
      '-i',
      `color=0x00ff00:s=${size}:r=25,format=gbrp,scale=out_color_matrix=bt709,format=yuv420p`,
    ],
    ...['-t', '0.2', '-c:v', 'libx264', '-preset', 'ultrafast', '-qp', '1', ...tags],
  ]

  test('untagged HD is read as BT.709, untagged SD is not', async () => {
    const hd = await clips.make(
      'hd.mp4',
      green('1280x720', ['-bsf:v', 'h264_metadata=matrix_coefficients=2']),
    )
    expect((await info(hd)).untaggedHd).toBe(true)
    const [r, g, b] = (await gather(fileMedia(hd))).frames[0]!.subarray((25 * 120 + 60) * 3).subarray(0, 3)
    expect([r! < 4, g! > 251, b! < 4]).toEqual([true, true, true])
    const sd = await clips.make('sd.mp4', green('640x360', ['-bsf:v', 'h264_metadata=matrix_coefficients=2']))
    expect((await info(sd)).untaggedHd).toBe(false)
    const tagged = await clips.make('tagged.mp4', green('1280x720', ['-colorspace', 'bt709']))
    expect((await info(tagged)).untaggedHd).toBe(false)
  })
})

describe('sound', () => {
  test('a silent clip gets silence that ends with the picture', async () => {
    const clip = await clips.make('silent.mp4', ['-i', CITY, '-an', '-c', 'copy', '-t', '2'])
    const { frames, adts, info, outcome } = await gather(fileMedia(clip))
    expect(info.hasAudio).toBe(false)
    expect(outcome.kind).toBe('ended')
    const samples = await decodeAdts(adts)
    expect(samples.every((value) => value === 0)).toBe(true)
    const seconds = frames.length / LOW.fps
    expect(samples.length / 48_000).toBeGreaterThanOrEqual(seconds)
    expect(samples.length / 48_000).toBeLessThan(seconds + 0.065)
  })

  test('sound that ends before the picture goes on as silence', async () => {
    const clip = await clips.make('short-sound.mp4', [
      ...[
        '-f',
        'lavfi',
        '-i',
        'color=white:s=160x120:r=25',
        '-f',
        'lavfi',
        '-t',
        '0.5',
        '-i',
        'sine=r=48000',
      ],
      ...['-t', '2', '-c:a', 'aac'],
    ])
    const { frames, adts } = await gather(fileMedia(clip))
    expect(frames).toHaveLength(48)
    const samples = await decodeAdts(adts)
    expect(samples.length / 48_000).toBeGreaterThanOrEqual(2)
    expect(samples.subarray(12_000, 20_000).some((value) => value > 1000)).toBe(true)
    expect(samples.subarray(48_000).every((value) => Math.abs(value) < 2)).toBe(true)
  })

  test('mono at 22 kHz comes out as stereo at 48', async () => {
    const clip = await clips.make('mono.wav', ['-f', 'lavfi', '-i', 'sine=r=22050', '-t', '1', '-ac', '1'])
    const { adts } = await gather(fileMedia(clip))
    // Bits 54..56 of the header: two channels; sampling index 3 is checked by the ring itself.
    expect(((adts[2]! & 1) << 2) | (adts[3]! >> 6)).toBe(2)
    expect((await decodeAdts(adts)).length).toBeGreaterThanOrEqual(48_000)
  })
})

describe('sound without a picture', () => {
  test('draws one from itself, which moves, and ends with it', async () => {
    const clip = await clips.make('audio-only.m4a', ['-i', CITY, '-vn', '-c', 'copy', '-t', '3'])
    const { frames, info, outcome } = await gather(fileMedia(clip))
    expect(info).toMatchObject({ hasVideo: false, hasAudio: true, coverArt: false })
    expect(outcome.kind).toBe('ended')
    expect(Math.abs(frames.length / LOW.fps - 3)).toBeLessThan(0.1)
    const distinct = new Set(frames.map((rgb) => Buffer.from(rgb).toString('base64')))
    expect(distinct.size).toBeGreaterThan(frames.length / 2)
    const bright = frames[36]!.filter((value) => value > 160).length
    expect(bright).toBeGreaterThan(100)
  })

  test('shows the picture that is attached to it', async () => {
    const cover = await clips.make('cover.png', [
      '-f',
      'lavfi',
      '-i',
      'color=red:s=300x300',
      '-frames:v',
      '1',
    ])
    const clip = await clips.make('covered.mp3', [
      ...['-f', 'lavfi', '-t', '2', '-i', 'sine=r=44100', '-i', cover, '-map', '0:a', '-map', '1:v'],
      ...['-c:v', 'copy', '-disposition:v', 'attached_pic', '-id3v2_version', '3'],
    ])
    for (const from of [0, 1]) {
      const { frames, info, outcome } = await gather(fileMedia(clip), { from })
      expect(info).toMatchObject({ hasVideo: false, coverArt: true, width: 300, height: 300 })
      expect(outcome.kind).toBe('ended')
      expect(Math.abs(frames.length / LOW.fps - (2 - from))).toBeLessThan(0.1)
      const at = (20 * LOW.cols + 60) * 3
      for (const rgb of [frames[2]!, frames.at(-1)!]) {
        expect(rgb[at]).toBeGreaterThan(240)
        expect(rgb[at + 1]).toBeLessThan(16)
      }
    }
  })
})

describe('a reader that stops reading', () => {
  test('stops ffmpeg; nothing is lost, the sound keeps being drained, memory stays bounded', async () => {
    const clip = await clips.make('counting.mp4', [
      ...['-f', 'lavfi', '-i', "color=black:s=64x64:r=24,format=gray,geq=lum='mod(N*2,250)'"],
      ...['-f', 'lavfi', '-i', 'sine=r=48000', '-t', '12', '-c:v', 'libx264', '-qp', '0', '-c:a', 'aac'],
    ])
    const { source } = await openMedia(fileMedia(clip))
    const { frames, audio } = source
    await expect.poll(() => frames.wantsData, { interval: 5 }).toBe(false)
    // The pipe's own buffer and ffmpeg's are all it can be ahead beyond the ring.
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(frames.newest).toBe(frames.capacity - 1)
    expect(frames.capacity).toBe(48)
    expect(alive(source.pid!)).toBe(true)
    await expect.poll(() => audio.next).toBeGreaterThan(40)
    expect(audio.next).toBeLessThan((12 * 48_000) / 1024 / 2)
    const seen: number[] = []
    await new Promise<void>((resolve) => {
      const take = () => {
        for (let rgb = frames.get(seen.length); rgb; rgb = frames.get(seen.length)) {
          seen.push(grey(rgb, LOW, 60, 25))
          frames.release(seen.length - 1)
        }
        if (frames.finished) resolve()
      }
      frames.onAvailable(take)
      take()
    })
    const unhindered = (await gather(fileMedia(clip))).frames.map((rgb) => grey(rgb, LOW, 60, 25))
    expect(new Set(unhindered.slice(10, 110)).size).toBe(100)
    expect(seen).toEqual(unhindered)
    expect(seen).toHaveLength(288)
    expect((await source.ended).kind).toBe('ended')
  })

  test('a source that has ended behind a full ring keeps its last frames for a late reader', async () => {
    const { source } = await openMedia(fileMedia(CITY))
    await expect.poll(() => source.frames.wantsData, { interval: 5 }).toBe(false)
    let index = 0
    // As slow a reader as the event loop allows: one frame a turn, so that ffmpeg is done long before it.
    while (!source.frames.finished || index <= source.frames.newest) {
      if (source.frames.get(index) !== undefined) source.frames.release(index++)
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(index).toBe(144)
    expect((await source.ended).kind).toBe('ended')
  })
})

describe('the end', () => {
  test('close ends ffmpeg, twice, also behind a full ring', async () => {
    const { source } = await openMedia(demoMedia, { preset: PRESETS.ultra })
    await expect.poll(() => source.frames.wantsData, { interval: 5 }).toBe(false)
    await Promise.all([source.close(), source.close()])
    expect(await source.ended).toMatchObject({ kind: 'closed' })
    await gone(source.pid!)
    expect(source.audio.ended).toBe(true)
  })

  test('an abort is a close, and one before the start opens nothing', async () => {
    const abort = new AbortController()
    const { source } = await openMedia(demoMedia, { signal: abort.signal })
    abort.abort()
    expect(await source.ended).toMatchObject({ kind: 'closed' })
    await gone(source.pid!)
    await expect(openMedia(demoMedia, { signal: abort.signal })).rejects.toMatchObject({ code: 'superseded' })
  })

  test('an ffmpeg that ignores SIGTERM is killed, with what it has started', async () => {
    const deaf = await clips.write(
      'deaf-ffmpeg',
      "#!/bin/sh\ntrap '' TERM\nsleep 1000 &\necho $! >&2\nwhile :; do wait; done\n",
      { executable: true },
    )
    // Time enough for a shell to start and to say what it has started.
    const { source } = await openMedia(demoMedia, { ffmpeg: deaf, watchdogSeconds: 1 })
    const outcome = await source.ended
    expect(outcome).toMatchObject({ kind: 'failed', code: 'source-lost', signal: 'SIGKILL' })
    await gone(source.pid!)
    await gone(Number(outcome.stderr[0]))
  })

  test('a parent that is killed leaves no ffmpeg behind', async () => {
    const script = new URL('./orphan-parent.ts', import.meta.url).pathname
    const parent = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [line] = await once(createInterface(parent.stdout), 'line')
    const pid = Number(line)
    expect(alive(pid)).toBe(true)
    parent.kill('SIGKILL')
    await gone(pid)
  })

  test('an exit code and last words reach whoever asks', async () => {
    const failing = await clips.write('failing-ffmpeg', '#!/bin/sh\necho "something odd" >&2\nexit 3\n', {
      executable: true,
    })
    const { source } = await openMedia(demoMedia, { ffmpeg: failing })
    expect(await source.ended).toEqual({
      kind: 'failed',
      code: 'source-failed',
      message: 'ffmpeg could not play this: something odd',
      exitCode: 3,
      signal: null,
      stderr: ['something odd'],
    })
  })

  test('an ffmpeg that is killed in the middle is a lost source, with its frames still there', async () => {
    const { source } = await openMedia(demoMedia)
    await expect.poll(() => source.frames.newest, { interval: 5 }).toBeGreaterThan(10)
    process.kill(source.pid!, 'SIGKILL')
    expect(await source.ended).toMatchObject({ kind: 'failed', code: 'source-lost', signal: 'SIGKILL' })
    expect(source.frames.get(0)).toBeDefined()
  })

  test('a missing ffmpeg is told at once', async () => {
    await expect(openMedia(demoMedia, { ffmpeg: '/nowhere/ffmpeg' })).rejects.toMatchObject({
      code: 'ffmpeg-missing',
    })
  })

  test('a place beyond the end is no source', async () => {
    const { outcome, frames } = await gather(fileMedia(CITY), { from: 100 })
    expect(frames).toHaveLength(0)
    expect(outcome).toMatchObject({ kind: 'failed', code: 'not-media' })
  })

  test('silence while there is room for output is a lost source, silence behind a full ring is not', async () => {
    const mute = await clips.write('mute-ffmpeg', '#!/bin/sh\nexec sleep 1000\n', { executable: true })
    const lost = await openMedia(demoMedia, { ffmpeg: mute, watchdogSeconds: 0.2 })
    expect(await lost.source.ended).toMatchObject({ kind: 'failed', code: 'source-lost' })
    const full = await clips.write('full-ffmpeg', '#!/bin/sh\nexec cat /dev/zero >&3\n', { executable: true })
    // Longer than a shell takes to start beside other tests, and less than the silence that follows.
    const { source } = await openMedia(demoMedia, { ffmpeg: full, watchdogSeconds: 1 })
    await expect.poll(() => source.frames.wantsData, { interval: 5 }).toBe(false)
    const state = await Promise.race([
      source.ended,
      new Promise((resolve) => setTimeout(resolve, 1700, 'still open')),
    ])
    expect(state).toBe('still open')
    await source.close()
  })
})

test('what is no media is refused before ffmpeg opens it', async () => {
  const text = await clips.write('not-media.txt', 'These are words.\n'.repeat(100))
  await expect(info(text)).rejects.toMatchObject({ code: 'not-media' })
  const noise = await clips.write('noise.mp4', 'x'.repeat(100_000))
  await expect(info(noise)).rejects.toMatchObject({ code: 'not-media' })
  const empty = await clips.write('empty.mp4', '')
  await expect(info(empty)).rejects.toMatchObject({ code: 'not-media' })
  await expect(info(`${clips.path}/none.mp4`)).rejects.toMatchObject({ code: 'file-not-found' })
  await expect(probe(fileMedia(CITY), { ffprobe: '/nowhere/ffprobe' })).rejects.toMatchObject({
    code: 'ffmpeg-missing',
  })
})

test('a playlist among the files cannot reach the network', async () => {
  const list = await clips.write(
    'list.m3u8',
    '#EXTM3U\n#EXTINF:5,\nhttp://127.0.0.1:9/x.ts\n#EXT-X-ENDLIST\n',
  )
  await expect(info(list)).rejects.toMatchObject({ name: 'MediaError' })
})

test('the whole clip of a film plays to its last frame', async () => {
  const { frames, outcome, info, adts } = await gather(fileMedia(CITY))
  expect(info).toMatchObject({
    width: 640,
    height: 360,
    frameRate: 25,
    duration: 6,
    hasAudio: true,
    live: false,
  })
  expect(frames).toHaveLength(144)
  expect(outcome).toMatchObject({ kind: 'ended', exitCode: 0, signal: null })
  expect((await decodeAdts(adts)).length / 48_000).toBeGreaterThanOrEqual(6)
})

test('openSource refuses an address that is not http before anything is started', async () => {
  const media = { ...fileMedia('gopher://x/y'), kind: 'url' } as const
  const known = await info(CITY)
  const attempt = openSource({ media, info: known, preset: LOW, ffmpeg: 'ffmpeg', log: quiet })
  await expect(attempt).rejects.toMatchObject({ code: 'host-refused' })
})
