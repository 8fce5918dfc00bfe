import { expect, test } from 'vitest'
import { PinGate, type PinGateOptions } from '../../signaling/pin-gate.ts'

const PIN = '482913'
const gate = (options: Partial<PinGateOptions> = {}) => new PinGate({ pin: PIN, ...options })
const fail = (g: PinGate, times: number, address: string, now: number) => {
  for (let i = 0; i < times; i += 1) g.attempt('000000', address, now)
}
const MINUTE = 60_000
const HOUR = 60 * MINUTE

test('the right PIN opens, a wrong one does not', () => {
  const g = gate()
  expect(g.attempt(PIN, '10.0.0.1', 0)).toEqual({ ok: true })
  for (const pin of ['482914', '48291', '4829130', '', 'x'.repeat(10_000)]) {
    expect(g.attempt(pin, `10.0.1.${pin.length % 200}`, 0)).toEqual({
      ok: false,
      code: 'wrong-pin',
      retryAfterMs: 0,
    })
  }
})

test('the fifth wrong PIN locks the address, the right one does not open it then, and time does', () => {
  const g = gate()
  fail(g, 4, '10.0.0.1', 0)
  expect(g.attempt('000000', '10.0.0.1', 0)).toEqual({ ok: false, code: 'wrong-pin', retryAfterMs: 30_000 })
  expect(g.attempt(PIN, '10.0.0.1', 10_000)).toEqual({ ok: false, code: 'locked-out', retryAfterMs: 20_000 })
  expect(g.attempt(PIN, '10.0.0.1', 30_000)).toEqual({ ok: true })
})

test('each further wrong PIN doubles the time, up to a day', () => {
  const g = gate({ globalBurst: 1000 })
  let now = 0
  const waits: number[] = []
  for (let i = 0; i < 20; i += 1) {
    const attempt = g.attempt('000000', '10.0.0.1', now)
    if (!attempt.ok && attempt.retryAfterMs > 0) waits.push(attempt.retryAfterMs)
    now += attempt.ok ? 0 : attempt.retryAfterMs
  }
  expect(waits.slice(0, 4)).toEqual([30_000, 60_000, 120_000, 240_000])
  expect(waits.at(-1)).toBe(24 * HOUR)
})

test('trying while locked neither helps nor lengthens the time', () => {
  const g = gate()
  fail(g, 5, '10.0.0.1', 0)
  for (let now = 0; now < 30_000; now += 100) g.attempt('000000', '10.0.0.1', now)
  expect(g.attempt(PIN, '10.0.0.1', 30_000)).toEqual({ ok: true })
})

test('the right PIN forgives what was wrong before', () => {
  const g = gate()
  fail(g, 4, '10.0.0.1', 0)
  g.attempt(PIN, '10.0.0.1', 0)
  fail(g, 4, '10.0.0.1', 0)
  expect(g.attempt(PIN, '10.0.0.1', 0)).toEqual({ ok: true })
})

test('a lock of one address is no lock of another', () => {
  const g = gate()
  fail(g, 5, '10.0.0.1', 0)
  expect(g.attempt(PIN, '10.0.0.2', 0)).toEqual({ ok: true })
})

test('all addresses of one IPv6 household count as one, and IPv4 in IPv6 clothing as IPv4', () => {
  const g = gate()
  fail(g, 3, '2001:db8:1:2::1', 0)
  fail(g, 2, '2001:db8:1:2:ffff::9%eth0', 0)
  expect(g.attempt(PIN, '2001:0db8:0001:0002:3:4:5:6', 0)).toMatchObject({ code: 'locked-out' })
  expect(g.attempt(PIN, '2001:db8:1:3::1', 0)).toEqual({ ok: true })
  fail(g, 5, '::ffff:10.0.0.1', 0)
  expect(g.attempt(PIN, '10.0.0.1', 0)).toMatchObject({ code: 'locked-out' })
})

test('a thousand addresses together get a hundred wrong PINs and then one a minute', () => {
  const g = gate()
  let wrong = 0
  let locked = 0
  for (let i = 0; i < 1000; i += 1) {
    const attempt = g.attempt('000000', `10.${i >> 8}.${i & 255}.1`, 0)
    if (!attempt.ok && attempt.code === 'wrong-pin') wrong += 1
    else locked += 1
  }
  expect([wrong, locked]).toEqual([100, 900])
  expect(g.attempt(PIN, '10.9.9.9', 0)).toEqual({ ok: false, code: 'locked-out', retryAfterMs: MINUTE })
  expect(g.attempt('000000', '10.9.9.9', MINUTE)).toMatchObject({ code: 'wrong-pin' })
  expect(g.attempt('000000', '10.9.9.8', MINUTE)).toMatchObject({ code: 'locked-out' })
})

test('who once knew the PIN enters even while strangers have used up the budget', () => {
  const g = gate()
  g.attempt(PIN, '192.168.0.7', 0)
  for (let i = 0; i < 200; i += 1) g.attempt('000000', `10.0.${i}.1`, 1)
  expect(g.attempt(PIN, '192.168.0.8', 1)).toMatchObject({ code: 'locked-out' })
  expect(g.attempt(PIN, '192.168.0.7', 1)).toEqual({ ok: true })
})

test('it remembers a bounded number of addresses, and forgets unlocked ones before locked ones', () => {
  const g = gate({ maxAddresses: 10, globalBurst: 1_000_000 })
  fail(g, 5, '10.0.0.1', 0)
  for (let i = 0; i < 1000; i += 1) g.attempt('000000', `10.1.${i >> 8}.${i & 255}`, 0)
  expect(g.remembered).toBeLessThanOrEqual(10)
  expect(g.attempt(PIN, '10.0.0.1', 0)).toMatchObject({ code: 'locked-out' })
  for (let i = 0; i < 1000; i += 1) g.attempt(PIN, `10.2.${i >> 8}.${i & 255}`, 0)
  expect(g.remembered).toBeLessThanOrEqual(20)
})

test('a clock that stands still or steps back breaks nothing', () => {
  const g = gate()
  fail(g, 5, '10.0.0.1', 50_000)
  expect(g.attempt(PIN, '10.0.0.1', 0)).toMatchObject({ code: 'locked-out' })
  expect(g.attempt(PIN, '10.0.0.2', -1000)).toEqual({ ok: true })
})
