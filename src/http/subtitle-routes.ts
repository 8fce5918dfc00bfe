// The subtitles of what plays, as cues in programme time for the page to draw.

import { z } from 'zod'
import { cue } from '../programme/cues.ts'
import { subtitleCues, subtitleTrack, subtitleTracks } from '../programme/subtitles.ts'
import type { Session } from '../session/session.ts'
import { HttpError } from './http-error.ts'
import { type Route, route } from './route.ts'

export function subtitleRoutes({ session }: { session: Session }): Route[] {
  const media = () => {
    const { current } = session
    if (current === undefined) throw new HttpError('nothing-playing', 'Nothing is on.')
    return current.programme.media
  }
  return [
    route({
      method: 'GET',
      path: '/api/subtitles',
      summary: 'The subtitles there are for what plays; `automatic` ones were written by a machine.',
      answer: z.object({ tracks: z.array(subtitleTrack) }),
      errors: ['nothing-playing'],
      handle: async () => ({ tracks: await subtitleTracks(media()) }),
    }),
    route({
      method: 'GET',
      path: '/api/subtitles/cues',
      summary: 'The cues of one track, by start time, in programme seconds.',
      query: z.object({ track: z.string().min(1).max(300) }),
      answer: z.object({ cues: z.array(cue) }),
      errors: ['nothing-playing', 'not-found', 'unreadable', 'network'],
      handle: async ({ query }) => ({ cues: await subtitleCues(media(), query.track) }),
    }),
  ]
}
