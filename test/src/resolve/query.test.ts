import { describe, expect, test } from 'vitest'
import { canonicalQuery, cleanQuery, readQuery } from '../../../src/resolve/query.ts'
import { ytDlpArguments } from '../../../src/resolve/yt-dlp-arguments.ts'

const read = (text: string, allowHosts: string[] = []) => readQuery(cleanQuery(text), { allowHosts })
const code = (run: () => unknown) => {
  try {
    return run()
  } catch (error) {
    return (error as { code?: string }).code
  }
}

test.each([
  'https://www.youtube.com/watch?v=dQw4w9WgXcQ',
  'http://youtube.com/watch?list=PL123&v=dQw4w9WgXcQ&t=42',
  'https://m.youtube.com/watch?v=dQw4w9WgXcQ#t=1',
  'https://music.youtube.com/watch?v=dQw4w9WgXcQ',
  'https://youtu.be/dQw4w9WgXcQ?si=abc',
  'https://www.youtube.com/shorts/dQw4w9WgXcQ',
  'https://www.youtube.com/live/dQw4w9WgXcQ?feature=share',
  'https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ',
  'youtu.be/dQw4w9WgXcQ',
  'www.youtube.com/watch?v=dQw4w9WgXcQ',
  '  dQw4w9WgXcQ  ',
  'HTTPS://WWW.YOUTUBE.COM/watch?v=dQw4w9WgXcQ',
])('%s is the video dQw4w9WgXcQ', (text) => {
  expect(read(text)).toEqual({ kind: 'youtube', id: 'dQw4w9WgXcQ' })
})

test.each([
  ['never gonna give you up', 'never gonna give you up'],
  ['documentary', 'documentary'],
  ['Programming', 'Programming'],
  ['Batman: Year One', 'Batman: Year One'],
  ['Re:Zero', 'Re:Zero'],
  ['AC/DC thunderstruck', 'AC/DC thunderstruck'],
  ['two   spaces', 'two spaces'],
  ['$(reboot); `id` && "x"', '$(reboot); `id` && "x"'],
  ['日本語', '日本語'],
  ['demo', 'demo'],
])('%s is a search', (text, wanted) => {
  expect(read(text)).toEqual({ kind: 'search', text: wanted })
})

test('demo: is the demo', () => {
  expect(read('demo:')).toEqual({ kind: 'demo' })
})

test.each([
  '--exec=touch /tmp/x',
  '-h',
  '- a dash',
  '--no-config',
  'file:///etc/passwd',
  'FILE:/etc/passwd',
  'file:secret.mp4',
  'data:text/html,x',
  'concat:/etc/passwd|x',
  'ytsearch100:cats',
  'ytuser:somebody',
  'rtsp://127.0.0.1/x',
  'ftp://example.org/x',
  'https://',
  'https://user:pass@www.youtube.com/watch?v=dQw4w9WgXcQ',
  'https://www.youtube.com/',
  'https://www.youtube.com/playlist?list=PL123',
  'https://www.youtube.com/watch?v=short',
  'https://www.youtube.com/watch?v=dQw4w9WgXcQ;id',
  'line\nbreak',
  'nul\0byte',
  'escape\u001b[31m',
  '',
  '   ',
])('%j is refused', (text) => {
  expect(code(() => read(text))).toBe('query-refused')
})

test('a list is played by its address, a video in a list by itself', () => {
  expect(read('https://www.youtube.com/@somebody')).toEqual({
    kind: 'list',
    url: 'https://www.youtube.com/@somebody/videos',
  })
  expect(read('youtube.com/playlist?list=PL1234567890').kind).toBe('list')
  expect(read('https://www.youtube.com/watch?v=dQw4w9WgXcQ&list=PL1234567890').kind).toBe('youtube')
})

test('one video has one spelling, and what is none is left alone', () => {
  for (const text of ['youtu.be/dQw4w9WgXcQ', ' https://m.youtube.com/shorts/dQw4w9WgXcQ?x=1 '])
    expect(canonicalQuery(text)).toBe('https://www.youtube.com/watch?v=dQw4w9WgXcQ')
  for (const text of ['two words', 'films/a.mp4', 'https://example.org/watch?v=dQw4w9WgXcQ', 'https://', '%'])
    expect(canonicalQuery(text)).toBe(text)
})

test('ten thousand characters are too long', () => {
  expect(code(() => read('x'.repeat(10_000)))).toBe('query-too-long')
  expect(read('x'.repeat(2000))).toMatchObject({ kind: 'search' })
})

describe('other hosts', () => {
  test.each([
    'http://127.0.0.1:8080/x.mp4',
    'http://169.254.169.254/latest',
    'https://youtube.com.evil.example/watch?v=dQw4w9WgXcQ',
    'https://evil.example/?u=youtube.com',
    'https://notyoutube.com/watch?v=dQw4w9WgXcQ',
    'http://[::1]/x',
  ])('%s is refused', (text) => {
    expect(code(() => read(text, ['example.org']))).toBe('host-refused')
  })

  test.each([
    ['http://127.0.0.1:8080/x.mp4', '127.0.0.1'],
    ['http://127.0.0.1:8080/x.mp4', '127.0.0.1:8080'],
    ['https://media.example.org/x?y=1', '*.example.org'],
    ['https://EXAMPLE.org/x', 'Example.ORG'],
    ['https://example.org/x', 'example.org:443'],
    ['http://[::1]:81/x', '::1'],
  ])('%s is allowed by %s', (text, entry) => {
    expect(read(text, [entry])).toEqual({ kind: 'url', url: new URL(text).href })
  })

  test.each([
    ['http://127.0.0.1:8081/x', '127.0.0.1:8080'],
    ['https://evilexample.org/x', '*.example.org'],
    ['https://example.org/x', '*.example.org'],
    ['https://sub.example.org/x', 'example.org'],
    ['https://example.org/x', ''],
  ])('%s is not allowed by %j', (text, entry) => {
    expect(code(() => read(text, [entry]))).toBe('host-refused')
  })
})

test('what reaches yt-dlp behind -- was built by us, and it is one argument', () => {
  const args = (text: string) => {
    const target = read(text, ['example.org'])
    if (target.kind === 'demo' || target.kind === 'list') throw new Error('not for this')
    return ytDlpArguments({ target, maxSourceHeight: 720, runtime: [] })
  }
  expect(args('https://youtu.be/dQw4w9WgXcQ?x=--exec').slice(-2)).toEqual([
    '--',
    'https://www.youtube.com/watch?v=dQw4w9WgXcQ',
  ])
  expect(args('cats --exec reboot').slice(-2)).toEqual(['--', 'ytsearch1:cats --exec reboot'])
  expect(args('https://example.org/a b').slice(-2)).toEqual(['--', 'https://example.org/a%20b'])
  for (const text of ['dQw4w9WgXcQ', 'cats', 'https://example.org/x']) {
    expect(args(text)).toEqual(
      expect.arrayContaining(['--ignore-config', '--no-playlist', '-j', '--skip-download']),
    )
  }
})
