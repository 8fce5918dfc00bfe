// Which words are shown when, and which track is taken.

import { expect, test } from 'vitest'
import { checkPreferences } from '../../../client/page/preferences.ts'
import { CueTrack } from '../../../client/page/subtitles/cue-track.ts'
import { languageName, wantedTrack } from '../../../client/page/subtitles/subtitle-choice.ts'

const cue = (start: number, end: number, text: string) => ({ start, end, text })

test('a cue is shown from its start to just before its end', () => {
  const track = new CueTrack([cue(1, 2, 'one'), cue(3, 4.5, 'two')])
  expect([0.99, 1, 1.99, 2, 2.99, 3, 4.49, 4.5].map((second) => track.at(second))).toEqual([
    '',
    'one',
    'one',
    '',
    '',
    'two',
    'two',
    '',
  ])
})

test('who speaks at once is read at once, and a long cue is found behind short ones', () => {
  const track = new CueTrack([cue(0, 100, 'song'), cue(10, 11, 'a'), cue(20, 22, 'b'), cue(21, 23, 'c')])
  expect(track.at(21.5)).toBe('song\nb\nc')
  expect(track.at(50)).toBe('song')
})

test('never more than three, and an empty track says nothing', () => {
  const track = new CueTrack(Array.from({ length: 10 }, (_, index) => cue(index / 10, 5, String(index))))
  expect(track.at(2)).toBe('7\n8\n9')
  expect(new CueTrack([]).at(1)).toBe('')
  expect(track.at(Number.NaN)).toBe('')
})

const tracks = [
  { id: '1', language: 'de', automatic: true },
  { id: '2', language: 'en-GB', automatic: false },
  { id: '3', language: 'de', automatic: false },
  { id: '4', language: 'fr', automatic: false },
]

test('the wanted language is taken, a person’s before a machine’s; else its family, else what there is', () => {
  expect(wantedTrack(tracks, 'de')?.id).toBe('3')
  expect(wantedTrack(tracks, 'en')?.id).toBe('2')
  expect(wantedTrack(tracks, 'ja')?.id).toBe('2')
  expect(wantedTrack(tracks.slice(0, 1), '')?.id).toBe('1')
  expect(wantedTrack([], 'de')).toBeUndefined()
})

test('a language has a name, and an unknown code stays a code', () => {
  expect(languageName('de')).toBe('German')
  expect(languageName('not a code')).toBe('not a code')
  expect(languageName('')).toBe('On')
})

test('what is kept of the subtitles is checked like everything kept', () => {
  expect(checkPreferences({}).subtitles).toEqual({ on: false, language: '', size: 1 })
  expect(checkPreferences({ subtitles: { on: true, language: 'de', size: 3 } }).subtitles).toEqual({
    on: true,
    language: 'de',
    size: 3,
  })
  expect(checkPreferences({ subtitles: { on: 'yes', language: 'x'.repeat(99), size: 9 } }).subtitles).toEqual(
    {
      on: false,
      language: '',
      size: 1,
    },
  )
})
