// What the player does about a frame that is due and has not come whole: the one after it may stand in for what is missing.

import { expect, test } from 'vitest'
import { Player } from '../../../client/playback/index.ts'
import { digestPicture, localTime, SliceDecoder, SliceEncoder } from '../../../vendor/asciline/index.ts'
import { filmlike, LOW, seededRandom } from '../../vendor/moving-pictures.ts'
import { baseTimeline } from './lossy-link.ts'

const FPS = 25
const timeline = { ...baseTimeline, cols: LOW.cols, rows: LOW.rows, fps: FPS }
const shownAt = (frame: number) => localTime((frame * 1000) / FPS + timeline.playoutDelayMs + 1)

/** A player on the server's own clock, which has been told so. */
function startedPlayer(): Player {
  const player = new Player()
  player.onControlMessage(JSON.stringify(timeline), localTime(0))
  player.tick(localTime(0))
  player.onControlMessage(JSON.stringify({ type: 'pong', sent: 0, at: 0.5 }), localTime(1))
  return player
}

/** A disc that crosses a landscape and rests every second frame, as slices. */
function encoded(frames: number): Uint8Array[][] {
  const encoder = new SliceEncoder({ ...LOW, fps: FPS, bytesPerSecond: 1e6 })
  const programme = filmlike(LOW)
  return Array.from({ length: frames }, (_, frame) =>
    encoder.encode(programme(Math.floor(frame / 2)), frame, timeline.epoch),
  )
}

test('a frame that lacks slices shows exactly what the decoder makes of the mends in the frame after it', () => {
  const player = startedPlayer()
  const random = seededRandom(11)
  const [wanted, unmended] = [new SliceDecoder(LOW), new SliceDecoder(LOW)]
  wanted.epoch(timeline.epoch)
  unmended.epoch(timeline.epoch)
  const frames = encoded(160)
  const arrived = frames.map((messages) => messages.filter(() => random() < 0.7))
  let mendedFrames = 0
  arrived[0] = frames[0]
  for (const messages of arrived)
    for (const message of messages) player.onFrameMessage(message.slice(), localTime(2))
  for (const [frame, messages] of arrived.slice(0, -1).entries()) {
    for (const message of messages) wanted.decode(message)
    if (messages.length < frames[frame].length) for (const message of arrived[frame + 1]) wanted.mend(message)
    for (const message of messages) unmended.decode(message)
    const shown = player.tick(shownAt(frame))
    expect(shown?.frame).toBe(frame)
    expect(digestPicture(shown!.picture!)).toBe(digestPicture(wanted.picture))
    if (digestPicture(wanted.picture) !== digestPicture(unmended.picture)) mendedFrames += 1
  }
  expect(mendedFrames).toBeGreaterThan(10)
})

test('a frame that is whole is left as it is, whatever the next one holds', () => {
  const player = startedPlayer()
  const wanted = new SliceDecoder(LOW)
  wanted.epoch(timeline.epoch)
  for (const messages of encoded(20))
    for (const message of messages) player.onFrameMessage(message, localTime(2))
  for (const [frame, messages] of encoded(20).entries()) {
    for (const message of messages) wanted.decode(message)
    expect(digestPicture(player.tick(shownAt(frame))!.picture!)).toBe(digestPicture(wanted.picture))
  }
})

test('a painter elsewhere is handed the mends between the frame they mend and their own', () => {
  const calls: string[] = []
  const player = new Player({
    painter: {
      begin: () => {},
      paint: (message) => calls.push(`paint ${message[3]}`) > 0,
      mend: (message) => void calls.push(`mend ${message[3]}`),
    },
  })
  player.onControlMessage(JSON.stringify(timeline), localTime(0))
  player.tick(localTime(0))
  player.onControlMessage(JSON.stringify({ type: 'pong', sent: 0, at: 0.5 }), localTime(1))
  const frames = encoded(3)
  for (const message of [...frames[0], ...frames[2]]) player.onFrameMessage(message, localTime(2))
  for (const frame of [0, 1, 2]) player.tick(shownAt(frame))
  const times = (call: string, count: number) => Array.from({ length: count }, () => call)
  expect(calls).toEqual([
    ...times('paint 0', frames[0].length),
    ...times('mend 2', frames[2].length),
    ...times('paint 2', frames[2].length),
  ])
})
