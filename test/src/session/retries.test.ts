import { describe, expect, test } from 'vitest'
import { Retries, refreshAt } from '../../../src/session/retries.ts'

describe('a lost source', () => {
  test('is tried three times, each later than the one before', () => {
    const retries = new Retries()
    expect([retries.next(0), retries.next(0), retries.next(0), retries.next(0)]).toEqual([
      500,
      2000,
      5000,
      undefined,
    ])
  })

  test('that has played for ten seconds has all three again, one that broke at once has not', () => {
    const retries = new Retries()
    retries.next(100)
    retries.next(9)
    expect(retries.used).toBe(2)
    expect(retries.next(10)).toBe(500)
    expect(retries.used).toBe(1)
  })
})

describe('addresses that expire', () => {
  const hour = 3_600_000

  test('are replaced ten minutes before', () => {
    expect(refreshAt(6 * hour, 0)).toBe(6 * hour - 600_000)
  })

  test('with less than twenty minutes left are used for half of that', () => {
    expect(refreshAt(hour, hour - 120_000)).toBe(hour - 60_000)
  })

  test('that do not are left alone', () => {
    expect(refreshAt(undefined, 5)).toBeUndefined()
  })
})
