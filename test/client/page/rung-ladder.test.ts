import { expect, test } from 'vitest'
import { checkPreferences, DEFAULT_LOOK, drawnLook } from '../../../client/page/preferences.ts'
import { RungLadder } from '../../../client/page/screen/rung-ladder.ts'

const bad = { due: 30, presented: 15 }
const good = { due: 30, presented: 30 }

/** Pushes the readings; the rungs it changed to. */
const climb = (ladder: RungLadder, readings: (typeof bad)[]) =>
  readings.map((reading) => ladder.push(reading)).filter((rung) => rung !== undefined)

test('starts at the fastest and stays while the display gets what is due', () => {
  const ladder = new RungLadder(['webgl2', 'worker', 'page'])
  expect(climb(ladder, Array(60).fill(good))).toEqual([])
  expect(ladder.rung).toBe('webgl2')
})

test('a canvas that is shown only every other time is left after its first full second', () => {
  const ladder = new RungLadder(['worker', 'worker-bitmap', 'page'])
  expect(climb(ladder, [bad])).toEqual([])
  expect(ladder.push(bad)).toBe('worker-bitmap')
  expect(climb(ladder, Array(20).fill(good))).toEqual([])
})

test('a rung that was good and is no longer is left after three seconds', () => {
  const ladder = new RungLadder(['worker', 'page'])
  expect(climb(ladder, [good, good, bad, bad])).toEqual([])
  expect(ladder.push(bad)).toBe('page')
})

test('a probe in which some pictures are missing is no verdict', () => {
  const ladder = new RungLadder(['worker', 'page'])
  expect(climb(ladder, [good, { due: 30, presented: 23 }, good])).toEqual([])
})

test('a hiccup of a second or two changes nothing', () => {
  const ladder = new RungLadder(['worker', 'page'])
  expect(climb(ladder, [good, good, bad, bad, good, bad, bad, good])).toEqual([])
})

test('a still scene says nothing about a rung', () => {
  const ladder = new RungLadder(['worker', 'page'])
  expect(climb(ladder, Array(20).fill({ due: 2, presented: 0 }))).toEqual([])
})

test('when none keeps up the best one stays, for good', () => {
  const ladder = new RungLadder(['worker', 'worker-bitmap', 'page'])
  const seconds = (presented: number) => Array(2).fill({ due: 30, presented })
  expect(climb(ladder, [...seconds(12), ...seconds(20), ...seconds(8)])).toEqual([
    'worker-bitmap',
    'page',
    'worker-bitmap',
  ])
  expect(climb(ladder, [...seconds(2), ...seconds(2)])).toEqual([])
})

test('a rung that cannot be had is passed over and never chosen again', () => {
  const ladder = new RungLadder(['webgl2', 'page'])
  expect(ladder.failed()).toBe('page')
  expect(climb(ladder, Array(12).fill({ due: 30, presented: 0 }))).toEqual([])
  expect(ladder.failed()).toBeUndefined()
})

test('kept settings are taken one by one, and nonsense is replaced', () => {
  const kept = checkPreferences({
    volume: 7,
    look: {
      cells: 'pixels',
      charset: 'toString',
      colours: 2.5,
      tint: 0xff,
      gamma: Number.NaN,
      contrast: 1.5,
    },
    surface: 'worker',
    avOffsetMs: -501,
    background: '#fff',
  })
  expect(kept).toMatchObject({ volume: 1, surface: 'worker', avOffsetMs: 0, background: 0 })
  expect(kept.look).toEqual({ ...DEFAULT_LOOK, cells: 'pixels', tint: 0xff, contrast: 1.5 })
  for (const nothing of [null, 7, [], { look: null }, { look: 'x' }])
    expect(checkPreferences(nothing).look).toEqual(DEFAULT_LOOK)
})

test('glyphs are drawn brighter than pixels, which fill their cells', () => {
  expect(drawnLook(DEFAULT_LOOK).gamma).toBeGreaterThan(1.4)
  expect(drawnLook({ ...DEFAULT_LOOK, cells: 'pixels' }).gamma).toBe(1)
})
