// What the page makes of the programme without a browser: places, lists, words in the middle, what a typed text means.

import { expect, test } from 'vitest'
import { adviceFor } from '../../../client/page/programme/advice.ts'
import { curtainWords } from '../../../client/page/programme/curtain-words.ts'
import { readCues, readEntries, readQueue, readTracks } from '../../../client/page/programme/listings.ts'
import {
  clockText,
  presentPosition,
  secondsBehind,
  seekRange,
  spokenTime,
} from '../../../client/page/programme/position.ts'
import { ProgrammeState } from '../../../client/page/programme/programme-state.ts'
import { shortCount } from '../../../client/page/start/card.ts'
import { meansPlay } from '../../../client/page/start/search-box.ts'
import type { Situation } from '../../../client/page/status-line.ts'
import { ERROR_CODES } from '../../../signaling/error-codes.ts'
import type { SessionStatus } from '../../../signaling/messages.ts'
import { localTime } from '../../../vendor/asciline/index.ts'

const idle: SessionStatus = {
  state: 'idle',
  session_id: null,
  title: '',
  is_live: false,
  preset: 'med',
  duration: null,
  position: null,
  seekable: false,
  behind_live: null,
  viewers: 1,
}
const film: SessionStatus = {
  ...idle,
  state: 'playing',
  session_id: '0123456789abcdef',
  title: 'Cats',
  duration: 100,
  seekable: true,
  position: { media: 30, at: 5000 },
}
const at = localTime(1000)

test('the position is the picture’s while it and the status agree, and where the session goes when they do not', () => {
  expect(presentPosition({ status: film, statusAt: at, shown: 31.2 }, localTime(2000))).toBe(31.2)
  expect(presentPosition({ status: film, statusAt: at, shown: 80 }, localTime(2000))).toBe(31)
  expect(presentPosition({ status: film, statusAt: at, shown: undefined }, localTime(2000))).toBe(31)
})

test('a paused position stands, and none goes past the end', () => {
  const paused = { ...film, state: 'paused' } as const
  expect(presentPosition({ status: paused, statusAt: at, shown: undefined }, localTime(60_000))).toBe(30)
  expect(presentPosition({ status: film, statusAt: at, shown: undefined }, localTime(900_000))).toBe(100)
  expect(presentPosition({ status: idle, statusAt: at, shown: 4 }, at)).toBeUndefined()
})

test('a film can be gone to as a whole, a live stream within its window, which moves on with time', () => {
  expect(seekRange({ status: film, statusAt: at, shown: undefined }, at)).toEqual({ start: 0, end: 100 })
  const live = { ...film, is_live: true, duration: null, behind_live: 2, seek_range: { start: 10, end: 40 } }
  expect(seekRange({ status: live, statusAt: at, shown: undefined }, localTime(6000))).toEqual({
    start: 15,
    end: 45,
  })
  expect(seekRange({ status: idle, statusAt: at, shown: undefined }, at)).toBeUndefined()
  expect(
    seekRange({ status: { ...film, duration: null }, statusAt: at, shown: undefined }, at),
  ).toBeUndefined()
})

test('what stands still falls behind live, second by second', () => {
  const live = { ...film, is_live: true, behind_live: 2 }
  expect(secondsBehind({ status: live, statusAt: at, shown: undefined }, localTime(6000))).toBe(2)
  const paused = { ...live, state: 'paused' } as const
  expect(secondsBehind({ status: paused, statusAt: at, shown: undefined }, localTime(6000))).toBe(7)
  expect(secondsBehind({ status: film, statusAt: at, shown: undefined }, at)).toBeUndefined()
})

test('times read like a clock, and are spoken in words', () => {
  expect([0, 7, 61, 3599, 3600, 36_061].map(clockText)).toEqual([
    '0:00',
    '0:07',
    '1:01',
    '59:59',
    '1:00:00',
    '10:01:01',
  ])
  expect([0, 1, 62, 7322].map(spokenTime)).toEqual([
    '0 seconds',
    '1 second',
    '1 minute 2 seconds',
    '2 hours 2 minutes 2 seconds',
  ])
})

test('lists are read with care: rubbish is left out, other hosts are not asked for pictures', () => {
  for (const rubbish of [
    undefined,
    null,
    7,
    'x',
    [],
    {},
    { videos: 7 },
    { videos: [null, 7, {}, { query: '' }] },
  ])
    expect(readEntries(rubbish, 'videos')).toEqual([])
  const [entry] = readEntries(
    {
      videos: [
        {
          query: 'q',
          title: 'T',
          channel: 'C',
          duration: -1,
          views: Number.NaN,
          thumbnail: 'https://x.example/a.jpg',
        },
      ],
    },
    'videos',
  )
  expect(entry).toEqual({
    query: 'q',
    title: 'T',
    by: 'C',
    seconds: undefined,
    live: false,
    views: undefined,
    from: 0,
    picture: undefined,
  })
  expect(
    readEntries({ videos: Array.from({ length: 2000 }, () => ({ query: 'q' })) }, 'videos'),
  ).toHaveLength(500)
})

test('a file is named by its folder, and one that is no media is not offered', () => {
  const files = [
    { path: 'Holidays/sea.mp4', title: 'sea', duration: 6, thumbnail: '/api/still?file=x' },
    { path: 'broken.mp4', title: 'broken', playable: false },
  ]
  expect(readEntries({ files }, 'files')).toMatchObject([
    { query: 'Holidays/sea.mp4', by: 'Holidays', seconds: 6, picture: '/api/still?file=x' },
  ])
})

test('the queue, the tracks and the cues are read the same way', () => {
  expect(
    readQueue({
      queue: [
        { id: 3, query: 'q', title: 'T' },
        { id: 'x', query: 'q' },
      ],
    }),
  ).toEqual([{ id: 3, query: 'q', title: 'T' }])
  expect(readTracks({ tracks: [{ id: 'a', language: 'en', automatic: true }, {}] })).toEqual([
    { id: 'a', language: 'en', automatic: true },
  ])
  const cues = [
    { start: 5, end: 6, text: 'later' },
    { start: 1, end: 2, text: 'x'.repeat(10_000) },
    { start: '1', end: 2, text: 'no' },
  ]
  expect(readCues({ cues }).map(({ text }) => text.length)).toEqual([2000, 5])
})

test('the state tells its listeners of changes, and only of changes', () => {
  const state = new ProgrammeState()
  const heard: (string | undefined)[] = []
  state.onChange(({ notice }) => heard.push(notice))
  state.change({ notice: 'a' })
  state.change({ notice: 'a' })
  state.change({ notice: undefined })
  expect(heard).toEqual(['a', undefined])
})

const calm: Situation = {
  link: { kind: 'connected', way: 'webrtc' },
  status: idle,
  asking: undefined,
  refusal: undefined,
  notice: undefined,
  picture: false,
  stalled: false,
}

test.each<[string, Partial<Situation>, object]>([
  ['nothing on', {}, { kind: 'none' }],
  [
    'a command on its way',
    { asking: 'cats' },
    { kind: 'waiting', title: 'Looking for it', detail: 'cats', step: 0 },
  ],
  [
    'found and being opened',
    { status: { ...film, state: 'resolving' } },
    { kind: 'waiting', title: 'Cats', step: 1 },
  ],
  ['before the first picture', { status: film }, { kind: 'waiting', step: 2 }],
  ['playing', { status: film, picture: true }, { kind: 'none' }],
  ['paused', { status: { ...film, state: 'paused' }, picture: true }, { kind: 'none' }],
  [
    'a picture that stands still',
    { status: film, picture: true, stalled: true },
    { kind: 'waiting', title: 'Buffering' },
  ],
  [
    'a lost source',
    { status: { ...film, trouble: { code: 'network', message: 'Trying again (1 of 3).' } }, picture: true },
    { kind: 'waiting', title: 'The source was lost', detail: 'Trying again (1 of 3).' },
  ],
  [
    'a lost server',
    { link: { kind: 'lost', reason: 'Gone.' }, status: film },
    { kind: 'waiting', title: 'Reconnecting' },
  ],
  [
    'an end with a successor',
    { status: { ...idle, upcoming: { id: 1, query: 'q', title: 'Dogs', in_ms: 5000 } } },
    { kind: 'upcoming', title: 'Dogs', inMs: 5000, why: '' },
  ],
  [
    'an error',
    { status: { ...idle, state: 'error', title: 'Cats', error: { code: 'timeout', message: 'Slow.' } } },
    {
      kind: 'error',
      title: 'Cats',
      message: 'Slow.',
      code: 'timeout',
      advice: adviceFor('timeout'),
      again: true,
    },
  ],
  [
    'a refusal while nothing is on',
    { refusal: { code: 'host-refused', message: 'No.' } },
    { kind: 'error', message: 'No.', code: 'host-refused', again: false },
  ],
  ['a locked page', { link: { kind: 'locked' }, status: film }, { kind: 'none' }],
])('the middle of the page says: %s', (_, situation, words) => {
  expect(curtainWords({ ...calm, ...situation }, 0)).toMatchObject(words)
})

test('who waits long is told so', () => {
  const situation = { ...calm, status: { ...film, state: 'resolving' as const } }
  const details = [0, 7000, 20_000]
    .map((ms) => curtainWords(situation, ms))
    .map((words) => 'detail' in words && words.detail)
  expect(details[0]).toBe('')
  expect(new Set(details).size).toBe(3)
})

test('every code that a playing session can end with has advice, or a message that holds it', () => {
  const said = ERROR_CODES.filter((code) => adviceFor(code) !== '')
  expect(said).toEqual(
    expect.arrayContaining(['age-restricted', 'private', 'region-blocked', 'rate-limited', 'network']),
  )
  expect(adviceFor('internal')).toBe('')
})

test.each([
  ['https://www.youtube.com/watch?v=dQw4w9WgXcQ', true],
  ['youtu.be/dQw4w9WgXcQ', true],
  ['dQw4w9WgXcQ', true],
  ['demo:', true],
  ['./film.mp4', true],
  ['file:///etc/passwd', true],
  ['https://www.youtube.com/watch?v=dQw4w9WgXcQ&list=PL1234567890', true],
  ['https://www.youtube.com/playlist?list=PL1234567890', false],
  ['https://www.youtube.com/@somebody', false],
  ['documentary', false],
  ['cats and dogs', false],
  ['what: a film', false],
])('%s is played, not searched for: %s', (text, plays) => {
  expect(meansPlay(text)).toBe(plays)
})

test('counts are short', () => {
  expect([0, 950, 1200, 12_345, 3_400_000, 2e9].map(shortCount)).toEqual([
    '0',
    '950',
    '1.2K',
    '12K',
    '3.4M',
    '2B',
  ])
})
