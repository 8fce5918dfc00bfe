import { expect, test } from 'vitest'
import { MAX_CHUNK_BYTES, type OutgoingChunk } from '../../../src/transport/outgoing-chunk.ts'
import { ReceivedTsns } from '../../../src/transport/received-tsns.ts'
import { SctpSender } from '../../../src/transport/sctp-sender.ts'
import { tsnAfter } from '../../../src/transport/tsn.ts'
import { localTime } from '../../../vendor/asciline/index.ts'
import { ImpairedPath } from '../../bench/impaired-path.ts'
import { seededRandom } from './lossy-relay.ts'

const at = localTime
const FIRST = 1000
const WINDOW = 1_000_000

const sender = (options: Partial<ConstructorParameters<typeof SctpSender>[0]> = {}) => {
  const s = new SctpSender({ firstTsn: FIRST, ...options })
  s.peerWindowBytes = WINDOW
  return s
}
const bytes = (length: number) => new Uint8Array(length)
const frames = (s: SctpSender, count: number, length = 1000) => {
  for (let i = 0; i < count; i += 1)
    s.push({ stream: 0, protocol: 53, bytes: bytes(length), reliable: false })
}
const control = (s: SctpSender, length = 100) =>
  s.push({ stream: 1, protocol: 51, bytes: bytes(length), reliable: true })
const takeAll = (s: SctpSender, now: number): OutgoingChunk[] => {
  const out: OutgoingChunk[] = []
  for (;;) {
    const chunk = s.take(MAX_CHUNK_BYTES, at(now))
    if (chunk === undefined) return out
    out.push(chunk)
  }
}
const sack = (cumulativeTsn: number, ...gaps: [number, number][]) => ({
  cumulativeTsn: cumulativeTsn >>> 0,
  advertisedRwnd: WINDOW,
  gaps,
})

test('trap 4: an unreliable chunk that is lost is never sent again', () => {
  const s = sender()
  frames(s, 5)
  expect(takeAll(s, 0)).toHaveLength(5)
  // The first is missing from three reports.
  for (let n = 2; n <= 5; n += 1) s.ack(sack(FIRST - 1, [2, n]), at(10 + n))
  expect(takeAll(s, 20)).toEqual([])
  expect(s.counters).toMatchObject({ abandoned: 1, resent: 0 })
  s.expire(at(10_000))
  expect(takeAll(s, 10_000)).toEqual([])
})

test('trap 6: a lost chunk gives its flight bytes back and its place in the TSNs is given up, until that is heard', () => {
  const s = sender()
  frames(s, 5)
  takeAll(s, 0)
  for (let n = 2; n <= 5; n += 1) s.ack(sack(FIRST - 1, [2, n]), at(10 + n))
  expect(s.unackedBytes).toBe(0)
  expect(s.takeForward(at(15))).toBe(FIRST)
  // That FORWARD-TSN may be lost as well: it is repeated while the receiver has not moved.
  s.ack(sack(FIRST - 1, [2, 5]), at(30))
  expect(s.timerAt).toBeLessThan(200)
  expect(s.takeForward(at(s.timerAt))).toBe(FIRST)
  s.ack(sack(FIRST + 4), at(300))
  expect(s.takeForward(at(10_000))).toBeUndefined()
  expect(s.awaitsAck).toBe(false)
  expect(s.timerAt).toBe(Number.POSITIVE_INFINITY)
})

test('trap 6: the lost chunk is abandoned, not the head of the queue', () => {
  const s = sender()
  control(s)
  frames(s, 4)
  const [first, lost] = takeAll(s, 0)
  // The reliable head and the first frame are both missing; only the frame may be given up.
  for (let n = 3; n <= 5; n += 1) s.ack(sack(FIRST - 1, [3, n]), at(10 + n))
  expect(first).toMatchObject({ reliable: true, abandoned: false, retransmit: true })
  expect(lost).toMatchObject({ reliable: false, abandoned: true })
  expect(s.takeForward(at(20))).toBeUndefined()
  expect(takeAll(s, 20)).toEqual([first])
})

test('a lost control message is sent again and again until it is acknowledged', () => {
  const s = sender()
  control(s)
  let now = 0
  for (let sends = 1; sends <= 8; sends += 1) {
    expect(takeAll(s, now)).toMatchObject([{ sends }])
    now = s.timerAt
    s.expire(at(now))
  }
  takeAll(s, now)
  s.ack(sack(FIRST), at(now + 10))
  expect(s.awaitsAck).toBe(false)
})

test('trap 8: the timer starts at 0.3 s, backs off to 1 s, and never sends acknowledged chunks again', () => {
  const s = sender()
  control(s)
  takeAll(s, 0)
  frames(s, 1)
  takeAll(s, 0)
  // The message is acknowledged 5 ms later.
  s.ack(sack(FIRST), at(5))
  for (const [from, lasts] of [
    [5, 300],
    [305, 600],
    [905, 1000],
    [1905, 1000],
  ] as const) {
    expect(s.timerAt).toBe(from + lasts)
    s.expire(at(from + lasts))
    expect(takeAll(s, from + lasts)).toEqual([])
    expect(s.takeForward(at(from + lasts))).toBe(FIRST + 1)
  }
})

test('a control message nothing speaks of is sent once more after two round trips, and ever more seldom', () => {
  const s = sender()
  frames(s, 1)
  takeAll(s, 0)
  s.ack(sack(FIRST), at(30))
  control(s)
  takeAll(s, 100)
  const sentAt = [100]
  while (sentAt.length < 5) {
    const now = s.timerAt
    s.expire(at(now))
    if (takeAll(s, now).length > 0) sentAt.push(now)
  }
  // Twice the round trip and four times its variation, which is half of the only sample; the timer has its say at 400.
  expect(sentAt).toEqual([100, 220, 400, 670, 1000])
  expect(s.counters).toMatchObject({ lost: 1, probes: 3, timeouts: 2 })
  // The receiver has had it all the time.
  s.ack(sack(FIRST + 1), at(1010))
  expect(s.awaitsAck).toBe(false)
  expect(s.timerAt).toBe(Number.POSITIVE_INFINITY)
})

test('on a path slower than that, the timer waits longer than the round trip', () => {
  const s = sender()
  let now = 0
  for (let tsn = FIRST; tsn < FIRST + 30; tsn += 1) {
    frames(s, 1)
    takeAll(s, now)
    const acked = now + 900
    for (now += 1; now < acked; now += 1) if (now >= s.timerAt) s.expire(at(now))
    s.ack(sack(tsn), at(now))
  }
  frames(s, 1)
  takeAll(s, now)
  expect(s.timerAt).toBeGreaterThan(now + 900)
})

test('trap 8: the window never falls below its floor and grows when it is full', () => {
  const floor = 10 * MAX_CHUNK_BYTES
  const s = sender({ minWindowBytes: floor })
  frames(s, 100)
  expect(takeAll(s, 0)).toHaveLength(11)
  s.expire(at(600))
  s.expire(at(1200))
  const after = takeAll(s, 1200)
  expect(after.length * 1000).toBeGreaterThan(floor - 2000)
  // 30 round trips without loss: more and more may be under way.
  let now = 1200
  for (let round = 0; round < 30; round += 1) {
    frames(s, 60)
    takeAll(s, now)
    now += 30
    s.ack(sack(s.nextTsn - 1), at(now))
  }
  frames(s, 60)
  expect(takeAll(s, now).length).toBeGreaterThan(15)
})

test('on a long path one loss leaves a window that carries the picture', () => {
  const s = sender()
  const roundTripMs = 200
  frames(s, 5)
  takeAll(s, 0)
  s.ack(sack(FIRST), at(roundTripMs))
  for (let n = 2; n <= 4; n += 1) s.ack(sack(FIRST, [2, n]), at(roundTripMs + n))
  expect(s.counters.lost).toBe(1)
  // 200 ms of the largest grid's 200 kB/s may be under way.
  frames(s, 40)
  expect(takeAll(s, 210)).toHaveLength(40)
})

test('a burst that is lost with its acknowledgements leaves room for the next frames', () => {
  const s = sender()
  frames(s, 12)
  takeAll(s, 0)
  frames(s, 6)
  expect(takeAll(s, 66)).toHaveLength(6)
})

test('trap 13: what is queued and what is in flight are told together', () => {
  const s = sender({ minWindowBytes: 10 * MAX_CHUNK_BYTES })
  frames(s, 20)
  expect(s.unackedBytes).toBe(20_000)
  takeAll(s, 0)
  expect(s.unackedBytes).toBe(20_000)
  expect(s.queuedBytes).toBe(9000)
  s.ack(sack(FIRST + 1), at(10))
  expect(s.unackedBytes).toBe(18_000)
})

test('before the first acknowledgement what has just been sent counts as under way, and after a quarter of a second as standing', () => {
  const s = sender()
  frames(s, 10)
  takeAll(s, 0)
  expect(s.standingBytes(at(200))).toBe(0)
  expect(s.standingBytes(at(250))).toBe(10_000)
})

test('bytes on a long path do not count as standing, bytes in its queue do', () => {
  const s = sender()
  frames(s, 1)
  takeAll(s, 0)
  s.ack(sack(FIRST), at(200))
  frames(s, 5)
  takeAll(s, 1000)
  expect(s.standingBytes(at(1000 + 200))).toBe(0)
  expect(s.standingBytes(at(1000 + 240))).toBe(5000)
  frames(s, 20)
  takeAll(s, 1240)
  expect(s.standingBytes(at(1240))).toBe(5000 + s.queuedBytes)
})

test('a message above one packet is refused on the unreliable channel and cut on the reliable one', () => {
  const s = sender()
  expect(() => frames(s, 1, MAX_CHUNK_BYTES + 1)).toThrow(RangeError)
  control(s, 2 * MAX_CHUNK_BYTES + 1)
  frames(s, 1)
  const out = takeAll(s, 0)
  expect(out.map(({ bytes: b, flags }) => [b.length, flags & 7])).toEqual([
    [MAX_CHUNK_BYTES, 2],
    [MAX_CHUNK_BYTES, 0],
    [1, 1],
    [1000, 7],
  ])
  expect(out.map(({ tsn }) => tsn)).toEqual([FIRST, FIRST + 1, FIRST + 2, FIRST + 3])
})

test('only the last chunk of a burst asks for an acknowledgement at once', () => {
  const s = sender()
  frames(s, 3)
  expect(takeAll(s, 0).map(({ flags }) => flags & 8)).toEqual([0, 0, 8])
})

test('on a short quiet path every other frame of one packet asks for its acknowledgement, and a control message always', () => {
  const s = sender()
  const asked: number[] = []
  let tsn = FIRST - 1
  for (let n = 0; n < 7; n += 1) {
    const now = n * 42
    if (n < 6) frames(s, 1)
    else control(s)
    asked.push(...takeAll(s, now).map(({ flags }) => flags & 8))
    tsn += 1
    // The receiver acknowledges at once what asks for it, and the one before with it.
    if (asked[n] === 8) s.ack(sack(tsn), at(now + 20))
  }
  expect(asked).toEqual([8, 0, 8, 0, 8, 0, 8])
  expect(s.roundTripMs).toBe(20)
  expect(s.timerAt).toBe(Number.POSITIVE_INFINITY)
})

test('on a long path, after a rest and behind a loss every burst asks', () => {
  const flagsOf = (roundTripMs: number, everyMs: number) => {
    const s = sender()
    const asked: number[] = []
    for (let n = 0; n < 6; n += 1) {
      frames(s, 1)
      asked.push(...takeAll(s, n * everyMs).map(({ flags }) => flags & 8))
      s.ack(sack(FIRST + n), at(n * everyMs + roundTripMs))
    }
    return asked
  }
  expect(flagsOf(10, 42)).toEqual([8, 0, 8, 0, 8, 0])
  expect(flagsOf(90, 100)).toEqual([8, 8, 8, 8, 8, 8])
  expect(flagsOf(10, 120)).toEqual([8, 8, 8, 8, 8, 8])
  const s = sender()
  frames(s, 5)
  takeAll(s, 0)
  for (let n = 2; n <= 5; n += 1) s.ack(sack(FIRST - 1, [2, n]), at(10 + n))
  s.ack(sack(FIRST + 4), at(16))
  const asked: number[] = []
  let tsn = FIRST + 4
  for (let now = 42; now < 5200; now += 42) {
    frames(s, 1)
    asked.push(...takeAll(s, now).map(({ flags }) => flags & 8))
    tsn += 1
    s.ack(sack(tsn), at(now + 10))
  }
  // For five seconds; then every other one again.
  const first = asked.indexOf(0)
  expect((first + 1) * 42).toBeGreaterThan(5000)
  expect(asked.slice(first)).toEqual([0, 8, 0, 8].slice(0, asked.length - first))
})

test('an acknowledgement that was not asked for says nothing of the round trip', () => {
  const s = sender()
  for (const now of [0, 42]) {
    frames(s, 1)
    takeAll(s, now)
    if (now === 0) s.ack(sack(FIRST), at(10))
  }
  // A receiver may hold it back for 200 ms.
  s.ack(sack(FIRST + 1), at(242))
  expect(s.roundTripMs).toBe(10)
})

test('a full backlog refuses instead of growing', () => {
  const s = sender({ maxQueueBytes: 10_000 })
  let pushed = 0
  while (s.push({ stream: 0, protocol: 53, bytes: bytes(1000), reliable: false })) pushed += 1
  expect(pushed).toBe(10)
})

test('a closed receive window lets one chunk through as a probe and no more', () => {
  const s = sender()
  frames(s, 1)
  takeAll(s, 0)
  s.ack({ cumulativeTsn: FIRST, advertisedRwnd: 0, gaps: [] }, at(10))
  frames(s, 3)
  expect(takeAll(s, 10)).toHaveLength(1)
})

test('SACKs for what was never sent, or from the past, change nothing', () => {
  const s = sender()
  frames(s, 3)
  takeAll(s, 0)
  expect(s.ack(sack(FIRST + 3), at(1))).toBe(false)
  expect(s.ack(sack(FIRST + 2 ** 30), at(1))).toBe(false)
  expect(s.ack(sack(FIRST - 5), at(1))).toBe(false)
  expect(s.unackedBytes).toBe(3000)
  // Gap blocks over everything and beyond, unsorted and inside out: at worst they acknowledge what was sent.
  s.ack(sack(FIRST - 1, [65_535, 1], [1, 65_535], [7, 3]), at(2))
  expect(s.unackedBytes).toBeLessThanOrEqual(3000)
  s.expire(at(5000))
  expect(takeAll(s, 5000)).toEqual([])
})

test('two acknowledgements at one clock value leave all numbers finite', () => {
  const s = sender()
  for (let tsn = FIRST; tsn < FIRST + 20; tsn += 1) {
    frames(s, 1)
    takeAll(s, 50)
    s.ack(sack(tsn), at(50))
  }
  expect(s.roundTripMs).toBe(0)
  frames(s, 1)
  takeAll(s, 50)
  expect(s.timerAt).toBe(50 + 300)
})

test('TSNs wrap', () => {
  const s = sender({ firstTsn: 0xfffffffe })
  frames(s, 4)
  expect(takeAll(s, 0).map(({ tsn }) => tsn)).toEqual([0xfffffffe, 0xffffffff, 0, 1])
  s.ack(sack(0), at(10))
  expect(s.unackedBytes).toBe(1000)
  s.ack(sack(1), at(20))
  expect(s.unackedBytes).toBe(0)
  expect(tsnAfter(0, 0xffffffff)).toBe(true)
  expect(tsnAfter(0xffffffff, 0)).toBe(false)
  expect(tsnAfter(5, 5)).toBe(false)
})

type Arrival = { at: number; chunk?: OutgoingChunk; forward?: number }

/** A link with a receiver at its end: some chunks 30 times a second, and now and then a control message. */
function simulate(options: {
  seed: number
  loss: number
  oneWayMs: number
  jitterMs: number
  seconds: number
  chunks: number
}) {
  const random = seededRandom(options.seed)
  const s = sender()
  const received = new ReceivedTsns(FIRST - 1)
  const wire: Arrival[] = []
  const acks: { at: number; cumulativeTsn: number; gaps: [number, number][] }[] = []
  const seen = { frames: 0, control: [] as number[] }
  const fly = (now: number) => now + options.oneWayMs + random() * options.jitterMs
  let controls = 0
  const flush = (now: number) => {
    const forward = s.takeForward(at(now))
    if (forward !== undefined && random() >= options.loss) wire.push({ at: fly(now), forward })
    for (const chunk of takeAll(s, now))
      if (random() >= options.loss) wire.push({ at: fly(now), chunk: { ...chunk } })
  }
  const end = options.seconds * 1000
  for (let now = 0; now < end + 5000; now += 1) {
    if (now < end && now % 33 === 0) {
      frames(s, options.chunks)
      if (now % 330 === 0) {
        s.push({ stream: 1, protocol: 51, bytes: new Uint8Array([controls++]), reliable: true })
      }
      flush(now)
    }
    for (const arrival of wire.filter((a) => a.at <= now)) {
      wire.splice(wire.indexOf(arrival), 1)
      if (arrival.forward !== undefined) received.forward(arrival.forward)
      else if (arrival.chunk !== undefined && !received.mark(arrival.chunk.tsn)) {
        if (arrival.chunk.reliable) seen.control.push(arrival.chunk.sequence)
        else seen.frames += 1
      }
      if (random() >= options.loss) {
        acks.push({ at: fly(now), cumulativeTsn: received.cumulative, gaps: received.gaps() })
      }
    }
    for (const ack of acks.filter((a) => a.at <= now)) {
      acks.splice(acks.indexOf(ack), 1)
      s.ack({ ...ack, advertisedRwnd: WINDOW }, at(now))
      flush(now)
    }
    if (now >= s.timerAt) {
      s.expire(at(now))
      flush(now)
    }
  }
  return { s, seen, sentFrames: Math.ceil(end / 33) * options.chunks, controls }
}

test.each([
  { loss: 0, oneWayMs: 100, jitterMs: 0, chunks: 3 },
  { loss: 0.02, oneWayMs: 15, jitterMs: 3, chunks: 3 },
  { loss: 0.05, oneWayMs: 15, jitterMs: 40, chunks: 3 },
  // Ten packets in a round trip of 200 ms would not carry this: the window's floor is longer on a longer path.
  { loss: 0.2, oneWayMs: 100, jitterMs: 10, chunks: 3 },
])('over a link with %o nothing stalls: frames arrive as 1 - loss, control arrives whole', (link) => {
  for (const seed of [1, 2, 3]) {
    const { s, seen, sentFrames, controls } = simulate({ ...link, seed, seconds: 20 })
    // Three standard deviations of the binomial below the mean: a chunk is only ever lost, never held for ever.
    const sigma = Math.sqrt(link.loss * (1 - link.loss) * sentFrames)
    expect(seen.frames).toBeGreaterThanOrEqual(Math.floor(sentFrames * (1 - link.loss) - 3 * sigma))
    expect(seen.control.toSorted((a, b) => a - b)).toEqual(Array.from({ length: controls }, (_, n) => n))
    expect(s.unackedBytes).toBe(0)
    expect(s.awaitsAck).toBe(false)
  }
})

/** What a page sends, a report three times a second and a question now and then, over a path that loses bursts both ways. */
function longestWaitForReport({ seed, seconds }: { seed: number; seconds: number }): number {
  const weather = { loss: 0.05, burst: 4, delayMs: 15 }
  const up = new ImpairedPath(weather, seed)
  const down = new ImpairedPath(weather, seed + 1)
  const random = seededRandom(seed)
  const s = sender()
  const received = new ReceivedTsns(FIRST - 1)
  const wire: { at: number; chunk?: OutgoingChunk; forward?: number }[] = []
  const acks: { at: number; cumulativeTsn: number; gaps: [number, number][] }[] = []
  const waiting = new Map<number, number>()
  const pushedAt: number[] = []
  let next = 0
  let longest = 0
  const flush = (now: number) => {
    const forward = s.takeForward(at(now))
    if (forward !== undefined) for (const out of up.push(20, now)) wire.push({ at: out, forward })
    for (const chunk of takeAll(s, now))
      for (const out of up.push(chunk.bytes.length, now)) wire.push({ at: out, chunk: { ...chunk } })
  }
  for (let now = 0; now < seconds * 1000; now += 1) {
    if (now % 300 === 0) {
      pushedAt.push(now)
      control(s)
      flush(now)
    }
    if (random() < 0.0035) {
      frames(s, 1, 60)
      flush(now)
    }
    // Frames that come the other way are acknowledged over the same path, which ends bursts the sooner.
    if (now % 33 === 0) up.push(40, now)
    while (wire.length > 0 && wire[0]!.at <= now) {
      const { chunk, forward } = wire.shift()!
      if (forward !== undefined) received.forward(forward)
      else if (chunk !== undefined && !received.mark(chunk.tsn) && chunk.reliable)
        waiting.set(chunk.sequence, now)
      for (; waiting.has(next & 0xffff); next += 1) {
        waiting.delete(next & 0xffff)
        longest = Math.max(longest, now - pushedAt[next]!)
      }
      for (const out of down.push(40, now))
        acks.push({ at: out, cumulativeTsn: received.cumulative, gaps: received.gaps() })
    }
    while (acks.length > 0 && acks[0]!.at <= now) {
      s.ack({ ...acks.shift()!, advertisedRwnd: WINDOW }, at(now))
      flush(now)
    }
    if (now >= s.timerAt) {
      s.expire(at(now))
      flush(now)
    }
  }
  return longest
}

test('no report waits for a second behind a lost one, where few are sent and bursts are lost', () => {
  expect(
    Math.max(...[1, 2, 3, 4, 5].map((seed) => longestWaitForReport({ seed, seconds: 500 }))),
  ).toBeLessThan(1000)
})
