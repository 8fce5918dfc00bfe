import { expect, test } from 'vitest'
import { Finder, type FinderOptions } from '../../../src/session/finder.ts'
import type { MediaInfo } from '../../../src/source/media-info.ts'

const signal = new AbortController().signal
const info: MediaInfo = {
  ...{ duration: 60, live: false, hasVideo: true, hasAudio: true, width: 640, height: 360 },
  ...{ coverArt: false, frameRate: 24, untaggedHd: false },
}

/** On a machine whose ffprobe is gone. */
const finder = (kind: 'file' | 'url', known?: FinderOptions['known']) =>
  new Finder({
    query: 'film',
    resolve: async () => ({
      kind,
      title: 'Film',
      query: 'film.mp4',
      live: false,
      video: { url: kind === 'file' ? '/film.mp4' : 'http://127.0.0.1:9/film.mp4' },
    }),
    ffprobe: '/nowhere/ffprobe',
    maxSourceHeight: 720,
    wallNow: () => 0,
    ...(known && { known }),
  })

test('a local file that is known is not asked again what it is made of', async () => {
  const asked: string[] = []
  const known = finder('file', async (query) => {
    asked.push(query)
    return info
  })
  await known.find({ fresh: false, signal })
  expect(known.programme?.info).toEqual(info)
  expect(asked).toEqual(['film.mp4'])
})

test('one that is not known is, and so is everything that lies with somebody else', async () => {
  const nobody = finder('file', async () => undefined)
  await expect(nobody.find({ fresh: false, signal })).rejects.toMatchObject({ code: 'ffmpeg-missing' })
  const remote = finder('url', async () => info)
  await expect(remote.find({ fresh: false, signal })).rejects.toMatchObject({ code: 'ffmpeg-missing' })
})
