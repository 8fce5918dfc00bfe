import { afterEach, describe, expect, test, vi } from 'vitest'
import { FrameRing } from '../../../src/source/frame-ring.ts'
import { Pacer } from '../../../src/source/pacer.ts'
import { localTime } from '../../../vendor/asciline/index.ts'

/** A pacer on a clock that is moved by hand. */
function bench({ fps = 10, capacity = 20, headStartMs = 0 } = {}) {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  const log: string[] = []
  const ring = new FrameRing({ frameBytes: 1, capacity })
  const pacer = new Pacer({
    ring,
    fps,
    headStartMs,
    now: () => localTime(performance.now()),
    onAnchor: ({ frame, at }) => log.push(`anchor ${frame} at ${at}`),
    onFrame: (rgb, index, dueAt) => log.push(`${index}=${rgb[0]} due ${dueAt}`),
    onEnd: () => log.push('end'),
    onUnderrun: () => log.push('dry'),
  })
  let pushed = 0
  const push = (count: number) => {
    for (let index = 0; index < count; index++) ring.push(Uint8Array.of(pushed++))
  }
  const said = () => log.splice(0)
  return { ring, pacer, push, said, pass: (ms: number) => vi.advanceTimersByTime(ms) }
}

afterEach(() => {
  vi.useRealTimers()
})

describe('the pacer', () => {
  test('starts at 0.3 s of frames and sends one per period from there', () => {
    const { push, said, pass } = bench()
    push(2)
    pass(500)
    expect(said()).toEqual([])
    push(4)
    expect(said()).toEqual(['anchor 0 at 500', '0=0 due 500'])
    pass(250)
    expect(said()).toEqual(['1=1 due 600', '2=2 due 700'])
  })

  test('has one timer, however often a frame that leaves lets the source bring new ones', () => {
    const { push, said, pass } = bench({ capacity: 5 })
    // More than the ring holds: every release lets one more in.
    push(40)
    pass(2000)
    expect(vi.getTimerCount()).toBe(1)
    expect(said().filter((line) => line.includes('='))).toHaveLength(21)
  })

  test('with a head start lets the first frame go before its time and leaves out those that it passes by', () => {
    const { pacer, push, said, pass } = bench({ headStartMs: 250 })
    push(6)
    pass(0)
    expect(said()).toEqual(['anchor 0 at -250', '0=0 due 0'])
    pass(100)
    expect(said()).toEqual(['3=3 due 50'])
    expect(pacer.stats.skipped).toBe(0)
    pass(150)
    expect(said()).toEqual(['4=4 due 150', '5=5 due 250'])
  })

  test('has a head start once: after a pause the next frame has its whole time', () => {
    const { pacer, push, said, pass } = bench({ headStartMs: 200 })
    push(20)
    pacer.pause()
    pass(1000)
    expect(said()).toEqual(['anchor 0 at -200', '0=0 due 0'])
    pacer.resume()
    expect(said()).toEqual(['anchor 2 at 1000', '2=2 due 1000'])
  })

  test('stops when the ring runs dry and anchors anew when 0.3 s have come', () => {
    const { pacer, push, said, pass } = bench()
    push(3)
    pass(1000)
    expect(said()).toEqual(['anchor 0 at 0', '0=0 due 0', '1=1 due 100', '2=2 due 200', 'dry'])
    push(2)
    pass(1000)
    expect(said()).toEqual([])
    push(1)
    expect(said()).toEqual(['anchor 3 at 2000', '3=3 due 2000'])
    expect(pacer.stats).toEqual({ skipped: 0, underruns: 1 })
  })

  test('skips what has become too late and keeps its schedule', () => {
    const { pacer, push, said, pass } = bench()
    push(10)
    pass(1)
    said()
    // The event loop was held for 450 ms: timers run late, the clock does not.
    const held = vi.spyOn(performance, 'now').mockReturnValue(451)
    pass(100)
    held.mockRestore()
    expect(said()[0]).toBe('4=4 due 400')
    expect(pacer.stats.skipped).toBe(3)
  })

  test('gives frames back as they leave, so a full ring goes on', () => {
    const { ring, push, said, pass } = bench({ capacity: 3 })
    push(3)
    expect(ring.wantsData).toBe(false)
    pass(1)
    expect(said()).toEqual(['anchor 0 at 0', '0=0 due 0'])
    expect(ring.wantsData).toBe(true)
  })

  test('ends once, after the last frame has had its time', () => {
    const { ring, push, said, pass } = bench()
    push(1)
    ring.finish()
    pass(99)
    expect(said()).toEqual(['anchor 0 at 0', '0=0 due 0'])
    pass(1000)
    expect(said()).toEqual(['end'])
  })

  test('ends at once when there never was a frame', () => {
    const { ring, said, pass } = bench()
    ring.finish()
    pass(0)
    expect(said()).toEqual(['end'])
  })

  test('says nothing after it is closed', () => {
    const { ring, pacer, push, said, pass } = bench()
    push(5)
    pass(1)
    said()
    pacer.close()
    pacer.close()
    push(5)
    ring.finish()
    pass(5000)
    expect(said()).toEqual([])
  })
})
