import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { parseCues } from '../../../src/programme/cues.ts'
import { subtitleCues, subtitleTracks } from '../../../src/programme/subtitles.ts'
import type { Media } from '../../../src/resolve/media.ts'
import { readReport } from '../../../src/resolve/yt-dlp-report.ts'

const folder = mkdtempSync(join(tmpdir(), 'asciline-subtitles-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('cues', () => {
  test('of SubRip with a byte order mark and Windows line ends', () => {
    const text =
      '\uFEFF1\r\n00:00:01,500 --> 00:00:03,000\r\n<i>Hello</i>\r\nyou\r\n\r\n2\r\n01:00:00,000 --> 01:00:01,000\r\n{\\an8}Up\r\n'
    expect(parseCues(text)).toEqual([
      { start: 1.5, end: 3, text: 'Hello\nyou' },
      { start: 3600, end: 3601, text: 'Up' },
    ])
  })

  test('of WebVTT with settings, notes, styles, names and entities, in any order', () => {
    const text = `WEBVTT\n\nNOTE nothing\n\nSTYLE\n::cue { color: red }\n\nname\n00:05.000 --> 00:06.000 align:start position:0%\n<v Ann>a &lt;b&gt; &amp; c\n\n00:01.000 --> 00:02.000\n<00:01.200><c>first</c>`
    expect(parseCues(text)).toEqual([
      { start: 1, end: 2, text: 'first' },
      { start: 5, end: 6, text: 'a <b> & c' },
    ])
  })

  test('that are rubbish, empty, or end before they start are left out', () => {
    expect(
      parseCues('00:05.000 --> 00:04.000\nx\n\n00:01.000 --> 00:02.000\n\nno times\n\n\0\u{1F600}'),
    ).toEqual([])
    expect(parseCues('')).toEqual([])
  })

  test('are bounded in number and length', () => {
    const one = `00:01.000 --> 00:02.000\n${'x'.repeat(5000)}\n\n`
    const cues = parseCues(one.repeat(20_100))
    expect(cues).toHaveLength(20_000)
    expect(cues[0]?.text).toHaveLength(1000)
  })
})

test('files beside a video are its subtitles, and no other file can be named', async () => {
  const cue = '00:01.000 --> 00:02.000\nHi\n'
  for (const name of ['film.srt', 'film.de.vtt', 'film.txt', 'other.srt', 'film.mp4'])
    writeFileSync(join(folder, name), cue)
  const media: Media = { kind: 'file', title: 'film', live: false, video: { url: join(folder, 'film.mp4') } }
  expect((await subtitleTracks(media)).sort((a, b) => a.id.localeCompare(b.id))).toEqual([
    { id: 'file:film.de.vtt', language: 'de', automatic: false },
    { id: 'file:film.srt', language: '', automatic: false },
  ])
  expect(await subtitleCues(media, 'file:film.srt')).toHaveLength(1)
  await expect(subtitleCues(media, 'file:other.srt')).rejects.toMatchObject({ code: 'not-found' })
  await expect(subtitleCues(media, 'file:../../etc/passwd')).rejects.toMatchObject({ code: 'not-found' })
})

test("the site's tracks are told apart from automatic ones, and lie on the site or are not fetched", async () => {
  const address = 'https://www.youtube.com/api/timedtext?v=x&fmt=vtt'
  const report = {
    title: 'T',
    url: 'https://r1.googlevideo.com/x',
    subtitles: {
      en: [
        { ext: 'json3', url: 'https://x/' },
        { ext: 'vtt', url: address },
      ],
      live_chat: [{ ext: 'json', url: 'https://x/' }],
    },
    automatic_captions: {
      en: [{ ext: 'vtt', url: address }],
      de: [{ ext: 'vtt', url: 'https://evil.example/' }],
    },
  }
  const media = readReport(JSON.stringify(report), { kind: 'youtube', allowHosts: [] })
  expect(await subtitleTracks(media as Media)).toEqual([
    { id: 'site:en', language: 'en', automatic: false },
    { id: 'auto:en', language: 'en', automatic: true },
    { id: 'auto:de', language: 'de', automatic: true },
  ])
  await expect(subtitleCues(media as Media, 'auto:de')).rejects.toMatchObject({ code: 'host-refused' })
})
