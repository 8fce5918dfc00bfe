import { expect, test } from 'vitest'
import { RefreshQueue } from '../../../client/page/screen/refresh-queue.ts'

const REFRESH_MS = 1000 / 60

/** Pictures at `fps`, the worker hearing of each refresh now before, now after the page's message; how many each refresh showed. */
function shownPerRefresh(fps: number, refreshes: number): number[] {
  const queue = new RefreshQueue<number>()
  const shown: number[] = []
  let sent = 0
  for (let refresh = 0; refresh < refreshes; refresh++) {
    const at = refresh * REFRESH_MS
    let pictures = 0
    const page = () => {
      if (Math.floor(((refresh + 0.3) * fps) / 60) < sent) return
      if (!queue.push(sent++, at + 1)) pictures += 1
    }
    const display = () => queue.take(at, () => (pictures += 1))
    for (const step of refresh % 3 === 0 ? [display, page] : [page, display]) step()
    shown.push(pictures)
  }
  return shown
}

test('a picture with every refresh is drawn with every refresh, in whichever order the worker hears of them', () => {
  expect(new Set(shownPerRefresh(60, 300).slice(20))).toEqual(new Set([1]))
})

test('pictures that have a refresh to themselves are drawn as they come', () => {
  const queue = new RefreshQueue<number>()
  for (let picture = 0; picture < 100; picture++) expect(queue.push(picture, picture * 33.3)).toBe(false)
})

test('one hiccup makes nothing wait', () => {
  const queue = new RefreshQueue<number>()
  for (const at of [0, 33, 66, 70, 100, 133]) expect(queue.push(at, at)).toBe(false)
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
