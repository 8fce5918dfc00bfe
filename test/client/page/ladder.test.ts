// The ladder against a world of events: each test is a story with a clock.

import { expect, test } from 'vitest'
import { Ladder, type Step } from '../../../client/page/ladder.ts'

/** A ladder, its clock, and what it has asked for so far. */
class Story {
  readonly ladder = new Ladder({ random: () => 0.5 })
  readonly steps: [at: number, step: Step][] = []
  now = 0

  /** Lets time pass in the page's own strides; `meanwhile` happens before each look. */
  until(end: number, meanwhile: (now: number) => void = () => {}): this {
    for (; this.now < end; this.now += 100) {
      meanwhile(this.now)
      this.look()
    }
    return this
  }

  look(): this {
    for (let step = this.ladder.next(this.now); step !== undefined; step = this.ladder.next(this.now)) {
      this.steps.push([this.now, step])
      if (this.steps.length > 500) throw new Error('the ladder runs in circles')
    }
    return this
  }

  when(step: Step): number | undefined {
    return this.steps.find(([, taken]) => taken === step)?.[0]
  }

  count(step: Step): number {
    return this.steps.filter(([, taken]) => taken === step).length
  }

  forget(): this {
    this.steps.length = 0
    return this
  }
}

/** A page whose socket is open and whose offer has come. */
function negotiating(): Story {
  const story = new Story().look()
  story.ladder.socketOpened(0)
  story.look()
  story.ladder.offered(0)
  return story
}

/** A page with a picture over WebRTC. */
function watching(): Story {
  const story = negotiating()
  story.ladder.webrtcOpened(0)
  story.ladder.playing = true
  return story.look().forget()
}

/** A page whose UDP is blocked, with a picture over the socket. */
function carried(): Story {
  const story = negotiating().until(1600)
  story.ladder.carrying(story.now)
  story.ladder.playing = true
  return story.forget()
}

const hears = (story: Story, way: 'webrtc' | 'websocket') => (now: number) => story.ladder.heard(way, now)

test('opens the socket, joins over it, and is content with WebRTC', () => {
  const story = new Story().look()
  expect(story.steps).toEqual([[0, 'open-socket']])
  story.ladder.socketOpened(20)
  story.look()
  story.ladder.offered(30)
  story.ladder.webrtcOpened(130)
  expect(story.ladder.way).toBe('webrtc')
  story.forget().until(3000, hears(story, 'webrtc'))
  expect(story.steps).toEqual([])
})

test('asks the socket for frames after 1.5 s without WebRTC, and goes on trying WebRTC', () => {
  const story = negotiating().until(2000)
  expect(story.when('carry')).toBe(1500)
  expect(story.ladder.way).toBeUndefined()
  story.ladder.carrying(2000)
  expect(story.ladder.way).toBe('websocket')
  expect(story.ladder.attempting).toBe(true)
})

test('WebRTC that comes late takes over from the socket', () => {
  const story = carried()
  story.ladder.webrtcOpened(story.now)
  story.look()
  expect(story.ladder.way).toBe('webrtc')
  expect(story.steps).toEqual([[1600, 'drop-carry']])
})

test('on the socket WebRTC is tried again ever more rarely, a minute apart in the end', () => {
  const story = carried()
  story.until(400_000, (now) => {
    hears(story, 'websocket')(now)
    if (story.ladder.attempting) story.ladder.offered(now)
    // Nothing ever connects: the browser says so after a while.
    if (story.ladder.attempting && now % 2000 === 0) story.ladder.attemptFailed(now)
  })
  const joins = story.steps.filter(([, step]) => step === 'join-over-socket').map(([at]) => at)
  const waits = joins.slice(1).map((at, index) => at - joins[index]!)
  expect(waits[0]).toBeLessThan(15_000)
  expect(waits.at(-1)).toBeGreaterThanOrEqual(58_000)
  expect(story.ladder.way).toBe('websocket')
  expect(story.count('carry')).toBe(0)
})

test('an attempt that fails outright brings the frames over the socket at once', () => {
  const story = negotiating()
  story.now = 300
  story.ladder.attemptFailed(300)
  story.look()
  expect(story.steps.at(-1)).toEqual([300, 'carry'])
})

test('while frames are due, silence is asked about after 0.3 s and taken for a loss after 1 s', () => {
  const story = watching().until(2000)
  expect(story.when('probe')).toBe(400)
  expect(story.when('join-over-socket')).toBe(1100)
  // The old peer stays: it may be heard again.
  expect(story.when('drop-webrtc')).toBeUndefined()
  expect(story.when('carry')).toBe(1600)
})

test('a pause with answers to its pings is no silence', () => {
  const story = watching()
  story.until(10_000, (now) => {
    if (story.steps.at(-1)?.[1] === 'probe' && now % 400 === 0) story.ladder.heard('webrtc', now)
  })
  expect(new Set(story.steps.map(([, step]) => step))).toEqual(new Set(['probe']))
})

test('when nothing plays, silence is given five seconds', () => {
  const story = watching()
  story.ladder.playing = false
  story.until(7000)
  expect(story.when('probe')).toBe(2600)
  expect(story.when('join-over-socket')).toBe(5100)
})

test('a peer that is heard again ends the search for another one', () => {
  const story = watching().until(1200)
  expect(story.ladder.way).toBeUndefined()
  story.ladder.offered(1200)
  story.ladder.heard('webrtc', 1200)
  story.look()
  expect(story.ladder.way).toBe('webrtc')
  expect(story.steps.at(-1)).toEqual([1200, 'drop-attempt'])
  expect(story.ladder.attempting).toBe(false)
})

test('a peer that stays silent is dropped in the end, with or without another', () => {
  const story = watching().until(7000)
  expect(story.when('drop-webrtc')).toBe(6100)
  expect(story.count('drop-webrtc')).toBe(1)
})

test('a peer that fails is replaced at once, and the socket helps out half a second later', () => {
  const story = watching()
  story.ladder.webrtcFailed(0)
  story.until(1000)
  expect(story.when('join-over-socket')).toBe(0)
  expect(story.when('carry')).toBe(500)
})

test('a socket that closes while WebRTC works is opened again, quietly', () => {
  const story = watching()
  story.ladder.socketClosed(0)
  story.until(3000, (now) => {
    story.ladder.heard('webrtc', now)
    if (story.steps.at(-1)?.[1] === 'open-socket') story.ladder.socketClosed(now)
  })
  expect(story.ladder.way).toBe('webrtc')
  expect(new Set(story.steps.map(([, step]) => step))).toEqual(new Set(['open-socket']))
  expect(story.count('open-socket')).toBeLessThanOrEqual(3)
})

test('a socket that does not open is not waited for: the offer is asked for over HTTP', () => {
  const story = new Story().until(1500)
  expect(story.when('join-over-http')).toBe(1000)
  const refused = new Story().look()
  refused.ladder.socketClosed(0)
  refused.look()
  expect(refused.steps).toEqual([
    [0, 'open-socket'],
    [0, 'join-over-http'],
  ])
})

test('a socket that swallows a join is closed, and HTTP does its work for a minute', () => {
  const story = new Story().look()
  story.ladder.socketOpened(0)
  story.until(2000)
  expect(story.when('close-socket')).toBe(1600)
  expect(story.when('join-over-http')).toBe(1600)
  // The next socket swallows no less; it is not asked to join.
  story.forget().until(40_000, (now) => {
    if (story.steps.at(-1)?.[1] === 'open-socket') story.ladder.socketOpened(now)
  })
  expect(story.count('join-over-socket')).toBe(0)
})

test('a socket that swallows the wish for frames is closed, and not reopened ever faster', () => {
  const story = negotiating()
  story.until(30_000, (now) => {
    if (story.steps.at(-1)?.[1] === 'open-socket') story.ladder.socketOpened(now)
  })
  expect(story.when('close-socket')).toBe(3100)
  expect(story.count('open-socket')).toBeLessThan(10)
})

test('a hint that the network has changed makes what works prove itself, and disturbs nothing when it does', () => {
  const story = watching()
  story.until(500, hears(story, 'webrtc'))
  story.ladder.heard('webrtc', 500)
  story.ladder.hint(500)
  story.forget().until(700)
  expect(story.when('probe')).toBe(500)
  story.ladder.heard('webrtc', 650)
  story.forget().until(3000, hears(story, 'webrtc'))
  expect(story.steps).toEqual([])
})

test('a network that has changed is left over HTTP, with a new socket, within a second', () => {
  const story = watching()
  story.ladder.playing = false
  story.ladder.hint(0)
  story.until(1500)
  expect(story.when('join-over-http')).toBe(800)
  expect(story.when('close-socket')).toBe(800)
  expect(story.when('open-socket')).toBe(800)
  expect(story.count('join-over-socket')).toBe(0)
})

test('a hint shortens every wait', () => {
  const story = carried()
  story.ladder.attemptFailed(story.now)
  story.ladder.heard('websocket', story.now)
  story.until(1900, hears(story, 'websocket')).forget()
  story.ladder.hint(story.now)
  story.look()
  expect(story.when('join-over-http')).toBe(story.now)
})

test('frames over the socket that cease are missed after three seconds', () => {
  const story = carried().until(5000)
  expect(story.when('probe')).toBe(2000)
  expect(story.when('close-socket')).toBe(4700)
  expect(story.ladder.way).toBeUndefined()
})

test('a server that will not carry is asked again after two seconds, not in every look', () => {
  const story = negotiating()
  story.until(20_000, (now) => {
    if (story.steps.at(-1)?.[1] === 'carry') story.ladder.carryEnded(now)
  })
  expect(story.count('carry')).toBeGreaterThan(4)
  expect(story.count('carry')).toBeLessThan(11)
})

test('events that come twice or out of turn change nothing', () => {
  const story = watching()
  story.ladder.carrying(0)
  story.ladder.carryEnded(0)
  story.ladder.offered(0)
  story.until(300, hears(story, 'webrtc'))
  expect(story.steps).toEqual([])
  story.ladder.webrtcFailed(300)
  story.ladder.webrtcFailed(300)
  story.look()
  expect(story.count('join-over-socket')).toBe(1)
})

test('an hour without a server asks a thousand times at most', () => {
  const story = new Story()
  let asked = 0
  for (; story.now < 3_600_000; story.now += 100) {
    for (let step = story.ladder.next(story.now); step !== undefined; step = story.ladder.next(story.now)) {
      asked += 1
      if (step === 'open-socket') story.ladder.socketClosed(story.now)
      else if (step === 'join-over-http') story.ladder.attemptFailed(story.now)
    }
  }
  expect(asked).toBeGreaterThan(300)
  expect(asked).toBeLessThan(1300)
})
