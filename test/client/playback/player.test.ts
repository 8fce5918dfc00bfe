// The player against a simulated network: what is shown, when, and what the books say about it.

import { expect, test } from 'vitest'
import { Player } from '../../../client/playback/index.ts'
import { localTime, SliceEncoder } from '../../../vendor/asciline/index.ts'
import { baseTimeline, LossyLink, seededRandom } from './lossy-link.ts'

test('on a clean link every frame is complete, in time and exactly the reference picture', () => {
  const link = new LossyLink()
  link.advance(10_000)
  const { stats } = link.player
  expect(stats.framesExpected).toBeGreaterThan(240)
  expect(stats.framesComplete).toBe(stats.framesExpected)
  expect(stats.framesPresented).toBe(stats.framesExpected)
  // The last digests are still on their way.
  expect(stats.framesCorrect).toBeGreaterThan(stats.framesExpected - 3)
  expect(stats.slicesLost).toBe(0)
  expect(stats.framesLate).toBe(0)
  // The simulator asks every 4 ms, so nothing can be seen later than that.
  expect(stats.latenessMs.percentiles().max).toBeLessThanOrEqual(4.5)
})

test('a frame is shown the playout delay after the server sent it', () => {
  const shown: [number, number][] = []
  const link = new LossyLink({ player: { onPresented: (frame) => shown.push([frame, link.now]) } })
  link.advance(2000)
  const [frame, at] = shown[30]
  // Server and viewer start at the same instant, on clocks a million milliseconds apart.
  expect(at - (frame * 40 + 120)).toBeGreaterThanOrEqual(-1)
  expect(at - (frame * 40 + 120)).toBeLessThanOrEqual(5)
})

test('on a display that shows a tick later, a frame is handed over that much earlier', () => {
  const shown: [number, number][] = []
  const link = new LossyLink({ player: { onPresented: (frame) => shown.push([frame, link.now]) } })
  link.player.aim.lagMs = 16
  link.player.aim.avOffsetMs = -20
  link.advance(2000)
  const [frame, at] = shown[30]
  expect(at - (frame * 40 + 120 - 36)).toBeGreaterThanOrEqual(-1)
  expect(at - (frame * 40 + 120 - 36)).toBeLessThanOrEqual(5)
  expect(link.player.stats.framesLate).toBe(0)
})

test('on a display, each refresh shows the frame nearest to the moment it is seen', () => {
  const errors: number[] = []
  const link = new LossyLink({
    tickMs: 1000 / 60,
    player: { onPresented: (frame) => errors.push(link.now + 3 - (frame * 40 + 120)) },
  })
  link.player.aim.lagMs = 3
  link.player.aim.refreshMs = 1000 / 60
  link.advance(8000)
  const settled = errors.slice(50)
  const mean = settled.reduce((sum, error) => sum + error, 0) / settled.length
  expect(settled.length).toBeGreaterThan(140)
  expect(Math.abs(mean)).toBeLessThan(4.5)
  expect(Math.max(...settled.map(Math.abs))).toBeLessThan(1000 / 60)
})

test('the sound is aimed at the frames as the display shows them', () => {
  const refreshMs = 1000 / 60
  for (const phaseMs of [0, 5, 10, 15]) {
    const shown: { frame: number; at: number }[] = []
    const link = new LossyLink({
      fps: 30,
      tickMs: refreshMs,
      clockOffsetMs: 1e6 + phaseMs,
      player: { onPresented: (frame) => shown.push({ frame, at: link.now }) },
    })
    link.player.aim.refreshMs = refreshMs
    // The sound does as it is told, at once.
    for (let i = 0; i < 600; i++) {
      link.player.setAudioClock(link.player.soundTarget(localTime(link.now)), localTime(link.now))
      link.advance(refreshMs)
    }
    const { frame, at } = shown[200]
    const target = link.player.soundTarget(localTime(at)) ?? Number.NaN
    expect(Math.abs(target - frame / 30) * 1000).toBeLessThan(3)
    expect(Math.abs(target - (link.player.serverTime(localTime(at)) ?? 0)) * 1000).toBeLessThan(9)
  }
})

test('slices that overtake each other within the playout delay change nothing', () => {
  const link = new LossyLink({ jitterMs: 90, duplicates: 0.3 })
  link.advance(8000)
  const { stats } = link.player
  expect(stats.slicesDuplicate).toBeGreaterThan(20)
  expect(stats.framesComplete).toBe(stats.framesExpected)
  expect(stats.framesCorrect).toBeGreaterThan(stats.framesExpected - 6)
})

test('lost slices are counted once each, and repeats keep nearly every frame right', () => {
  const link = new LossyLink({ loss: 0.05, seed: 7 })
  link.advance(20_000)
  const { stats } = link.player
  const sent = stats.slicesReceived + stats.slicesLost
  expect(stats.slicesLost / sent).toBeGreaterThan(0.03)
  expect(stats.slicesLost / sent).toBeLessThan(0.07)
  expect(stats.framesMissing).toBeGreaterThan(0)
  expect(stats.framesComplete + stats.framesMissing + stats.framesLate).toBe(stats.framesExpected)
  expect(stats.framesCorrect / stats.framesExpected).toBeGreaterThan(0.75)
})

test('a slice that arrives after its presentation time is late, and still repaints its blocks', () => {
  const link = new LossyLink({ delayMs: 60, jitterMs: 120, seed: 3 })
  link.advance(10_000)
  const { stats } = link.player
  expect(stats.slicesLate).toBeGreaterThan(20)
  expect(stats.framesLate).toBeGreaterThan(20)
  // Every slice arrived in the end: nothing may stay counted as lost but what is still on its way.
  expect(stats.slicesLost).toBeLessThan(5)
  expect(stats.framesComplete + stats.framesMissing + stats.framesLate).toBe(stats.framesExpected)
  expect(stats.latenessMs.percentiles().max).toBeGreaterThan(30)
  link.stopSending()
  link.advance(1000)
  expect(link.pictureMatches()).toBe(true)
})

test('frames that the source never sent are not held against the network', () => {
  const link = new LossyLink()
  link.advance(2000)
  link.stopSending()
  link.advance(3000)
  const stalled = link.player.stats.framesExpected
  link.advance(1000)
  expect(link.player.stats.framesExpected).toBe(stalled)
  // The source has data again and announces where it stands: same epoch, new anchor.
  link.resumeAnchored()
  link.advance(3000)
  const { stats } = link.player
  expect(stats.framesExpected).toBeGreaterThan(stalled + 60)
  expect(stats.framesMissing).toBe(0)
  expect(stats.framesLate).toBe(0)
  expect(stats.framesComplete).toBe(stats.framesExpected)
})

test('without ticks, as in a hidden tab, memory stays bounded and the return shows the present', () => {
  const link = new LossyLink()
  link.advance(1000)
  link.frozen = true
  link.advance(60_000)
  link.frozen = false
  link.advance(500)
  const { stats } = link.player
  expect(stats.slicesRefused).toBe(0)
  expect(link.player.tick(localTime(link.now))?.frame).toBeGreaterThan((61_500 - 120) / 40 - 3)
  expect(stats.framesMissing).toBe(0)
})

test('slices of an epoch that is announced only after they arrived are not lost', () => {
  const player = new Player()
  const encoder = new SliceEncoder({ cols: 48, rows: 24, fps: 25, bytesPerSecond: 100_000 })
  const rgb = new Uint8Array(48 * 24 * 3).fill(200)
  player.onControlMessage(JSON.stringify(baseTimeline), localTime(0))
  for (const slice of encoder.encode(rgb, 0, 2)) player.onFrameMessage(slice, localTime(10))
  player.onControlMessage(JSON.stringify({ ...baseTimeline, epoch: 2 }), localTime(12))
  pong(player, 20)
  expect(player.tick(localTime(150))?.frame).toBe(0)
  expect(player.stats.framesComplete).toBe(1)
})

test('slices of the previous epoch that come after the announcement of the next are refused', () => {
  const player = new Player()
  const encoder = new SliceEncoder({ cols: 48, rows: 24, fps: 25, bytesPerSecond: 100_000 })
  const slices = encoder.encode(new Uint8Array(48 * 24 * 3).fill(90), 0, 1)
  player.onControlMessage(JSON.stringify({ ...baseTimeline, epoch: 2 }), localTime(0))
  for (const slice of slices) player.onFrameMessage(slice, localTime(1))
  pong(player, 20)
  expect(player.tick(localTime(200))).toBeUndefined()
  expect(player.stats.slicesRefused).toBe(slices.length)
})

test('a new epoch of another grid keeps the old picture until the new one has something to show', () => {
  const player = new Player()
  player.onControlMessage(JSON.stringify(baseTimeline), localTime(0))
  const small = new SliceEncoder({ cols: 48, rows: 24, fps: 25, bytesPerSecond: 100_000 })
  for (const slice of small.encode(new Uint8Array(48 * 24 * 3).fill(200), 0, 1))
    player.onFrameMessage(slice, localTime(1))
  pong(player, 20)
  expect(player.tick(localTime(130))?.picture?.cols).toBe(48)
  player.onControlMessage(
    JSON.stringify({ ...baseTimeline, epoch: 2, cols: 64, rows: 32, at: 200 }),
    localTime(200),
  )
  const before = player.tick(localTime(230))
  expect(before?.picture?.cols).toBe(48)
  expect(before?.fresh).toBe(false)
  const large = new SliceEncoder({ cols: 64, rows: 32, fps: 25, bytesPerSecond: 100_000 })
  for (const slice of large.encode(new Uint8Array(64 * 32 * 3).fill(100), 0, 2))
    player.onFrameMessage(slice, localTime(240))
  const after = player.tick(localTime(330))
  expect(after?.picture?.cols).toBe(64)
  expect(after?.fresh).toBe(true)
})

test('a joiner sees the whole picture before the clock is known, and the copy repairs what the first lost', () => {
  const player = new Player()
  const encoder = new SliceEncoder({ cols: 160, rows: 68, fps: 25, bytesPerSecond: 1e6 })
  const random = seededRandom(5)
  const rgb = Uint8Array.from({ length: 160 * 68 * 3 }, () => random() * 255)
  encoder.encode(rgb, 500, 1)
  const join = encoder.encodeJoin(1)
  expect(join.length).toBeGreaterThan(3)
  player.onControlMessage(JSON.stringify({ ...baseTimeline, cols: 160, rows: 68, frame: 500 }), localTime(0))
  for (const slice of join.slice(1)) player.onFrameMessage(slice, localTime(1))
  const first = player.tick(localTime(2))
  expect(first).toMatchObject({ frame: 500, fresh: true })
  for (const slice of join) player.onFrameMessage(slice, localTime(60))
  expect(player.tick(localTime(61))?.fresh).toBe(true)
  expect(player.stats).toMatchObject({ slicesLost: 0, slicesLate: 0, framesExpected: 0 })
})

test('after a reconnection to another server nothing learned of the old one counts, and the picture stays', () => {
  const link = new LossyLink()
  link.advance(1000)
  const { player } = link
  player.reconnected()
  player.onControlMessage(JSON.stringify({ ...baseTimeline, epoch: 2 }), localTime(link.now))
  expect(player.clockOffsetMs).toBeUndefined()
  expect(player.serverTime(localTime(link.now))).toBeUndefined()
  const shown = player.tick(localTime(link.now))
  expect(shown?.frame).toBeGreaterThan(15)
  expect(shown?.fresh).toBe(false)
})

test('after a change of connection to the same programme the clock goes on and every frame is shown once', () => {
  const epochs: boolean[] = []
  const shown: number[] = []
  const link = new LossyLink({
    player: {
      onTimeline: (_, newEpoch) => epochs.push(newEpoch),
      onPresented: (frame) => shown.push(frame),
    },
  })
  link.advance(1000)
  const { player } = link
  const offset = player.clockOffsetMs
  player.reconnected()
  link.control(baseTimeline)
  link.advance(1000)
  expect(player.clockOffsetMs).toBeCloseTo(offset!, 0)
  expect(epochs).toEqual([true, false])
  expect(shown).toEqual(shown.map((_, index) => shown[0]! + index))
  expect(player.stats.framesMissing).toBe(0)
})

test('ended stops nothing that was already on its way', () => {
  const ended: number[] = []
  const link = new LossyLink({ player: { onEnded: (epoch) => ended.push(epoch) } })
  link.advance(1000)
  link.stopSending()
  link.control({ type: 'ended', epoch: 1 })
  link.control({ type: 'ended', epoch: 9 })
  link.advance(1000)
  expect(ended).toEqual([1])
  expect(link.player.ended).toBe(true)
  expect(link.player.stats.framesMissing).toBe(0)
  expect(link.player.stats.framesExpected).toBeGreaterThanOrEqual(25)
})

test('a page asked for no digests asks for none, a checking one asks once per connection', () => {
  const sent: string[] = []
  const player = new Player({ verify: true, sendControl: (text) => sent.push(text) })
  player.onControlMessage(JSON.stringify(baseTimeline), localTime(0))
  player.onControlMessage(JSON.stringify({ ...baseTimeline, epoch: 2 }), localTime(5))
  player.reconnected()
  player.onControlMessage(JSON.stringify({ ...baseTimeline, epoch: 2 }), localTime(9))
  expect(sent.filter((text) => text.includes('verify'))).toHaveLength(2)
})

test('reports name the frame on the screen a few times a second', () => {
  const reports: { frame: number }[] = []
  const player = new Player({
    sendControl: (text) => {
      const message = JSON.parse(text)
      if (message.type === 'report') reports.push(message)
    },
  })
  player.onControlMessage(JSON.stringify(baseTimeline), localTime(0))
  for (let now = 0; now < 3000; now += 16) player.tick(localTime(now))
  expect(reports.length).toBeGreaterThanOrEqual(9)
  expect(reports.length).toBeLessThanOrEqual(11)
  expect(reports[0]).toMatchObject({ epoch: 1, frame: -1, late: 0, missing: 0 })
})

test('nothing the network brings makes it throw or grow', () => {
  const random = seededRandom(99)
  const player = new Player()
  const texts = [
    '',
    '{',
    'null',
    '[]',
    '{"type":"pong"}',
    '{"type":"timeline","cols":1e9}',
    `"${'x'.repeat(10_000)}"`,
  ]
  player.onControlMessage(JSON.stringify({ ...baseTimeline, epoch: 3 }), localTime(0))
  pong(player, 5)
  let now = 10
  for (let i = 0; i < 20_000; i++) {
    now += random() * 3
    const bytes = Uint8Array.from({ length: random() * 60 }, () => random() * 256)
    if (bytes.length > 6 && random() < 0.8) {
      bytes[4] = 0x10 + random() * 3
      if (random() < 0.7) bytes[6] = (3 << 4) | (random() * 8)
      if (random() < 0.5) bytes.set([0, 0, random() < 0.9 ? 0 : 3], 0)
    }
    player.onFrameMessage(bytes, localTime(now))
    if (i % 50 === 0) player.onControlMessage(texts[i % texts.length], localTime(now))
    if (i % 5 === 0) player.tick(localTime(now))
  }
  const { stats } = player
  expect(stats.slicesRefused).toBeGreaterThan(1000)
  expect(stats.framesExpected).toBeLessThan(now / 40 + 600)
})

test('a first message from far away does not keep the player waiting for ever', () => {
  const player = new Player()
  const options = { cols: 48, rows: 24, fps: 25, bytesPerSecond: 100_000 }
  const rgb = new Uint8Array(48 * 24 * 3).fill(120)
  player.onControlMessage(JSON.stringify(baseTimeline), localTime(0))
  // Before the clock is known nothing tells that this frame is absurd.
  for (const slice of new SliceEncoder(options).encode(rgb, 4_000_000_000, 1))
    player.onFrameMessage(slice, localTime(1))
  pong(player, 10)
  player.tick(localTime(20))
  const encoder = new SliceEncoder(options)
  for (let frame = 1; frame < 10; frame++) {
    for (const slice of encoder.encode(rgb, frame, 1)) player.onFrameMessage(slice, localTime(frame * 40))
  }
  expect(player.tick(localTime(500))?.frame).toBe(9)
})

/** Tells the player that the server's clock is its own. */
function pong(player: Player, now: number): void {
  player.tick(localTime(now - 1))
  player.onControlMessage(JSON.stringify({ type: 'pong', sent: now - 1, at: now - 0.5 }), localTime(now))
}
