import { describe, expect, test } from 'vitest'
import { columnsOf, cutTo, printable } from '../../../client/terminal/display-text.ts'
import { actionOf } from '../../../client/terminal/keys.ts'
import { readViewOptions } from '../../../client/terminal/options.ts'
import { clock, statusLine } from '../../../client/terminal/status-line.ts'
import type { SessionStatus } from '../../../signaling/messages.ts'

const PLAYING: SessionStatus = {
  state: 'playing',
  session_id: '0123456789abcdef',
  title: 'A film',
  is_live: false,
  preset: 'high',
  duration: 3847,
  position: { media: 0, at: 0 },
  seekable: true,
  behind_live: null,
  viewers: 1,
} as SessionStatus

const line = (status: Partial<SessionStatus>, rest: object = {}, columns = 60) =>
  statusLine(
    { status: { ...PLAYING, ...status }, position: 65, way: 'webrtc', notice: undefined, ...rest },
    columns,
  )

describe('the status line', () => {
  test('title left, place right, as wide as the terminal', () => {
    expect(line({})).toMatch(/^A film {2,}1:05 \/ 1:04:07$/)
    expect(line({})).toHaveLength(60)
  })

  test('a live stream says how far behind it is', () => {
    expect(line({ is_live: true, duration: null, behind_live: 12 })).toMatch(/LIVE -0:12$/)
    expect(line({ is_live: true, duration: null, behind_live: 0 })).toMatch(/LIVE$/)
  })

  test('what comes next is said with its title', () => {
    const upcoming = { id: 1, query: 'q', title: 'Part two', in_ms: 4200 }
    expect(line({ state: 'idle', upcoming })).toMatch(/^next: Part two/)
  })

  test('what is wrong comes before what plays', () => {
    expect(line({ state: 'error', error: { code: 'age-limited', message: 'Sign in.' } } as object)).toMatch(
      /^Sign in\./,
    )
    expect(line({ trouble: { code: 'network', message: 'the source was lost' } })).toContain(
      'the source was lost',
    )
    expect(line({}, { notice: 'connecting again' })).toMatch(/^connecting again/)
    expect(line({}, { way: 'websocket' })).toContain('over TCP')
  })

  test('a title cannot command the terminal, and a wide one is cut by columns', () => {
    expect(line({ title: '\x1b]0;owned\x07\x1b[2Jfilm\nline' })).not.toMatch(/\p{Cc}/u)
    const wide = line({ title: '映画'.repeat(100) })
    expect(columnsOf(wide)).toBeLessThanOrEqual(60)
  })

  test('a terminal of no width is not an error', () => {
    expect(line({}, {}, 3).length).toBeLessThanOrEqual(3)
  })
})

test('text is cut between characters, never inside one', () => {
  expect(cutTo('a映b', 2)).toBe('a')
  expect(cutTo('a映b', 3)).toBe('a映')
  expect(cutTo('a👍b', 3)).toBe('a👍')
  expect(printable('right\u202eto left\u0000')).toBe('rightto left')
})

test('seconds as people write them', () => {
  expect([0, 59.9, 60, 3600, -5].map(clock)).toEqual(['0:00', '0:59', '1:00', '1:00:00', '0:00'])
})

test('keys mean what the help says', () => {
  expect(actionOf({ name: 'space' })).toBe('pause-or-resume')
  expect(actionOf({ name: 'right' })).toBe('forward')
  expect(actionOf({ sequence: '[' })).toBe('earlier')
  expect(actionOf({ name: 'c', ctrl: true })).toBe('quit')
  expect(actionOf({ name: 'c' })).toBe('subtitles')
  expect(actionOf({ name: 'x', ctrl: true })).toBeUndefined()
  expect(actionOf({})).toBeUndefined()
})

describe('the command line', () => {
  test('flags, and the PIN from the environment', () => {
    expect(readViewOptions(['--pin', '1234', '--style', 'glyphs'])).toEqual({
      url: 'http://localhost:8000',
      pin: '1234',
      style: 'glyphs',
      sound: 'on',
    })
    expect(readViewOptions([], { ASCILINE_PIN: '5678' })).toMatchObject({ pin: '5678' })
    expect(readViewOptions(['--help'])).toBe('help')
  })

  test('what cannot be is refused with the flag it came from', () => {
    expect(() => readViewOptions([])).toThrow('--pin is missing')
    expect(() => readViewOptions(['--pin', 'abc'])).toThrow('--pin')
    expect(() => readViewOptions(['--pin', '1234', '--url', 'file:///etc/passwd'])).toThrow('--url')
    expect(() => readViewOptions(['--pin', '1234', '--style', 'braille'])).toThrow('--style')
    expect(() => readViewOptions(['--nonsense'])).toThrow('nonsense')
  })
})
