import { expect, test } from 'vitest'
import { AdtsRing } from '../../../src/audio/adts-ring.ts'
import { SilenceKeeper, silentFrame } from '../../../src/audio/silence.ts'
import { decodeAdts } from '../source/gather.ts'

test('a silent frame decodes to 1024 samples of nothing, without a complaint', async () => {
  const frames = Array.from({ length: 20 }, silentFrame)
  expect(frames[0]!.length).toBe(341)
  const samples = await decodeAdts(Buffer.concat(frames))
  expect(samples).toHaveLength(20 * 1024)
  expect(samples.every((value) => value === 0)).toBe(true)
})

test('sound is kept exactly as long as the picture, one frame of priming more', () => {
  const ring = new AdtsRing()
  const keeper = new SilenceKeeper({ ring })
  keeper.fillTo(0)
  expect(ring.next).toBe(1)
  keeper.fillTo(1024 / 48_000)
  keeper.fillTo(1024 / 48_000)
  expect(ring.next).toBe(2)
  for (let frame = 0; frame <= 240; frame++) keeper.fillTo(frame / 24)
  expect(ring.next).toBe(Math.ceil((10 * 48_000) / 1024) + 1)
})
