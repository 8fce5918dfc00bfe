// The queue, and what follows what, over a session with real files.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Countdown } from '../../../src/programme/countdown.ts'
import { FailedItems } from '../../../src/programme/failed-items.ts'
import { Programme } from '../../../src/programme/programme.ts'
import { Store } from '../../../src/programme/store.ts'
import type { Media } from '../../../src/resolve/media.ts'
import { MediaError } from '../../../src/resolve/media-error.ts'
import { localTime } from '../../../vendor/asciline/index.ts'
import { file, ownFfmpegs, Stage } from '../session/stage.ts'
import { ClipFolder } from '../source/clips.ts'

const NEXT_MS = 300

let clips: ClipFolder
let stage: Stage
let store: Store
let programme: Programme
/** What the resolver answers; absent queries are not available. */
const films = new Map<string, Media>()

beforeAll(async () => {
  clips = await ClipFolder.open()
  for (const [name, seconds] of [
    ['short', 1],
    ['long', 40],
  ] as const) {
    const picture = ['-f', 'lavfi', '-i', 'testsrc2=s=160x120:r=24', '-t', String(seconds)]
    const path = await clips.make(`${name}.mp4`, [...picture, '-c:v', 'libx264', '-preset', 'ultrafast'])
    films.set(name, { ...file(path), title: `The ${name} one` })
  }
})
beforeEach(() => {
  store = new Store()
  stage = new Stage({
    resolve: async (query) => {
      const found = films.get(query)
      if (found === undefined) throw new MediaError('unavailable', 'This video is not available.')
      return found
    },
    onStarted: (run) => programme.started(run),
    onOver: (run, end) => programme.over(run, end),
    upcoming: () => programme.upcoming(),
    retryMs: [50, 100, 150],
  })
  programme = new Programme({
    store,
    session: stage.session,
    wallNow: Date.now,
    now: () => localTime(performance.now()),
    onQueue: () => {},
    nextMs: NEXT_MS,
  })
})
afterEach(async () => {
  programme.close()
  await stage.session.close()
  store.close()
  expect(ownFfmpegs()).toEqual([])
})
afterAll(() => clips.close())

const queue = (...queries: string[]) => {
  for (const query of queries) store.enqueue({ query, title: query })
}
const titled = (title: string) =>
  stage.until(() => stage.session.status().title === title && stage.session.status().state === 'playing')

describe('at the end of a programme', () => {
  test('what comes next is named with its time, and starts by itself then', async () => {
    queue('long')
    programme.play('short')
    await titled('The short one')
    await stage.state('idle')
    const ended = stage.statuses.find(({ upcoming }) => upcoming !== undefined)
    // With the first word that it is over, not behind it.
    expect(ended).toMatchObject({ state: 'idle', upcoming: { query: 'long', title: 'long' } })
    expect(ended?.upcoming?.in_ms).toBeGreaterThan(NEXT_MS - 200)
    expect(ended?.upcoming?.in_ms).toBeLessThanOrEqual(NEXT_MS)
    await titled('The long one')
    expect(stage.session.status().upcoming).toBeUndefined()
    expect(store.queue()).toEqual([])
  })

  test('it can be called off and stays in the queue', async () => {
    queue('long')
    programme.play('short')
    await stage.until(() => stage.session.status().upcoming !== undefined)
    expect(programme.cancelNext({ who: 'car' })).toMatchObject({
      state: 'idle',
      command: { name: 'cancel', who: 'car' },
    })
    expect(stage.statuses.at(-1)?.upcoming).toBeUndefined()
    await new Promise((resolve) => setTimeout(resolve, 2 * NEXT_MS))
    expect(stage.session.status().state).toBe('idle')
    expect(store.queue()).toHaveLength(1)
  })

  test('a stop, or something else to play, calls it off too', async () => {
    queue('short')
    programme.play('short')
    await stage.until(() => stage.session.status().upcoming !== undefined)
    programme.play('long')
    expect(stage.session.status().upcoming).toBeUndefined()
    await titled('The long one')
    await new Promise((resolve) => setTimeout(resolve, 2 * NEXT_MS))
    expect(stage.session.status().title).toBe('The long one')
  })

  test('what is put at the head meanwhile is what starts', async () => {
    queue('short')
    programme.play('short')
    await stage.until(() => stage.session.status().upcoming !== undefined)
    store.enqueue({ query: 'long', title: 'long', first: true })
    programme.queueChanged()
    expect(stage.statuses.at(-1)?.upcoming?.query).toBe('long')
    await titled('The long one')
  })
})

describe('an entry that cannot be played', () => {
  test('is told, put aside with the reason, and followed by the next', async () => {
    queue('gone', 'long')
    programme.next()
    const failed = await stage.state('error')
    expect(failed).toMatchObject({
      title: 'gone',
      error: { code: 'unavailable' },
      upcoming: { query: 'long' },
    })
    expect(programme.failed).toMatchObject([{ query: 'gone', error: { code: 'unavailable' } }])
    await titled('The long one')
    programme.queueChanged({ cleared: true })
    expect(programme.failed).toEqual([])
  })

  test('but was asked for by somebody stays on their screen', async () => {
    queue('long')
    programme.play('gone')
    expect((await stage.state('error')).upcoming).toBeUndefined()
    expect(programme.failed).toEqual([])
  })

  test('is tried again by resume, at the place where it failed, and nothing else starts meanwhile', async () => {
    films.delete('soon')
    queue('soon', 'short')
    programme.next()
    await stage.state('error')
    films.set('soon', films.get('long') as Media)
    const status = await programme.resume({ who: 'phone' })
    expect(status).toMatchObject({
      state: 'playing',
      title: 'The long one',
      command: { name: 'resume', who: 'phone' },
    })
    expect(status.upcoming).toBeUndefined()
    expect(programme.failed).toEqual([])
    films.delete('soon')
  })
})

test('a failure in the middle says where it stood, and resume goes on there', async () => {
  const moved = { ...(films.get('long') as Media) }
  films.set('moved', moved)
  programme.play('moved')
  await titled('The long one')
  moved.video = { url: '/nowhere.mp4' }
  await expect(stage.session.seek({ to: 20 })).rejects.toMatchObject({ code: 'file-not-found' })
  const failed = await stage.state('error')
  expect(failed).toMatchObject({ query: 'moved', title: 'The long one', position: { media: 20 } })
  await expect(programme.resume()).rejects.toMatchObject({ code: 'file-not-found' })
  await stage.state('error')
  moved.video = { url: (films.get('long') as Media).video.url }
  expect((await programme.resume()).position?.media).toBeGreaterThanOrEqual(20)
  expect(stage.timelines.at(-1)?.start).toBe(20)
})

test('the first of a list plays, and the rest goes behind the queue once', async () => {
  queue('short')
  const rest = [{ query: 'two', title: 'Two' }]
  films.set('list', { ...(films.get('long') as Media), query: 'long', rest })
  programme.play('list')
  await titled('The long one')
  expect(stage.session.status().query).toBe('long')
  await stage.session.seek({ to: 5 })
  expect(store.queue().map(({ query }) => query)).toEqual(['short', 'two'])
})

test('where something was left is known as soon as it is told that it was stopped', async () => {
  programme.play('long', { from: 20 })
  await titled('The long one')
  expect(programme.stop().state).toBe('idle')
  expect(store.resumeAt('long')).toBeGreaterThanOrEqual(20)
})

test('one video has one place to go on at, however its address is written', async () => {
  const query = 'https://www.youtube.com/watch?v=dQw4w9WgXcQ'
  store.watched({ query, title: '', duration: 40, position: 15, watchedAt: 1, live: false })
  films.set(query, { ...(films.get('long') as Media), query })
  programme.play(' https://youtu.be/dQw4w9WgXcQ?t=3 ')
  await stage.until(() => stage.timelines.length > 0)
  expect(stage.timelines.at(-1)?.start).toBe(15)
})

test('a countdown counts down from every start, and its remainder is never negative', () => {
  const countdown = new Countdown({ ms: 5000, onZero: () => {} })
  expect(countdown.remaining(localTime(0))).toBeUndefined()
  countdown.start(localTime(1000))
  expect(countdown.remaining(localTime(2000.5))).toBe(4000)
  expect(countdown.remaining(localTime(9000))).toBe(0)
  countdown.start(localTime(3000))
  expect(countdown.remaining(localTime(3000))).toBe(5000)
  expect([countdown.stop(), countdown.stop(), countdown.running]).toEqual([true, false, false])
})

test('of what failed the last twenty are kept, each once', () => {
  const failed = new FailedItems()
  const error = { code: 'private', message: '' } as const
  for (let count = 0; count < 30; count++) failed.push({ query: `q${count % 25}`, title: '', error })
  expect(failed.items).toHaveLength(20)
  expect(new Set(failed.items.map(({ query }) => query)).size).toBe(20)
  expect(failed.items[0]?.query).toBe('q4')
})
