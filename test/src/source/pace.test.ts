import { describe, expect, test } from 'vitest'
import { type PaceInput, pace } from '../../../src/source/pace.ts'
import { localTime } from '../../../vendor/asciline/index.ts'

const at = (input: Partial<Omit<PaceInput, 'now'>> & { now?: number }) =>
  pace({
    fps: 25,
    anchor: { frame: 10, at: localTime(1000) },
    next: 10,
    newest: 30,
    finished: false,
    startFrames: 8,
    ...input,
    now: localTime(input.now ?? 1000),
  })

describe('before the schedule runs', () => {
  test('it waits until enough is buffered', () => {
    expect(at({ anchor: undefined, newest: 16 })).toEqual({ do: 'buffer' })
    expect(at({ anchor: undefined, newest: 17, now: 5 })).toEqual({
      do: 'anchor',
      anchor: { frame: 10, at: 5 },
    })
  })

  test('what is there is enough when nothing more will come', () => {
    expect(at({ anchor: undefined, newest: 10, finished: true })).toMatchObject({ do: 'anchor' })
    expect(at({ anchor: undefined, newest: 9, finished: true })).toEqual({ do: 'end' })
  })
})

describe('while it runs', () => {
  test('a frame leaves at its own time, which does not depend on when the one before it left', () => {
    expect(at({ next: 12, now: 1079 })).toEqual({ do: 'sleep', until: 1080 })
    expect(at({ next: 12, now: 1080 })).toEqual({ do: 'send', frame: 12, dueAt: 1080, skipped: 0 })
    expect(at({ next: 12, now: 1101 })).toEqual({ do: 'send', frame: 12, dueAt: 1080, skipped: 0 })
  })

  test('a timer that fires a fraction of a millisecond early is not sent back to sleep', () => {
    expect(at({ next: 12, now: 1079.6 })).toMatchObject({ do: 'send', frame: 12 })
  })

  test('one frame of lateness is caught up, more is skipped to the newest frame due', () => {
    expect(at({ next: 12, now: 1125 })).toMatchObject({ do: 'send', frame: 12, skipped: 0 })
    expect(at({ next: 12, now: 1165 })).toEqual({ do: 'send', frame: 14, dueAt: 1160, skipped: 2 })
    expect(at({ next: 12, now: 9000 })).toMatchObject({ do: 'send', frame: 30, skipped: 18 })
  })

  test('an empty ring at the due time stops the schedule, not before', () => {
    expect(at({ next: 31, now: 1839 })).toEqual({ do: 'sleep', until: 1840 })
    expect(at({ next: 31, now: 1840 })).toEqual({ do: 'buffer' })
  })

  test('the last frame is shown for as long as any other', () => {
    expect(at({ next: 31, now: 1801, finished: true })).toEqual({ do: 'sleep', until: 1840 })
    expect(at({ next: 31, now: 1840, finished: true })).toEqual({ do: 'end' })
  })
})

test('after ten hours at 60 fps a frame is still due to the microsecond', () => {
  const frame = 60 * 36_000
  const step = at({
    fps: 60,
    anchor: { frame: 0, at: localTime(0) },
    next: frame,
    newest: frame,
    now: 36_000_000,
  })
  expect(step).toEqual({ do: 'send', frame, dueAt: 36_000_000, skipped: 0 })
})
