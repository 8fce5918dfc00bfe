// The sound's decisions against an audio element made of arithmetic: a clock of its own, a start that takes time, a buffer.

import { expect, test } from 'vitest'
import { AudioSteering, type SoundAction } from '../../../client/playback/index.ts'
import { localTime, mediaTime } from '../../../vendor/asciline/index.ts'

const FRAME = 1000 / 60

/** Behaves like an <audio>: starts and jumps take their time before the position runs, its crystal is off by `ppm`. */
class SimulatedElement {
  position = 0
  rate = 1
  playing = false
  readyFrom = 0
  readyTo = 0
  dead = false
  startLatencyMs = 180
  jumpLatencyMs = 60
  ppm = 0
  #runsAt = 0

  seek(to: number, now: number): void {
    this.#runsAt = now + (this.playing ? this.jumpLatencyMs : this.startLatencyMs)
    this.position = to
    this.playing = true
  }

  pass(now: number, ms: number): void {
    if (!this.playing || this.dead || now < this.#runsAt) return
    this.position = Math.min(this.readyTo, this.position + (ms / 1000) * this.rate * (1 + this.ppm / 1e6))
  }
}

type Run = {
  steering: AudioSteering
  element: SimulatedElement
  actions: { at: number; action: SoundAction }[]
  now: number
}

function start(): Run {
  const steering = new AudioSteering()
  steering.opened(localTime(0))
  return { steering, element: new SimulatedElement(), actions: [], now: 0 }
}

/** Lets `ms` pass; the shared clock shows the same seconds as the local one. */
function run(state: Run, ms: number, aheadSeconds = 2): void {
  const { steering, element, actions } = state
  for (const end = state.now + ms; state.now < end; state.now += FRAME) {
    const target = state.now / 1000
    element.readyTo = Math.max(element.readyTo, target + aheadSeconds)
    element.pass(state.now, FRAME)
    const action = steering.decide(
      {
        position: mediaTime(element.position),
        target: mediaTime(target),
        readyFrom: mediaTime(element.readyFrom),
        readyTo: mediaTime(element.readyTo),
        playing: element.playing,
      },
      localTime(state.now),
    )
    if (action.kind === 'none') continue
    actions.push({ at: state.now, action })
    if (action.kind === 'seek') element.seek(action.to, state.now)
    if (action.kind === 'rate') element.rate = action.rate
  }
}

const seeks = ({ actions }: Run) => actions.filter(({ action }) => action.kind === 'seek')
const errorMs = ({ element, now }: Run) => (element.position - (now - FRAME) / 1000) * 1000

test('waits until sound lies ready beyond the shared clock, then starts there', () => {
  const state = start()
  run(state, 500, 0.1)
  expect(state.actions).toEqual([])
  run(state, 100, 2)
  expect(state.actions[0].action.kind).toBe('seek')
  expect(state.element.playing).toBe(true)
})

test('is within 25 ms of the shared clock one second after the start, within 10 soon, with one jump at most', () => {
  for (const startLatencyMs of [0, 60, 120, 250, 400]) {
    const state = start()
    state.element.startLatencyMs = startLatencyMs
    run(state, 1000)
    expect(Math.abs(errorMs(state)), `${startLatencyMs} ms`).toBeLessThan(25)
    expect(seeks(state).length).toBeLessThanOrEqual(2)
    run(state, 7000)
    expect(Math.abs(errorMs(state)), `${startLatencyMs} ms`).toBeLessThan(10)
    expect(seeks(state).length).toBeLessThanOrEqual(2)
  }
})

test('what a start and a jump cost is learned apart, and the next stream begins in step', () => {
  const state = start()
  state.element.startLatencyMs = 300
  state.element.jumpLatencyMs = 20
  run(state, 3000)
  state.steering.opened(localTime(state.now))
  state.element.playing = false
  const before = state.actions.length
  run(state, 1000)
  expect(state.actions.slice(before).filter(({ action }) => action.kind === 'seek')).toHaveLength(1)
  expect(Math.abs(errorMs(state))).toBeLessThan(20)
})

test('the picture follows it only while it is in step, or when it cannot get there', () => {
  const state = start()
  state.element.startLatencyMs = 400
  run(state, 500)
  expect(state.steering.inStep(localTime(state.now))).toBe(false)
  run(state, 1500)
  expect(state.steering.inStep(localTime(state.now))).toBe(true)
  // Thrown back by half a second, with nothing ready where it should be.
  state.element.position -= 0.5
  state.element.readyTo = state.now / 1000
  run(state, 1000, 0)
  expect(state.steering.inStep(localTime(state.now))).toBe(false)
  run(state, 3000, 0)
  expect(state.steering.inStep(localTime(state.now))).toBe(true)
})

test('half an hour with a crystal off by 200 ppm stays within 20 ms, without a jump', () => {
  for (const ppm of [200, -200]) {
    const state = start()
    run(state, 15_000)
    state.element.ppm = ppm
    const before = state.actions.length
    let worst = 0
    for (let second = 0; second < 1800; second++) {
      run(state, 1000)
      worst = Math.max(worst, Math.abs(errorMs(state)))
    }
    expect(worst).toBeLessThan(20)
    const kinds = new Set(state.actions.slice(before).map(({ action }) => action.kind))
    expect([...kinds]).toEqual(['rate'])
  }
})

test('never asks for more than half a percent', () => {
  const state = start()
  run(state, 5000)
  state.element.position -= 0.07
  run(state, 30_000)
  const rates = state.actions.flatMap(({ action }) => (action.kind === 'rate' ? [action.rate] : []))
  expect(rates.length).toBeGreaterThan(2)
  for (const rate of rates) expect(Math.abs(rate - 1)).toBeLessThanOrEqual(0.005 + 1e-12)
  expect(Math.abs(errorMs(state))).toBeLessThan(10)
})

test('a single wrong reading is not followed', () => {
  const state = start()
  run(state, 5000)
  const before = state.actions.length
  const right = state.element.position
  state.element.position += 3
  run(state, FRAME)
  state.element.position = right + FRAME / 1000
  run(state, 3000)
  expect(state.actions.slice(before).filter(({ action }) => action.kind === 'seek')).toEqual([])
})

test('off by more than 80 ms for a while it jumps, within what lies ready', () => {
  const state = start()
  run(state, 5000)
  state.element.position -= 0.5
  const before = state.actions.length
  run(state, 1000)
  const seeks = state.actions.slice(before).filter(({ action }) => action.kind === 'seek')
  expect(seeks).toHaveLength(1)
  expect(Math.abs(errorMs(state))).toBeLessThan(60)
})

test('when the shared clock has gone back behind the buffer it asks for the stream again', () => {
  const state = start()
  run(state, 5000)
  state.element.readyFrom = state.now / 1000 + 5
  state.element.readyTo = state.now / 1000 + 9
  state.element.position = state.now / 1000 + 5
  run(state, 600)
  expect(state.actions.at(-1)?.action.kind).toBe('reopen')
})

test('a position that stands still for a second while playing opens the stream again', () => {
  const state = start()
  run(state, 5000)
  state.element.dead = true
  const before = state.actions.length
  run(state, 1200)
  expect(state.actions.slice(before).map(({ action }) => action.kind)).toContain('reopen')
})

test('it does not ask every second while the server has nothing', () => {
  const state = start()
  run(state, 60_000, 0)
  const reopenings = state.actions.filter(({ action }) => action.kind === 'reopen')
  expect(reopenings.length).toBeGreaterThan(1)
  expect(reopenings.length).toBeLessThan(8)
})
