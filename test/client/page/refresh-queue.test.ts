import { expect, test } from 'vitest'
import { RefreshQueue } from '../../../client/page/screen/refresh-queue.ts'

const REFRESH_MS = 1000 / 60

/**
 * Pictures at `fps`, each handed over in the page's frame of a refresh, but `lateMs` behind it; the worker hears of each refresh
 * `hearsMs` behind it. How many pictures each refresh showed.
 */
function shownPerRefresh(
  fps: number,
  refreshes: number,
  lateMs: (refresh: number) => number,
  hearsMs: (refresh: number) => number,
): number[] {
  const queue = new RefreshQueue<number>()
  const shown = new Array<number>(refreshes).fill(0)
  const steps: { at: number; run: () => void }[] = []
  let newest = -1
  let last = 0
  let pageAt = 0
  for (let refresh = 0; refresh < refreshes; refresh++) {
    const at = refresh * REFRESH_MS
    const draw = () => {
      shown[refresh]! += 1
    }
    steps.push({ at: at + hearsMs(refresh), run: () => queue.take(at, draw) })
    const picture = Math.floor(((refresh + 0.3) * fps) / 60)
    if (picture === last) continue
    last = picture
    const push = () => {
      newest += 1
      if (!queue.push(newest, at + 1.5 * REFRESH_MS)) draw()
    }
    // A page does one thing after the other.
    pageAt = Math.max(pageAt + 0.1, at + lateMs(refresh))
    steps.push({ at: pageAt, run: push })
  }
  for (const { run } of steps.toSorted((a, b) => a.at - b.at)) run()
  return shown
}

test('a picture with every refresh is drawn with every refresh, in whichever order the worker hears of them', () => {
  const shown = shownPerRefresh(
    60,
    300,
    () => 2,
    (refresh) => (refresh % 3 === 0 ? 1 : 3),
  )
  expect(new Set(shown.slice(20))).toEqual(new Set([1]))
})

test('a page that is a whole refresh late changes nothing', () => {
  const shown = shownPerRefresh(
    60,
    300,
    (refresh) => (refresh % 7 === 0 ? 17 + (refresh % 13) : 1),
    () => 1,
  )
  expect(new Set(shown.slice(20))).toEqual(new Set([1]))
})

test('pictures that have a refresh to themselves are drawn as they come', () => {
  const queue = new RefreshQueue<number>()
  for (let picture = 0; picture < 100; picture++) expect(queue.push(picture, picture * 33.3)).toBe(false)
})

test('one hiccup makes nothing wait', () => {
  const queue = new RefreshQueue<number>()
  for (const at of [0, 33, 66, 70, 100, 133]) expect(queue.push(at, at)).toBe(false)
})

test('what is to be shown at once is, but for what waits before it', () => {
  const queue = new RefreshQueue<number>()
  expect(queue.push(0)).toBe(false)
  for (let picture = 0; picture < 10; picture++) queue.push(picture, picture * 10)
  expect(queue.push(10)).toBe(true)
  const drawn: number[] = []
  queue.take(90, (item) => drawn.push(item))
  expect(drawn.at(-1)).toBe(10)
})

test('nothing overtakes what waits, and after a pause nothing has to', () => {
  const queue = new RefreshQueue<number>()
  for (let picture = 0; picture < 10; picture++) queue.push(picture, picture * 10)
  expect(queue.push(10, 1000)).toBe(true)
  const drawn: number[] = []
  queue.take(Number.POSITIVE_INFINITY, (item) => drawn.push(item))
  expect(drawn.at(-1)).toBe(10)
  expect(drawn).toEqual([...drawn].sort((a, b) => a - b))
  expect(queue.empty).toBe(true)
  for (let at = 2000; at < 2400; at += 33) queue.push(0, at)
  queue.take(Number.POSITIVE_INFINITY, () => undefined)
  expect(queue.push(0, 2500)).toBe(false)
})
