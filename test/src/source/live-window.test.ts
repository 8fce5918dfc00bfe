import { describe, expect, test } from 'vitest'
import { firstVariant, type HlsPlaylist, parseHlsPlaylist } from '../../../src/source/hls-playlist.ts'
import { LiveWindow } from '../../../src/source/live-window.ts'
import { localTime } from '../../../vendor/asciline/index.ts'

const at = (seconds: number) => localTime(seconds * 1000)
const list = (first: number, count: number, length = 2): HlsPlaylist => ({
  first,
  seconds: Array(count).fill(length),
  target: length,
  growing: false,
})

describe('a live window', () => {
  test('goes from the oldest segment that will last to three before the newest, and moves with the clock', () => {
    const window = new LiveWindow()
    window.update(list(100, 20), at(0))
    expect(window.range(at(0))).toEqual({ start: 2, end: 34 })
    expect(window.range(at(10))).toEqual({ start: 12, end: 44 })
    expect(window.latency).toBe(6)
    expect(window.edge(at(1))).toBe(35)
  })

  test('keeps its zero when the list has moved on', () => {
    const window = new LiveWindow()
    window.update(list(100, 20), at(0))
    window.update(list(105, 20), at(11))
    // Five segments of two seconds, not the eleven seconds of the clock.
    expect(window.place(0)).toEqual({ index: 0, from: 10 })
    expect(window.edge(at(11))).toBe(44)
  })

  test('goes by the clock when the list has nothing in common with the one before', () => {
    const window = new LiveWindow()
    window.update(list(100, 20), at(0))
    window.update(list(900, 20), at(600))
    expect(window.edge(at(600))).toBe(634)
    window.update(list(3, 20), at(700))
    expect(window.edge(at(700))).toBe(734)
  })

  test('names the segment that holds a place, the edge for later ones and the oldest for those gone', () => {
    const window = new LiveWindow()
    window.update({ ...list(7, 6), seconds: [2, 3, 2, 2, 2, 2] }, at(0))
    expect(window.place(0)).toEqual({ index: 0, from: 0 })
    expect(window.place(4.9)).toEqual({ index: 1, from: 2 })
    expect(window.place(5)).toEqual({ index: 2, from: 5 })
    expect(window.place(1e6)).toEqual({ index: 3, from: 7 })
    expect(window.place()).toEqual({ index: 3, from: 7 })
    expect(window.place(-5)).toEqual({ index: 0, from: 0 })
  })

  test('that is too short is none, and one that only grows keeps its start', () => {
    const window = new LiveWindow()
    expect(window.range(at(0))).toBeUndefined()
    window.update(list(1, 4), at(0))
    expect(window.range(at(0))).toBeUndefined()
    expect(window.place()).toEqual({ index: 1, from: 2 })
    window.update({ ...list(1, 40), growing: true }, at(72))
    expect(window.range(at(80))).toEqual({ start: 0, end: 82 })
  })
})

describe('a playlist', () => {
  const head = ['#EXTM3U', '#EXT-X-TARGETDURATION:4', '#EXT-X-MEDIA-SEQUENCE:12']

  test('is read for its segments; breaks and dates do not matter', () => {
    const text = [...head, '#EXTINF:4.000,', 'a.ts', '#EXT-X-DISCONTINUITY', '#EXTINF:3.5,', 'b.ts', '']
    expect(parseHlsPlaylist(text.join('\r\n'))).toEqual({
      first: 12,
      seconds: [4, 3.5],
      target: 4,
      growing: false,
    })
  })

  test.each([
    ['one that has ended', [...head, '#EXTINF:4,', 'a.ts', '#EXT-X-ENDLIST']],
    ['one without segments', head],
    ['one without a target', ['#EXTM3U', '#EXTINF:4,', 'a.ts']],
    ['lengths that are no numbers', [...head, '#EXTINF:...,', 'a.ts']],
    ['a page', ['<html>']],
    ['nothing', []],
  ])('%s is none', (_name, lines) => {
    expect(parseHlsPlaylist(lines.join('\n'))).toBeUndefined()
  })

  test('of a million segments is refused', () => {
    expect(parseHlsPlaylist([...head, '#EXTINF:1,\na\n'.repeat(100_001)].join('\n'))).toBeUndefined()
  })

  test('of variants leads to the first of them', () => {
    const master =
      '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nlow/index.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=2\nhigh\n'
    expect(firstVariant(master, 'http://127.0.0.1/live/master.m3u8')).toBe(
      'http://127.0.0.1/live/low/index.m3u8',
    )
    expect(firstVariant('#EXTM3U\n#EXTINF:4,\na.ts', 'http://127.0.0.1/')).toBeUndefined()
    expect(firstVariant('#EXTM3U\n#EXT-X-STREAM-INF:\nhttp://[', 'http://127.0.0.1/')).toBeUndefined()
  })
})
