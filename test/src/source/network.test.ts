import { once } from 'node:events'
import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inputArguments } from '../../../src/source/input-arguments.ts'
import { probe } from '../../../src/source/probe.ts'
import { ClipFolder, flashAndBeep } from './clips.ts'
import { decodeAdts, fileMedia, gather, LOW, onsets, openMedia, risings, urlMedia } from './gather.ts'
import { MediaServer } from './media-server.ts'

const CITY = new URL('../../fixtures/city.mp4', import.meta.url).pathname

/** A port where nobody listens. One that was just closed may be somebody else's by now. */
const NOBODY = 9

let server: MediaServer
beforeAll(async () => {
  server = await MediaServer.open(CITY)
})
afterAll(() => server.close())

const info = (url: string, headers?: Record<string, string>) =>
  probe(urlMedia(url, headers), { ffprobe: 'ffprobe' })

describe('a network source', () => {
  test('plays to its end, with the headers its origin expects', async () => {
    const headers = {
      'User-Agent': 'Mozilla/5.0 (test)',
      Referer: 'https://example.org/',
      'Accept-Encoding': 'gzip',
    }
    const { frames, adts, outcome } = await gather(urlMedia(server.url('/ok.mp4'), headers))
    expect(outcome.kind).toBe('ended')
    expect(frames).toHaveLength(144)
    expect((await decodeAdts(adts)).length / 48_000).toBeGreaterThanOrEqual(6)
    for (const request of server.requests) {
      expect(request.headers['user-agent']).toBe('Mozilla/5.0 (test)')
      expect(request.headers.referer).toBe('https://example.org/')
      expect(request.headers['accept-encoding']).toBeUndefined()
    }
    expect(server.requests.length).toBeGreaterThanOrEqual(2)
  })

  test('that breaks off for good is lost, after what came has been played', async () => {
    const url = server.url('/cut.mp4')
    const media = urlMedia(url)
    const { frames, outcome } = await gather(media)
    expect(outcome).toMatchObject({ kind: 'failed', code: 'source-lost' })
    expect(frames.length).toBeGreaterThan(24)
    expect(frames.length).toBeLessThan(144)
  }, 60_000)

  test('that falls silent is lost when the watchdog says so', async () => {
    const media = urlMedia(server.url('/stall.mp4'))
    const known = await info(server.url('/ok.mp4'))
    // Longer than an ffmpeg takes to start beside other tests.
    const { frames, outcome } = await gather(media, { info: known, watchdogSeconds: 2.5 })
    expect(outcome).toMatchObject({
      kind: 'failed',
      code: 'source-lost',
      message: 'The media stopped coming.',
    })
    expect(frames.length).toBeGreaterThan(24)
  })

  test.each([
    ['/status/404', 'unavailable'],
    ['/status/410', 'unavailable'],
    ['/status/403', 'source-failed'],
    ['/page', 'not-media'],
  ])('%s is told as %s', async (path, code) => {
    await expect(info(server.url(path))).rejects.toMatchObject({ code })
  })

  test('that is not there is told as network trouble', async () => {
    await expect(info(`http://127.0.0.1:${NOBODY}/x.mp4`)).rejects.toMatchObject({ code: 'network' })
  }, 60_000)

  test('that never answers is left when its reader is', async () => {
    const silent = createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const { port } = silent.address() as { port: number }
    const signal = AbortSignal.timeout(200)
    const media = urlMedia(`http://127.0.0.1:${port}/x.mp4`)
    await expect(probe(media, { ffprobe: 'ffprobe', signal })).rejects.toMatchObject({ code: 'superseded' })
    const { source } = await openMedia(media, { info: await info(server.url('/ok.mp4')) })
    await source.close()
    expect(await source.ended).toMatchObject({ kind: 'closed' })
    silent.close()
  })
})

test('a playlist that goes on is live: it starts near its edge, keeps flash and beep together, and ends when left', async () => {
  const clips = await ClipFolder.open()
  await clips.make('live.m3u8', [
    ...flashAndBeep({ fps: 25, seconds: 8 }),
    ...['-f', 'hls', '-hls_time', '1', '-hls_list_size', '0', '-hls_flags', 'omit_endlist'],
  ])
  const station = await MediaServer.open(CITY, { folder: clips.path })
  const media = urlMedia(station.url('/live.m3u8'))
  const { frames, adts, info: known } = await gather(media, { maxFrames: 60 })
  expect(known).toMatchObject({ live: true, hasVideo: true, hasAudio: true })
  expect(known.duration).toBeUndefined()
  const [flash] = risings(frames, LOW, 60, 25).map((frame) => frame / LOW.fps)
  const [beep] = onsets(await decodeAdts(adts)).map((sample) => (sample - 1024) / 48_000)
  expect(Math.abs(flash! - beep!)).toBeLessThan(1 / LOW.fps)
  // Three target durations before the end, as HLS asks for; not from the first segment on.
  const segments = station.requests.map(({ url }) => url).filter((url) => url.endsWith('.ts'))
  expect(segments.some((url) => url.includes('live0.ts'))).toBe(false)
  await station.close()
  await clips.close()
}, 60_000)

describe('what stands before -i', () => {
  test('a header that would write a second one is refused', () => {
    for (const headers of [
      { Cookie: 'a=b\r\nX-Evil: 1' },
      { 'X-Evil: 1\r\nY': 'z' },
      { Referer: 'x\ny' },
      { 'a b': 'c' },
      { Cookie: 'x'.repeat(5000) },
    ] as Record<string, string>[]) {
      const media = urlMedia('http://127.0.0.1/x', headers)
      expect(() => inputArguments({ media, input: media.video })).toThrow(/header/)
    }
  })

  test('each kind of programme may open its own kind of address only', () => {
    const whitelist = (media: Parameters<typeof inputArguments>[0]['media']) => {
      const args = inputArguments({ media, input: media.video })
      return args[args.indexOf('-protocol_whitelist') + 1]!.split(',')
    }
    expect(whitelist(urlMedia('https://127.0.0.1/x'))).not.toContain('file')
    expect(whitelist(fileMedia('/x'))).not.toContain('http')
    for (const url of [
      'file:///etc/passwd',
      'concat:/etc/passwd',
      'ftp://127.0.0.1/x',
      '/etc/passwd',
      '-y',
    ]) {
      const media = urlMedia(url)
      expect(() => inputArguments({ media, input: media.video })).toThrow(/http/)
    }
  })

  test('a file name that looks like a protocol stays a file name', () => {
    const media = fileMedia('/media/concat:a|b.mp4')
    expect(inputArguments({ media, input: media.video }).at(-1)).toBe('file:/media/concat:a|b.mp4')
  })
})
