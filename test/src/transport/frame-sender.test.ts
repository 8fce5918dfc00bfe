// What one viewer is sent over a link in simulated time: everything, with parity where packets get lost, the coarser slices
// where the link is narrow, and next to nothing while its page hangs.

import { expect, test } from 'vitest'
import type { Pace } from '../../../signaling/messages.ts'
import type { EncodedFrame } from '../../../src/encode/frame-bus.ts'
import { FrameSender } from '../../../src/transport/frame-sender.ts'
import { RecentFrames } from '../../../src/transport/recent-frames.ts'
import { SctpSender } from '../../../src/transport/sctp-sender.ts'
import type { Way } from '../../../src/transport/way.ts'
import { localTime, TAG_PARITY } from '../../../vendor/asciline/index.ts'

const FRAME_MS = 1000 / 30
const ROUND_TRIP_MS = 30

type Link = {
  bytesPerSecond: number
  roundTripMs?: number
  lost?: (packet: number) => boolean
  /** Three unless it is said. */
  slicesPerFrame?: number
}

/** The real sending half of SCTP over a link; what arrives is acknowledged a round trip later. */
class LinkWay implements Way {
  readonly open = true
  readonly path = new SctpSender({ firstTsn: 1 })
  readonly arrived: Uint8Array[] = []
  readonly #link: Link
  #acks: { at: number; tsn: number }[] = []
  readonly #received = new Set<number>()
  #cumulative = 0
  #freeAt = 0
  #packets = 0
  now = localTime(0)

  constructor(link: Link) {
    this.#link = link
    this.path.peerWindowBytes = 1_000_000
  }

  sendFrames(slices: readonly Uint8Array[]): boolean {
    for (const bytes of slices) this.path.push({ stream: 0, protocol: 53, bytes, reliable: false })
    this.#flush()
    return true
  }

  sendControl(): boolean {
    return true
  }

  close(): void {}

  /** Brings the acknowledgements that are due; true when there were any. */
  advance(now: number): boolean {
    this.now = localTime(now)
    const due = this.#acks.filter(({ at }) => at <= now)
    this.#acks = this.#acks.filter(({ at }) => at > now)
    for (const { tsn } of due) {
      this.#received.add(tsn)
      while (this.#received.has(this.#cumulative + 1)) this.#cumulative += 1
      const beyond = [...this.#received].filter((one) => one > this.#cumulative).toSorted((a, b) => a - b)
      const gaps = beyond.map((one) => [one - this.#cumulative, one - this.#cumulative] as const)
      this.path.ack({ cumulativeTsn: this.#cumulative, advertisedRwnd: 1_000_000, gaps }, this.now)
    }
    if (now >= this.path.timerAt) this.path.expire(this.now)
    const forward = this.path.takeForward(this.now)
    if (forward !== undefined) this.#cumulative = Math.max(this.#cumulative, forward)
    this.#flush()
    return due.length > 0
  }

  #flush(): void {
    for (let chunk = this.path.take(1160, this.now); chunk; chunk = this.path.take(1160, this.now)) {
      this.#packets += 1
      this.#freeAt =
        Math.max(this.#freeAt, this.now) + ((chunk.bytes.length + 93) * 1000) / this.#link.bytesPerSecond
      if (this.#link.lost?.(this.#packets) === true) continue
      this.arrived.push(chunk.bytes)
      this.#acks.push({ at: this.#freeAt + (this.#link.roundTripMs ?? ROUND_TRIP_MS), tsn: chunk.tsn })
    }
  }
}

function frame(index: number, coarse: boolean, isWhole: boolean, count = 3): EncodedFrame {
  const slices = Array.from({ length: count }, (_, slice) => slicePacket(index, slice, 900))
  const made = { epoch: 1, index, slices, dueAt: localTime(index * FRAME_MS) }
  return coarse ? { ...made, coarse: { slices: [slicePacket(index, 0, 500)], isWhole } } : made
}

function slicePacket(index: number, slice: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  new DataView(bytes.buffer).setUint32(0, index)
  bytes[4] = 0x10
  bytes[5] = slice
  return bytes
}

function play(link: Link, seconds: number, each?: (sender: FrameSender, index: number, now: number) => void) {
  const way = new LinkWay(link)
  const paces: Pace[] = []
  const counts = { joins: 0 }
  const recent = new RecentFrames({ playoutDelayMs: 120 })
  const sender = new FrameSender({
    way,
    reliable: false,
    playoutDelayMs: 120,
    recent,
    onPace: (pace) => paces.push(pace),
    onWantsJoin: () => {
      counts.joins += 1
    },
    onBacklog: () => {
      throw new Error('the way takes nothing more')
    },
  })
  let wanted = false
  for (let now = 0, index = 0; now < seconds * 1000; now += 1) {
    if (way.advance(now)) sender.acked(localTime(now))
    if (now < index * FRAME_MS) continue
    const made = frame(index, sender.wantsCoarse, sender.wantsCoarse && !wanted, link.slicesPerFrame)
    wanted = sender.wantsCoarse
    recent.push(made, localTime(now))
    sender.push(made, localTime(now))
    each?.(sender, index, now)
    index += 1
  }
  return { way, sender, paces, counts }
}

const WIDE = 1_000_000

test('over a wide link everybody gets everything once, and no parity', () => {
  const { sender, paces } = play({ bytesPerSecond: WIDE }, 20)
  expect(sender.stats).toMatchObject({ framesSent: 600, slicesSent: 1800, pace: 'full' })
  expect(sender.stats.parity).toEqual({ sent: 0, loss: 'none' })
  expect(paces).toEqual([])
})

test('where one packet in fifteen is lost parity comes along, one message a frame', () => {
  const { way, sender } = play({ bytesPerSecond: WIDE, lost: (packet) => packet % 15 === 0 }, 20)
  expect(sender.stats.parity.loss).toBe('high')
  const parity = way.arrived.filter((bytes) => bytes[4] === TAG_PARITY).length
  expect(parity).toBeGreaterThan(300)
  expect(parity).toBeLessThan(600)
})

test('where one in fifty is lost only frames of one slice get it', () => {
  const lost = (packet: number) => packet % 50 === 0
  const several = play({ bytesPerSecond: WIDE, lost }, 20).sender
  expect(several.stats.parity).toEqual({ sent: 0, loss: 'some' })
  const { way, sender } = play({ bytesPerSecond: WIDE, lost, slicesPerFrame: 1 }, 20)
  expect(sender.stats.parity.loss).toBe('some')
  expect(sender.stats.parity.sent).toBeGreaterThan(400)
  const late = way.arrived.slice(-400).map((bytes) => new DataView(bytes.buffer).getUint32(0))
  expect(new Set(late).size).toBe(late.at(-1)! - late[0]! + 1)
})

test('over a link for a third of it the viewer gets the coarse slices, all of them, and is told', () => {
  const { way, paces, sender } = play({ bytesPerSecond: 30_000 }, 12)
  expect(paces).toEqual(['coarse'])
  const late = way.arrived.slice(-100)
  expect(late.every((bytes) => bytes.length === 500)).toBe(true)
  const indexes = late.map((bytes) => new DataView(bytes.buffer).getUint32(0))
  expect(indexes.every((index, at) => at === 0 || index === indexes[at - 1]! + 1)).toBe(true)
  expect(sender.stats.pace).toBe('coarse')
})

test('over a link for a tenth of it the viewer gets every second of them', () => {
  const { way, paces } = play({ bytesPerSecond: 10_000 }, 11)
  expect(paces).toEqual(['coarse', 'half'])
  expect(way.arrived.slice(-50).every((bytes) => bytes.length === 500 && bytes[3]! % 2 === 0)).toBe(true)
})

test('a viewer that compares pictures is not slowed down to others', () => {
  const { paces, sender } = play({ bytesPerSecond: 30_000 }, 12, (one) => {
    one.fullOnly = true
  })
  expect(paces).toEqual([])
  expect(sender.stats.dropped.replaced).toBeGreaterThan(100)
})

test('when the link is wide again the viewer gets a whole picture of the finer slices first', () => {
  const link = { bytesPerSecond: 30_000 }
  const { way, paces, counts } = play(link, 25, (_, __, now) => {
    if (now > 8000) link.bytesPerSecond = WIDE
  })
  expect(paces).toEqual(['coarse', 'full'])
  expect(counts.joins).toBe(1)
  expect(way.arrived.slice(-30).every((bytes) => bytes.length === 900)).toBe(true)
})

test('a path that becomes longer is not taken for a narrow one: after a gap of about a round trip everything is sent', () => {
  const link: Link = { bytesPerSecond: WIDE }
  const sentAt: number[] = []
  const { paces } = play(link, 12, (one, _, now) => {
    if (now > 5000) link.roundTripMs = 230
    sentAt.push(one.stats.framesSent)
  })
  expect(paces).toEqual([])
  const sentBetween = (from: number, to: number) => sentAt[to * 30]! - sentAt[from * 30]!
  expect(sentBetween(5, 7)).toBeGreaterThan(60 - 20)
  expect(sentBetween(7, 11)).toBe(120)
})

test('a question about a coarse frame is answered with the coarse slices', () => {
  const { way, sender } = play({ bytesPerSecond: 30_000 }, 12)
  const newest = new DataView(way.arrived.at(-1)!.buffer).getUint32(0)
  const before = way.arrived.length
  sender.asked({ type: 'nack', epoch: 1, gaps: [{ frame: newest, slices: [0] }] }, localTime(12_001))
  way.advance(12_100)
  const again = way.arrived
    .slice(before)
    .filter((bytes) => new DataView(bytes.buffer).getUint32(0) === newest)
  expect(again.length).toBeGreaterThan(0)
  expect(again.every((bytes) => bytes.length === 500)).toBe(true)
})

test('a page that stops showing frames, though every packet is acknowledged, is sent one a second', () => {
  const report = (index: number) => ({ type: 'report', epoch: 1, frame: index, late: 0, missing: 0 }) as const
  const counts: number[] = []
  const { sender, paces } = play({ bytesPerSecond: WIDE }, 10, (one, index, now) => {
    if (index % 10 === 0) one.reported(report(now < 4000 ? index : 120), localTime(now))
    counts.push(one.stats.framesSent)
  })
  expect(counts[120]).toBe(121)
  expect(sender.stats.framesSent).toBeLessThan(120 + 75)
  expect(sender.stats.dropped.stalled).toBeGreaterThan(60)
  // It is the page and not the link: nothing coarser would help.
  expect(paces).toEqual([])
})
