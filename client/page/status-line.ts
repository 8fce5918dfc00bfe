// Says in plain words what is going on, from everything the page knows. Pure: the words are tested as a table.

import type { SessionStatus } from '../../signaling/messages.ts'
import type { Link } from './connection.ts'

export type Words = {
  /** Colour of the dot. */
  tone: 'calm' | 'busy' | 'playing' | 'live' | 'error'
  text: string
  /** What to do about it; empty when nothing needs doing. */
  advice: string
}

export type Situation = {
  link: Link
  status: SessionStatus | undefined
  /** Query of a play command that has not been answered yet. */
  asking: string | undefined
  /** The last command was refused with this. */
  refusal: string | undefined
  /** Something the viewer just did that only shows later. */
  notice: string | undefined
  /** A picture of the present programme has been shown. */
  picture: boolean
}

/** The frames take the way of the commands, where they can be held up. */
const DETOUR = ' · over WebSocket'
const SEARCH_HINT = 'Enter a YouTube address, a video ID or a search, or take the demo.'

/** The line at the top and the advice in the middle. */
export function describe({ link, status, asking, refusal, notice, picture }: Situation): Words {
  if (link.kind === 'locked') return { tone: 'calm', text: 'Locked', advice: '' }
  if (asking !== undefined) return { tone: 'busy', text: `Looking for ${quote(asking)} …`, advice: '' }
  if (refusal !== undefined) return { tone: 'error', text: refusal, advice: refusal }
  if (link.kind === 'lost')
    return { tone: 'busy', text: `${link.reason} Trying again …`, advice: link.reason }
  if (link.kind === 'connecting' || status === undefined)
    return { tone: 'busy', text: 'Connecting …', advice: '' }
  if (notice !== undefined)
    return { tone: status.state === 'playing' ? 'playing' : 'calm', text: notice, advice: notice }
  const title = status.title === '' ? 'Untitled' : status.title
  switch (status.state) {
    case 'idle':
      return { tone: 'calm', text: 'Ready', advice: SEARCH_HINT }
    case 'resolving':
      return {
        tone: 'busy',
        text: status.title === '' ? 'Looking for it …' : `Opening ${title} …`,
        advice: '',
      }
    case 'error': {
      const message = status.error?.message ?? 'It could not be played.'
      return { tone: 'error', text: message, advice: message }
    }
    case 'paused':
      return { tone: 'calm', text: `Paused · ${title}`, advice: '' }
    case 'playing':
      if (!picture) return { tone: 'busy', text: `Starting ${title} …`, advice: '' }
      return {
        tone: status.is_live ? 'live' : 'playing',
        text: (status.is_live ? `LIVE · ${title}` : title) + (link.way === 'websocket' ? DETOUR : ''),
        advice: '',
      }
  }
}

function quote(query: string): string {
  return `“${query.length > 60 ? `${query.slice(0, 57)}…` : query}”`
}
