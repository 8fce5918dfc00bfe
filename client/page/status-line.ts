// Says in plain words what is going on, from everything the page knows. Pure: the words are tested as a table.

import type { ErrorCode } from '../../signaling/error-codes.ts'
import type { Pace, SessionStatus } from '../../signaling/messages.ts'
import type { Link } from './link.ts'

export type Words = {
  /** Colour of the dot. */
  tone: 'ready' | 'calm' | 'busy' | 'playing' | 'live' | 'error'
  text: string
}

export type Situation = {
  link: Link
  status: SessionStatus | undefined
  /** Query of a play command that has not been answered yet. */
  asking: string | undefined
  /** The last command was refused with this. */
  refusal: { code: ErrorCode; message: string } | undefined
  /** Something that has just happened, for a few seconds. */
  notice: string | undefined
  /** A picture of the present programme has been shown. */
  picture: boolean
  /** Frames are due and do not come. */
  stalled: boolean
  /** What this viewer is sent of the picture. */
  pace?: Pace
}

/** The frames take the way of the commands, where they can be held up. */
const DETOUR = ' · over WebSocket'

/** The link carries no more of it. */
const NARROW: Record<Pace, string> = {
  full: '',
  coarse: ' · coarser for a slow link',
  half: ' · coarser and half the frames for a slow link',
}

/** The line at the top. */
export function describe(situation: Situation): Words {
  const { link, status, asking, refusal, notice, picture, stalled, pace = 'full' } = situation
  if (link.kind === 'locked') return { tone: 'calm', text: 'Locked' }
  if (asking !== undefined) return { tone: 'busy', text: `Looking for ${quote(asking)} …` }
  if (refusal !== undefined) return { tone: 'error', text: refusal.message }
  if (link.kind === 'lost') return { tone: 'busy', text: `${link.reason} Trying again …` }
  if (link.kind === 'connecting' || status === undefined) return { tone: 'busy', text: 'Connecting …' }
  if (notice !== undefined) return { tone: status.state === 'playing' ? 'playing' : 'calm', text: notice }
  const title = status.title === '' ? 'Untitled' : status.title
  switch (status.state) {
    case 'idle':
      return { tone: 'ready', text: 'Ready' }
    case 'resolving':
      return { tone: 'busy', text: status.title === '' ? 'Looking for it …' : `Opening ${title} …` }
    case 'error':
      return { tone: 'error', text: status.error?.message ?? 'It could not be played.' }
    case 'paused':
      return { tone: 'calm', text: `Paused · ${title}` }
    case 'playing':
      if (status.trouble !== undefined) return { tone: 'busy', text: status.trouble.message }
      if (!picture) return { tone: 'busy', text: `Starting ${title} …` }
      if (stalled) return { tone: 'busy', text: `Buffering · ${title}` }
      return {
        tone: status.is_live ? 'live' : 'playing',
        text:
          (status.is_live ? `LIVE · ${title}` : title) +
          (link.way === 'websocket' ? DETOUR : '') +
          NARROW[pace],
      }
  }
}

function quote(query: string): string {
  return `“${query.length > 60 ? `${query.slice(0, 57)}…` : query}”`
}
