import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PRESETS } from '../../../src/encode/preset.ts'
import { ClipFolder, flashAndBeep } from './clips.ts'
import { decodeAdts, fileMedia, gather, onsets, risings } from './gather.ts'

// DESIGN section 3: frame k of the ADTS decodes to the sound of frame k - 1.
const PRIMING = 1024

let clips: ClipFolder
beforeAll(async () => {
  clips = await ClipFolder.open()
})
afterAll(() => clips.close())

describe.each([24, 25, 30, 60])('a source of %i fps', (sourceFps) => {
  let clip: string
  beforeAll(async () => {
    clip = await clips.make(`flash-${sourceFps}.mp4`, flashAndBeep({ fps: sourceFps, seconds: 3.5 }))
  })

  test.each(Object.values(PRESETS))(
    'flashes at the exact frame and beeps at the exact sample at $name',
    async (preset) => {
      const { frames, adts, outcome } = await gather(fileMedia(clip), { preset })
      expect(outcome.kind).toBe('ended')
      const { cols, rows, fps } = preset
      expect(risings(frames, { cols }, cols / 2, rows / 2)).toEqual([fps, 2 * fps, 3 * fps])
      const beeps = onsets(await decodeAdts(adts)).map((sample) => sample - PRIMING)
      expect(beeps).toHaveLength(3)
      for (const [index, sample] of beeps.entries()) {
        // A sine needs some samples to become loud, and AAC blurs by a few: 2 ms.
        expect(Math.abs(sample - (index + 1) * 48_000)).toBeLessThan(96)
      }
      expect(Math.abs(frames.length / fps - 3.5)).toBeLessThanOrEqual(1 / fps)
    },
  )
})

// Containers without an edit list begin at the encoder's priming, 21 ms before the first sample; then the zero of both
// streams lies there, and a flash falls on the nearest frame of the grid: half a frame off at most.
const HALF_FRAME = 0.5 / PRESETS.low.fps + 0.002

test('a transport stream whose clock starts elsewhere keeps picture and sound together', async () => {
  const clip = await clips.make('flash.ts', [
    ...flashAndBeep({ fps: 25, seconds: 2.5 }),
    '-output_ts_offset',
    '37',
  ])
  const { frames, adts } = await gather(fileMedia(clip))
  const flashes = risings(frames, PRESETS.low, 60, 25).map((frame) => frame / PRESETS.low.fps)
  const beeps = onsets(await decodeAdts(adts)).map((sample) => (sample - PRIMING) / 48_000)
  expect(flashes).toHaveLength(2)
  for (const [index, flash] of flashes.entries())
    expect(Math.abs(flash - beeps[index]!)).toBeLessThan(HALF_FRAME)
})

test('opening in the middle shifts picture and sound by the same amount', async () => {
  const clip = await clips.make('flash-long.mp4', flashAndBeep({ fps: 30, seconds: 4 }))
  const { frames, adts } = await gather(fileMedia(clip), { from: 1.5 })
  expect(risings(frames, PRESETS.low, 60, 25)).toEqual([12, 36])
  const [first] = onsets(await decodeAdts(adts))
  expect(Math.abs(first! - PRIMING - 24_000)).toBeLessThan(96)
})

test('picture and sound from two addresses start together', async () => {
  const both = await clips.make('flash-both.mp4', flashAndBeep({ fps: 30, seconds: 2.5 }))
  const video = await clips.make('flash-video.mp4', ['-i', both, '-map', '0:v', '-c', 'copy'])
  const audio = await clips.make('flash-audio.m4a', ['-i', both, '-map', '0:a', '-c', 'copy'])
  const { frames, adts, info } = await gather({ ...fileMedia(video), audio: { url: audio } })
  expect(info).toMatchObject({ hasVideo: true, hasAudio: true })
  expect(risings(frames, PRESETS.low, 60, 25)).toEqual([24, 48])
  const [first] = onsets(await decodeAdts(adts))
  expect(Math.abs(first! - PRIMING - 48_000)).toBeLessThan(96)
})

test('a picture that starts after the sound is shown from its own time on', async () => {
  const both = await clips.make('flash-late-base.mp4', flashAndBeep({ fps: 30, seconds: 2.5 }))
  const clip = await clips.make('flash-late.mkv', [
    ...['-itsoffset', '0.5', '-i', both, '-i', both, '-map', '0:v', '-map', '1:a', '-c', 'copy'],
  ])
  const { frames, adts } = await gather(fileMedia(clip))
  const [flash] = risings(frames, PRESETS.low, 60, 25).map((frame) => frame / PRESETS.low.fps)
  const [beep] = onsets(await decodeAdts(adts)).map((sample) => (sample - PRIMING) / 48_000)
  expect(Math.abs(flash! - beep! - 0.5)).toBeLessThan(HALF_FRAME)
})
