// `--playout-delay` from the flag to the screen: the pieces of the server that keep time and the page's player, in one process and on
// a clock that is moved by hand.

import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Player } from '../../../client/playback/index.ts'
import type { ControlFromServer } from '../../../signaling/messages.ts'
import { readConfig } from '../../../src/config.ts'
import { FrameBus } from '../../../src/encode/frame-bus.ts'
import { PRESETS } from '../../../src/encode/preset.ts'
import { Leg } from '../../../src/session/leg.ts'
import { FrameRing } from '../../../src/source/frame-ring.ts'
import type { Source } from '../../../src/source/source.ts'
import { localTime } from '../../../vendor/asciline/index.ts'

const { cols, rows, fps } = PRESETS.low
const WAY_MS = 5

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

/** Plays for a second behind a path of 5 ms; how long after it had left each frame was shown, by its number. */
function watch({ flags, jumped }: { flags: string[]; jumped: boolean }): Map<number, number> {
  const config = readConfig(flags, {})
  if (config === 'help') throw new Error('help was not asked for')
  let clock = 1000
  const now = () => localTime(clock)
  const frames = new FrameRing({ frameBytes: cols * rows * 3, capacity: 2 * fps })
  for (let index = 0; index < 2 * fps; index++)
    frames.push(new Uint8Array(frames.frameBytes).fill(60 + 10 * (index % 9)))
  const leftAt = new Map<number, number>()
  const later = new Map<number, number>()
  const bus = new FrameBus()
  const carry = (deliver: () => void) => setTimeout(deliver, WAY_MS)
  const tell = (message: ControlFromServer) =>
    carry(() => player.onControlMessage(JSON.stringify(message), now()))
  const player = new Player({
    sendControl: (text) => {
      const message = JSON.parse(text)
      if (message.type === 'ping') carry(() => tell({ type: 'pong', sent: message.sent, at: clock }))
    },
    onPresented: (frame) => {
      const left = leftAt.get(frame)
      if (left !== undefined) later.set(frame, clock - left)
    },
  })
  bus.subscribe(({ index, slices }) => {
    leftAt.set(index, clock)
    for (const slice of slices) carry(() => player.onFrameMessage(slice, now()))
  })
  // A viewer that was there before, so that it knows the server's clock.
  const pass = (ms: number) => {
    for (const end = clock + ms; clock < end; clock += 1) {
      vi.advanceTimersByTime(1)
      player.tick(now())
    }
  }
  pass(100)
  const leg = new Leg({
    source: { frames } as Source,
    picture: { x: 0, y: 0, width: cols, height: rows },
    epoch: 1,
    preset: 'low',
    from: 0,
    jumped,
    paused: false,
    local: true,
    playoutDelayMs: config.playoutDelayMs,
    bus,
    announce: tell,
    now,
  })
  pass(1000)
  leg.broadcast.close()
  return later
}

const FRAME_MS = 1000 / fps

test.each([20, 120, 400])('with --playout-delay %i a frame is shown that long after it left', (delayMs) => {
  const later = watch({ flags: ['--playout-delay', String(delayMs)], jumped: false })
  expect(later.size).toBeGreaterThan(fps - (delayMs + WAY_MS) / FRAME_MS - 3)
  // The pacer and this clock count in milliseconds, both in whole ones.
  for (const [frame, ms] of later) expect(Math.abs(ms - delayMs), `frame ${frame}`).toBeLessThanOrEqual(2)
})

test('without the flag it is 120 ms', () => {
  for (const [, ms] of watch({ flags: [], jumped: false })) expect(Math.abs(ms - 120)).toBeLessThanOrEqual(2)
})

test('where somebody has jumped to, the first picture does not wait for the delay, and the others do', () => {
  const [[first, firstMs], ...others] = watch({ flags: ['--playout-delay', '400'], jumped: true })
  expect(first).toBe(0)
  expect(firstMs).toBeLessThan(25)
  expect(others.length).toBeGreaterThan(10)
  for (const [frame, ms] of others) expect(Math.abs(ms - 400), `frame ${frame}`).toBeLessThanOrEqual(2)
})
