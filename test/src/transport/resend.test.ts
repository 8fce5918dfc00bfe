// What is sent again: what was sent before, while it can still be shown, and not more than a viewer may ask for.

import { expect, test } from 'vitest'
import { fleetingFromViewer } from '../../../signaling/messages.ts'
import type { EncodedFrame } from '../../../src/encode/frame-bus.ts'
import { RecentFrames } from '../../../src/transport/recent-frames.ts'
import { Resend } from '../../../src/transport/resend.ts'
import { localTime } from '../../../vendor/asciline/index.ts'
import { LossyRelay } from './lossy-relay.ts'
import { frame as liveFrame, openAudience, TestViewer } from './studio.ts'

const RTT = 30

function frame(index: number, dueAt = 0, bytes = 100): EncodedFrame {
  return { epoch: 7, index, slices: [0, 1, 2].map(() => new Uint8Array(bytes)), dueAt: localTime(dueAt) }
}

test('the very bytes that were sent go again', () => {
  const resend = new Resend({ playoutDelayMs: 120 })
  const sent = frame(4)
  resend.sent(sent, sent.slices)
  const [slice, ...more] = resend.answer({ frame: 4, slices: [1] }, sent, RTT, localTime(20))
  expect(slice).toBe(sent.slices[1])
  expect(more).toEqual([])
})

test('an unseen end is answered with everything from there on', () => {
  const resend = new Resend({ playoutDelayMs: 120 })
  const sent = frame(4)
  resend.sent(sent, sent.slices)
  expect(resend.answer({ frame: 4, slices: [], from: 1 }, sent, RTT, localTime(20))).toEqual(
    sent.slices.slice(1),
  )
})

test('what comes a little after its time still repairs the frames after it; what comes long after it is not sent', () => {
  const resend = new Resend({ playoutDelayMs: 120 })
  resend.sent(frame(4), frame(4).slices)
  expect(resend.answer({ frame: 4, slices: [1] }, frame(4), RTT, localTime(130))).toHaveLength(1)
  expect(resend.answer({ frame: 4, slices: [1] }, frame(4), RTT, localTime(400))).toHaveLength(1)
  expect(resend.answer({ frame: 4, slices: [1] }, frame(4), RTT, localTime(405))).toEqual([])
  expect(resend.counters.late).toBe(1)
})

test('one copy while the viewer has time to ask for another, two when it is the last chance', () => {
  const resend = new Resend({ playoutDelayMs: 80 })
  resend.sent(frame(4), frame(4).slices)
  expect(resend.answer({ frame: 4, slices: [1] }, frame(4), RTT, localTime(30))).toHaveLength(1)
  expect(resend.answer({ frame: 4, slices: [1] }, frame(4), RTT, localTime(60))).toHaveLength(2)
})

test('a frame that the gate kept back, and what merely repairs, are sent by asking only where nothing waits', () => {
  const resend = new Resend({ playoutDelayMs: 120 })
  resend.sent(frame(4), frame(4).slices)
  expect(resend.answer({ frame: 5, slices: [0] }, frame(5), RTT, localTime(20), false)).toEqual([])
  expect(resend.counters.unsent).toBe(1)
  expect(resend.answer({ frame: 4, slices: [0] }, frame(4), RTT, localTime(130), false)).toEqual([])
  expect(resend.answer({ frame: 4, slices: [0] }, frame(4), RTT, localTime(140))).toHaveLength(1)
  expect(resend.answer({ frame: 5, slices: [0] }, frame(5), RTT, localTime(140))).toHaveLength(1)
})

test('a question that the network doubles is answered once', () => {
  const resend = new Resend({ playoutDelayMs: 120 })
  resend.sent(frame(4), frame(4).slices)
  expect(resend.answer({ frame: 4, slices: [1] }, frame(4), RTT, localTime(20))).toHaveLength(1)
  expect(resend.answer({ frame: 4, slices: [1] }, frame(4), RTT, localTime(21))).toEqual([])
  expect(resend.answer({ frame: 4, slices: [1] }, frame(4), RTT, localTime(50))).toHaveLength(1)
})

test('a viewer that asks for everything gets a bounded share', () => {
  const resend = new Resend({ playoutDelayMs: 120 })
  let bytes = 0
  for (let index = 0; index < 300; index += 1) {
    const sent = frame(index, index * 33, 1000)
    resend.sent(sent, sent.slices)
    const slices = resend.answer({ frame: index, slices: [], from: 0 }, sent, RTT, localTime(index * 33 + 20))
    for (const slice of slices) bytes += slice.length
  }
  expect(bytes).toBeLessThanOrEqual(12_000 + 60_000 * 10)
  expect(resend.counters.over).toBeGreaterThan(0)
})

test('frames are remembered for as long as they can repair anything, by epoch and number', () => {
  const recent = new RecentFrames({ playoutDelayMs: 120 })
  for (let index = 0; index < 40; index += 1) recent.push(frame(index, index * 33), localTime(index * 33))
  expect(recent.get(7, 39)?.index).toBe(39)
  expect(recent.get(7, 18)?.index).toBe(18)
  expect(recent.get(7, 16)).toBeUndefined()
  expect(recent.get(8, 39)).toBeUndefined()
})

test('the repeat of a still picture does not take the place of its frame', () => {
  const recent = new RecentFrames({ playoutDelayMs: 120 })
  const first = frame(3)
  recent.push(first, localTime(0))
  recent.push(frame(3, 150), localTime(150))
  expect(recent.get(7, 3)).toBe(first)
})

test.each([
  ['no gaps', { type: 'nack', epoch: 1, gaps: [] }],
  [
    'too many gaps',
    { type: 'nack', epoch: 1, gaps: Array.from({ length: 9 }, () => ({ frame: 1, slices: [] })) },
  ],
  ['too many slices', { type: 'nack', epoch: 1, gaps: [{ frame: 1, slices: Array(33).fill(0) }] }],
  ['a negative frame', { type: 'nack', epoch: 1, gaps: [{ frame: -1, slices: [] }] }],
  ['a slice number of two bytes', { type: 'nack', epoch: 1, gaps: [{ frame: 1, slices: [256] }] }],
])('a question with %s is refused', (_, message) => {
  expect(fleetingFromViewer.safeParse(message).success).toBe(false)
})

test('a viewer on a real path that asks for a lost slice gets it', async () => {
  const relay = new LossyRelay({ seed: 5 })
  // The frame's due time is set ahead, so that a busy machine cannot make the answer too late.
  const { bus, audience } = openAudience({ playoutDelayMs: 20_000 })
  const viewer = new TestViewer()
  try {
    await viewer.join(audience, relay)
    await viewer.until(() => viewer.frames.length >= 2)
    const sent = liveFrame(1000)
    bus.publish(sent)
    await viewer.until(() => viewer.frames.length >= 6)
    const before = viewer.frames.length
    const question = { type: 'nack', epoch: 7, gaps: [{ frame: 1000, slices: [1] }] }
    viewer.peer.sendFleeting(JSON.stringify(question))
    await viewer.until(() => viewer.frames.length > before)
    expect(viewer.frames.at(-1)).toEqual(Buffer.from(sent.slices[1]!))
    expect(audience.stats()[0]?.resent.slices).toBe(1)
  } finally {
    viewer.close()
    await audience.close()
    relay.close()
  }
})
