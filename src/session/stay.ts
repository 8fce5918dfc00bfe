// Keeps a run company while one of its epochs is on the air, and says when to leave it and why.

import type { LocalTime } from '../../vendor/asciline/index.ts'
import type { SourceOutcome } from '../source/source.ts'
import { CommandError, describeFailure } from './failure.ts'
import type { Finder } from './finder.ts'
import type { Leg } from './leg.ts'

/** What made the loop leave a leg that was on the air. */
export type Leaving = { kind: 'moved' | 'ended' | 'renewed' } | { kind: 'lost'; error: unknown }

export type StayOptions = {
  leg: Leg
  finder: Finder
  paused: () => boolean
  /** A paused source that lies elsewhere is kept open this long. */
  pausePatienceMs: number
  /** Aborted when somebody has chosen another place. */
  signal: AbortSignal
  now: () => LocalTime
  warn: (text: string) => void
}

/** What has happened to the leg. */
type Seen = { outcome?: SourceOutcome; over: boolean; renewal: 'none' | 'asked' | 'there' }

const LOOK_MS = 250

/** Resolves when the leg is to be left; new addresses are then found already where that is why. */
export async function stay(options: StayOptions): Promise<Leaving> {
  const { leg, finder, paused, pausePatienceMs, signal, now } = options
  let wake = () => {}
  const seen: Seen = { over: false, renewal: 'none' }
  const note = (news: Partial<Seen>) => {
    Object.assign(seen, news)
    wake()
  }
  signal.addEventListener('abort', () => wake(), { once: true })
  void leg.source.ended.then((outcome) => note({ outcome }))
  void leg.broadcast.over.then(() => note({ over: true }))
  let pausedSince: LocalTime | undefined
  for (;;) {
    if (signal.aborted) return { kind: 'moved' }
    const kind = seen.outcome?.kind
    if (seen.over && kind === 'ended') return { kind: 'ended' }
    pausedSince = paused() ? (pausedSince ?? now()) : undefined
    if (!leg.parked && pausedSince !== undefined) {
      // A file waits as long as its viewers do; the server behind an address does not.
      const patience = finder.programme?.media.kind === 'file' ? Number.POSITIVE_INFINITY : pausePatienceMs
      if (kind === 'failed' || now() - pausedSince > patience) await leg.park()
    } else if (!leg.parked) {
      if (seen.outcome?.kind === 'failed') return { kind: 'lost', error: asError(seen.outcome) }
      if (seen.renewal === 'there') return { kind: 'renewed' }
      if (seen.renewal === 'none' && kind === undefined && finder.aged) {
        // Asked for while the old ones still play: finding them may take longer than the rings last.
        seen.renewal = 'asked'
        void renew(options).then((renewal) => note({ renewal }))
      }
    }
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, LOOK_MS)
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}

async function renew({ finder, signal, warn }: StayOptions): Promise<'there' | 'none'> {
  try {
    await finder.find({ fresh: true, signal })
    return 'there'
  } catch (error) {
    if (!signal.aborted) {
      finder.postpone()
      warn(`no new addresses: ${describeFailure(error).message}`)
    }
    return 'none'
  }
}

/** How a source ended, as the error it is. */
export function asError({ code, message }: SourceOutcome): CommandError {
  return new CommandError({ code: code ?? 'source-lost', message: message ?? 'The media stopped coming.' })
}
