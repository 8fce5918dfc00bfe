// When a path is let run empty to see how long it takes: only when it answers late, not often, and not for ever.

import { expect, test } from 'vitest'
import { PathDrain } from '../../../src/transport/path-drain.ts'
import { SocketPath } from '../../../src/transport/socket-path.ts'
import { localTime } from '../../../vendor/asciline/index.ts'

/** A path of 30 ms on which everything takes 150 since a while. */
function grown(): { path: SocketPath; now: number } {
  const path = new SocketPath()
  let now = 0
  for (let frame = 0; frame < 40; frame++) {
    path.push(1000, localTime(now))
    now += frame < 20 ? 30 : 150
    path.ack(frame, localTime(now))
  }
  return { path, now }
}

test('a path that answers as soon as ever is never held up', () => {
  const path = new SocketPath()
  path.push(1000, localTime(0))
  path.ack(0, localTime(30))
  path.push(20_000, localTime(40))
  const drain = new PathDrain()
  drain.shut(path, localTime(60))
  expect(drain.isOn(path, localTime(60))).toBe(false)
})

test('one that answers late is, until nothing is under way, and is known anew then', () => {
  const { path, now } = grown()
  expect(path.bestRoundTripMs).toBe(30)
  path.push(1000, localTime(now))
  const drain = new PathDrain()
  drain.shut(path, localTime(now))
  expect(drain.isOn(path, localTime(now + 140))).toBe(true)
  path.ack(40, localTime(now + 150))
  expect(drain.isOn(path, localTime(now + 150))).toBe(false)
  path.push(1000, localTime(now + 150))
  path.ack(41, localTime(now + 300))
  expect(path.bestRoundTripMs).toBe(150)
  // It answers later still, and is not held up again for ten seconds.
  let later = now + 310
  for (let frame = 42; frame < 60; frame++) {
    path.push(1000, localTime(later))
    later += 300
    path.ack(frame, localTime(later))
  }
  path.push(1000, localTime(later))
  drain.shut(path, localTime(later))
  expect(drain.isOn(path, localTime(later))).toBe(false)
  drain.shut(path, localTime(now + 10_200))
  expect(drain.isOn(path, localTime(now + 10_200))).toBe(true)
})

test('what is never acknowledged is not waited for, and nothing is learned from it', () => {
  const { path, now } = grown()
  path.push(1000, localTime(now))
  const drain = new PathDrain()
  drain.shut(path, localTime(now))
  expect(drain.isOn(path, localTime(now + 190))).toBe(true)
  expect(drain.isOn(path, localTime(now + 300))).toBe(false)
  expect(path.bestRoundTripMs).toBe(30)
})
