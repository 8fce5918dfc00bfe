// What stands in the middle of the page while there is no moving picture, and why. Pure: tested as a table.

import type { Situation } from '../status-line.ts'
import { adviceFor } from './advice.ts'

/** How far the way to a picture has been gone. */
export const STEPS = ['Finding it', 'Opening it', 'First picture'] as const

export type CurtainWords =
  | { kind: 'none' }
  /** Something is on its way; `step` is the one of {@link STEPS} that is under way. */
  | { kind: 'waiting'; title: string; detail: string; step: number | undefined }
  /** The programme is over and another follows by itself. */
  | { kind: 'upcoming'; title: string; inMs: number; why: string }
  | {
      kind: 'error'
      title: string
      message: string
      code: string
      advice: string
      startsAt: number | undefined
      again: boolean
    }

const SLOW_MS = 6000
const VERY_SLOW_MS = 15_000

/** `elapsedMs` is how long this kind of waiting has gone on. */
export function curtainWords(situation: Situation, elapsedMs: number): CurtainWords {
  const { link, status, asking, refusal, picture, stalled } = situation
  if (link.kind === 'locked') return { kind: 'none' }
  if (asking !== undefined) return waiting('Looking for it', asking, 0)
  if (link.kind === 'lost') return waiting('Reconnecting', link.reason)
  if (status === undefined) return waiting('Connecting', '')
  if (status.upcoming !== undefined)
    return {
      kind: 'upcoming',
      title: status.upcoming.title,
      inMs: status.upcoming.in_ms,
      why: status.error?.message ?? '',
    }
  switch (status.state) {
    case 'resolving':
      return waiting(status.title || 'Looking for it', slowWords(elapsedMs), status.title === '' ? 0 : 1)
    case 'error':
      return {
        kind: 'error',
        title: status.title || 'It did not play',
        message: status.error?.message ?? 'It could not be played.',
        code: status.error?.code ?? 'internal',
        advice: adviceFor(status.error?.code ?? 'internal'),
        startsAt: status.error?.starts_at,
        again: true,
      }
    case 'playing':
      if (status.trouble !== undefined) return waiting('The source was lost', status.trouble.message)
      if (link.kind === 'connecting') return waiting('Connecting', status.title)
      if (!picture) return waiting(status.title, slowWords(elapsedMs), 2)
      return stalled ? waiting('Buffering', '') : { kind: 'none' }
    case 'paused':
      return { kind: 'none' }
    case 'idle':
      return refusal === undefined
        ? { kind: 'none' }
        : {
            kind: 'error',
            title: 'That did not work',
            message: refusal.message,
            code: refusal.code,
            advice: adviceFor(refusal.code),
            startsAt: undefined,
            again: false,
          }
  }
}

function waiting(title: string, detail: string, step?: number): CurtainWords {
  return { kind: 'waiting', title, detail, step }
}

function slowWords(elapsedMs: number): string {
  if (elapsedMs > VERY_SLOW_MS) return 'This takes longer than usual. It goes on trying.'
  return elapsedMs > SLOW_MS ? 'Some sites take ten seconds to answer.' : ''
}
