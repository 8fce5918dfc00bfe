// Player, questions, answers and parity together, over a bad path in simulated time: how much of the picture is right, and that
// it is the same on every machine and every day.

import { expect, test } from 'vitest'
import { Player } from '../../../client/playback/index.ts'
import { type FleetingFromViewer, fleetingFromViewer } from '../../../signaling/messages.ts'
import type { EncodedFrame } from '../../../src/encode/frame-bus.ts'
import { PRESETS } from '../../../src/encode/preset.ts'
import { Resend } from '../../../src/transport/resend.ts'
import {
  digestPicture,
  encodeParity,
  localTime,
  type Picture,
  SliceEncoder,
} from '../../../vendor/asciline/index.ts'
import { ImpairedPath, type Impairment } from '../../bench/impaired-path.ts'
import { UnharmedPictures } from '../../bench/unharmed-pictures.ts'
import { filmlike } from '../../vendor/moving-pictures.ts'
import { baseTimeline } from './lossy-link.ts'

const preset = PRESETS.high
const FRAMES = 330
const FRAME_MS = 1000 / preset.fps
/** When frame 0 leaves, after the clocks have found each other. */
const START = 1000
const TICK_MS = 4
const EPOCH = 1

type Weather = { path: Impairment; playoutDelayMs: number; parity: boolean }

const frames = encoded()

function encoded(): Uint8Array[][] {
  const encoder = new SliceEncoder(preset)
  const programme = filmlike(preset)
  return Array.from({ length: FRAMES }, (_, frame) => encoder.encode(programme(frame), frame, EPOCH))
}

/** Things that happen, in order of time. */
class Agenda {
  readonly #entries: { at: number; run: () => void }[] = []
  now = 0

  at(at: number, run: () => void): void {
    const before = this.#entries.findLastIndex((entry) => entry.at <= at)
    this.#entries.splice(before + 1, 0, { at, run })
  }

  run(): void {
    for (let next = this.#entries.shift(); next !== undefined; next = this.#entries.shift()) {
      this.now = next.at
      next.run()
    }
  }
}

/** Share of frames that were shown in time exactly as by a viewer that lost nothing. */
function watch({ path, playoutDelayMs, parity }: Weather, seed: number): number {
  const agenda = new Agenda()
  const now = () => localTime(agenda.now)
  const [down, up] = [new ImpairedPath(path, seed), new ImpairedPath(path, seed + 1)]
  const resend = new Resend({ playoutDelayMs })
  const sent = new Map<number, EncodedFrame>()
  const unharmed = new UnharmedPictures(preset, EPOCH)
  const oneWayMs = path.delayMs ?? 0
  const right = new Set<number>()
  let picture: Picture | undefined
  let received = 0
  const send = (bytes: Uint8Array) => {
    for (const at of down.push(bytes.length, agenda.now))
      agenda.at(at, () => {
        player.onFrameMessage(bytes, now())
        // SCTP acknowledges every second packet: a burst goes on from one packet of a path to the next, whatever is in them.
        received += 1
        if (received % 2 === 0) up.push(60, agenda.now)
      })
  }
  const answer = (question: FleetingFromViewer) => {
    for (const gap of question.gaps) {
      const frame = sent.get(gap.frame)
      if (frame !== undefined) for (const slice of resend.answer(gap, frame, 2 * oneWayMs, now())) send(slice)
    }
  }
  const player = new Player({
    sendControl: (text) => {
      const message: { type: string; sent: number } = JSON.parse(text)
      if (message.type !== 'ping') return
      agenda.at(agenda.now + oneWayMs, () => {
        const pong = JSON.stringify({ type: 'pong', sent: message.sent, at: agenda.now })
        agenda.at(agenda.now + oneWayMs, () => player.onControlMessage(pong, now()))
      })
    },
    sendFleeting: (text) => {
      for (const at of up.push(text.length, agenda.now))
        agenda.at(at, () => answer(fleetingFromViewer.parse(JSON.parse(text))))
    },
    onPresented: (frame, inTime) => {
      if (inTime && picture !== undefined && digestPicture(picture) === unharmed.digest(frame))
        right.add(frame)
    },
  })
  const timeline = { ...baseTimeline, ...preset, preset: preset.name, at: START, playoutDelayMs }
  agenda.at(500, () => player.onControlMessage(JSON.stringify(timeline), now()))
  for (const [index, slices] of frames.entries()) {
    agenda.at(START + index * FRAME_MS, () => {
      unharmed.push(index, slices)
      const frame = { epoch: EPOCH, index, slices, dueAt: now() }
      sent.set(index, frame)
      resend.sent(frame, slices)
      for (const slice of slices) send(slice)
      const extra = parity ? encodeParity(slices) : undefined
      if (extra !== undefined) send(extra)
    })
  }
  const end = START + FRAMES * FRAME_MS + playoutDelayMs
  for (let at = 600; at < end; at += TICK_MS)
    agenda.at(at, () => {
      picture = player.tick(now())?.picture ?? picture
    })
  agenda.run()
  // The first second is the join's.
  const counted = [...right].filter((frame) => frame >= preset.fps)
  return (100 * counted.length) / (FRAMES - preset.fps)
}

/** One slice that is never repaired is a tenth of a run wrong, and one run of eight has it. */
const SEEDS = [1, 40, 80, 120, 160, 200, 240, 280]

const RTT30 = { delayMs: 15, jitterMs: 1 }
const RTT50 = { delayMs: 25, jitterMs: 1 }

test.each<{ name: string; weather: Weather; atLeast: number }>([
  {
    name: '2 %',
    weather: { path: { ...RTT30, loss: 0.02 }, playoutDelayMs: 80, parity: false },
    atLeast: 99,
  },
  {
    name: '5 %',
    weather: { path: { ...RTT30, loss: 0.05 }, playoutDelayMs: 80, parity: false },
    atLeast: 97,
  },
  {
    name: '5 % in bursts of 4',
    weather: { path: { ...RTT30, loss: 0.05, burst: 4 }, playoutDelayMs: 80, parity: false },
    atLeast: 97,
  },
  {
    name: '5 % in bursts of 4, with parity',
    weather: { path: { ...RTT30, loss: 0.05, burst: 4 }, playoutDelayMs: 80, parity: true },
    atLeast: 97,
  },
  {
    name: '10 %, with parity',
    weather: { path: { ...RTT50, loss: 0.1 }, playoutDelayMs: 120, parity: true },
    atLeast: 98,
  },
])('with $name of packets lost the picture is right for $atLeast % of frames', ({ weather, atLeast }) => {
  const seeds = weather.path.burst === undefined ? SEEDS.slice(0, 2) : SEEDS
  const shares = seeds.map((seed) => watch(weather, seed))
  expect(shares.reduce((sum, share) => sum + share, 0) / shares.length).toBeGreaterThanOrEqual(atLeast)
})
