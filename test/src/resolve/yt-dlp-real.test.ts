// The yt-dlp of this machine against a web server of this machine, and what it finds played by the ffmpeg of this machine.

import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { Resolver } from '../../../src/resolve/resolver.ts'
import { ownYtDlp } from '../../../src/setup/yt-dlp.mjs'
import { EgressProxy } from '../../../src/source/egress-proxy.ts'
import { probe } from '../../../src/source/probe.ts'
import { ClipFolder } from '../source/clips.ts'
import { gather, quiet, urlMedia } from '../source/gather.ts'
import { MediaServer } from '../source/media-server.ts'

const CITY = new URL('../../fixtures/city.mp4', import.meta.url).pathname
const never = new AbortController().signal

let server: MediaServer
beforeAll(async () => {
  server = await MediaServer.open(CITY)
})
afterAll(() => server.close())

// The one the server would use.
const ytDlp = ownYtDlp(fileURLToPath(new URL('../../../.cache', import.meta.url))) ?? 'yt-dlp'
const resolver = () => new Resolver({ ytDlp, allowHosts: ['127.0.0.1'], log: quiet })

test('an address of an allowed host is resolved and plays to its end', async () => {
  const media = await resolver().resolve(server.url('/films/city.mp4'), never)
  expect(media).toMatchObject({
    kind: 'url',
    title: 'city',
    live: false,
    video: { url: server.url('/films/city.mp4') },
  })
  expect(media.video.headers?.['User-Agent']).toMatch(/Mozilla/)
  const { frames, outcome, info } = await gather(media)
  expect(info).toMatchObject({ duration: 6, live: false, hasAudio: true })
  expect(outcome.kind).toBe('ended')
  expect(frames).toHaveLength(144)
  expect(server.requests.at(-1)!.headers['user-agent']).toBe(media.video.headers!['User-Agent'])
}, 60_000)

test.each([
  ['/page', 'not-media'],
  ['/status/404', 'unavailable'],
  ['/status/429', 'rate-limited'],
  ['/status/503', 'network'],
])(
  '%s is told as %s',
  async (path, code) => {
    await expect(resolver().resolve(server.url(path), never)).rejects.toMatchObject({ code })
  },
  60_000,
)

test('a redirect to a host that is not allowed is not followed into', async () => {
  await expect(resolver().resolve(server.url('/redirect'), never)).rejects.toMatchObject({
    code: 'host-refused',
  })
}, 60_000)

test('behind the proxy an allowed host plays, and what it leads to is not even asked', async () => {
  const allowHosts = [`127.0.0.1:${server.port}`]
  const proxy = await EgressProxy.open({ allowHosts, log: quiet })
  const guarded = new Resolver({ ytDlp, allowHosts, proxy: proxy.url, log: quiet })
  const media = await guarded.resolve(server.url('/films/city.mp4'), never)
  expect(media.proxy).toBe(proxy.url)
  expect((await gather(media)).frames).toHaveLength(144)
  server.requests.length = 0
  await expect(guarded.resolve(server.url('/redirect'), never)).rejects.toMatchObject({
    code: 'host-refused',
  })
  expect(server.requests.map(({ url }) => url)).not.toContain('/ok.mp4')
  expect(server.requests.map(({ url }) => url)).toContain('/redirect')
  await proxy.close()
}, 60_000)

test('a server that is not there is network trouble', async () => {
  await expect(resolver().resolve('http://127.0.0.1:9/x.mp4', never)).rejects.toMatchObject({
    code: 'network',
  })
}, 60_000)

test('YouTube is asked by its own extractors, and no way to it is told as such', async () => {
  // A proxy that is not there keeps this test on this machine.
  vi.stubEnv('HTTPS_PROXY', 'http://127.0.0.1:9')
  const error = await resolver()
    .resolve('https://youtu.be/___________', never)
    .catch((reason) => reason)
  vi.unstubAllEnvs()
  expect(error).toMatchObject({ code: 'network' })
  expect(error.stderr.join('\n')).toMatch(/\[youtube\] ___________/)
}, 60_000)

test('of an HLS ladder the rung below the height is taken, with its own sound', async () => {
  const clips = await ClipFolder.open()
  const rung = (height: number) =>
    clips.make(`${height}.m3u8`, [
      ...[
        '-i',
        CITY,
        '-t',
        '2',
        '-vf',
        `scale=-2:${height}`,
        '-c:v',
        'libx264',
        '-preset',
        'ultrafast',
        '-c:a',
        'copy',
      ],
      ...['-f', 'hls', '-hls_time', '1', '-hls_playlist_type', 'vod'],
    ])
  await Promise.all([rung(144), rung(240)])
  const entry = (height: number, width: number) =>
    `#EXT-X-STREAM-INF:BANDWIDTH=${height * 4000},RESOLUTION=${width}x${height},CODECS="avc1.42c01e,mp4a.40.2"\n${height}.m3u8\n`
  await clips.write('master.m3u8', `#EXTM3U\n${entry(144, 256)}${entry(240, 426)}`)
  const ladder = await MediaServer.open(CITY, { folder: clips.path })
  const { signal } = new AbortController()
  const low = new Resolver({ ytDlp, allowHosts: ['127.0.0.1'], maxSourceHeight: 200, log: quiet })
  const media = await low.resolve(ladder.url('/master.m3u8'), signal)
  expect(media.video.url).toBe(ladder.url('/144.m3u8'))
  const { frames, info, outcome, adts } = await gather(media)
  expect(info).toMatchObject({ height: 144, hasAudio: true })
  expect(outcome.kind).toBe('ended')
  expect(Math.abs(frames.length - 48)).toBeLessThanOrEqual(2)
  expect(adts.length).toBeGreaterThan(10_000)

  // The same ladder opened by ffmpeg itself, as a direct address: the probe chooses.
  const direct = await probe(urlMedia(ladder.url('/master.m3u8')), {
    ffprobe: 'ffprobe',
    maxSourceHeight: 200,
  })
  expect(direct).toMatchObject({ height: 144, hasAudio: true, live: false })
  await ladder.close()
  await clips.close()
}, 60_000)
