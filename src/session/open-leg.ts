// Opens a source at one place of a programme and puts it on the air behind what is there.

import type { PresetName } from '../../signaling/messages.ts'
import { PRESETS } from '../encode/preset.ts'
import type { Log } from '../log.ts'
import { pictureCells } from '../source/ffmpeg-arguments.ts'
import { openSource } from '../source/source.ts'
import type { Programme } from './finder.ts'
import { Leg, type LegOptions } from './leg.ts'
import { asError } from './stay.ts'

export type OpenLegOptions = Programme &
  Omit<LegOptions, 'source' | 'picture' | 'epoch' | 'paused' | 'local'> & {
    preset: PresetName
    ffmpeg: string
    watchdogSeconds?: number
    /** The segment of a live list that begins at `from`. */
    liveStart?: number | undefined
    /** What is on the air; it is shown to its end first, and taken off then. */
    before: Leg | undefined
    /** Asked when the picture is there, because it may have changed since. */
    paused: () => boolean
    nextEpoch: () => number
    signal: AbortSignal
    log: Pick<Log, 'warn'>
  }

/** Resolves with its first frame decoded. Throws what the source failed with, or the signal's reason; nothing is left then. */
export async function openLeg(options: OpenLegOptions): Promise<Leg> {
  const { media, info, before, paused, nextEpoch, signal, preset } = options
  const source = await openSource({ ...options, preset: PRESETS[preset] })
  try {
    await source.started
    signal.throwIfAborted()
    if (source.frames.newest < 0) throw asError(await source.ended)
    if (before !== undefined) {
      await Promise.race([before.broadcast.over, aborted(signal)])
      signal.throwIfAborted()
      before.broadcast.close()
    }
    const local = media.kind === 'file' || media.kind === 'demo'
    const picture = pictureCells({ media, info, preset: PRESETS[preset] })
    return new Leg({ ...options, source, picture, local, epoch: nextEpoch(), paused: paused() })
  } catch (error) {
    await source.close()
    throw error
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
