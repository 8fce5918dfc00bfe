import { expect, test } from 'vitest'
import { TokenBucket } from '../../signaling/token-bucket.ts'

test('a burst passes, then the steady rate', () => {
  const bucket = new TokenBucket({ burst: 3, perSecond: 2 }, 0)
  const passed: number[] = []
  for (let now = 0; now <= 3000; now += 100) if (bucket.take(now)) passed.push(now)
  expect(passed).toEqual([0, 100, 200, 500, 1000, 1500, 2000, 2500, 3000])
})

test('waiting fills it up to the burst and no further', () => {
  const bucket = new TokenBucket({ burst: 2, perSecond: 1 }, 0)
  bucket.take(0)
  bucket.take(0)
  expect([bucket.take(3_600_000), bucket.take(3_600_000), bucket.take(3_600_000)]).toEqual([
    true,
    true,
    false,
  ])
})

test('it tells how long to wait, and a clock that steps back gives nothing away', () => {
  const bucket = new TokenBucket({ burst: 1, perSecond: 0.5 }, 1000)
  expect(bucket.waitMs(1000)).toBe(0)
  bucket.take(1000)
  expect(bucket.waitMs(1000)).toBe(2000)
  expect(bucket.waitMs(0)).toBe(2000)
  expect(bucket.waitMs(2999)).toBe(1)
  expect(bucket.take(3000)).toBe(true)
})
