// The commands of the session, its state and its sound.

import { z } from 'zod'
import { type PresetName, presetName, sessionStatus } from '../../signaling/messages.ts'
import { serveAudio } from '../audio/audio-stream.ts'
import type { Log } from '../log.ts'
import type { Programme } from '../programme/programme.ts'
import type { Session } from '../session/session.ts'
import { HttpError } from './http-error.ts'
import { type Route, route, who } from './route.ts'

const command = z.object({ who })
const seconds = z.number().min(-1e6).max(1e6)

export type SessionRoutesOptions = { session: Session; programme: Programme; log: Pick<Log, 'warn'> }

export function sessionRoutes({ session, programme, log }: SessionRoutesOptions): Route[] {
  const status = { answer: sessionStatus }
  return [
    route({
      method: 'POST',
      path: '/api/play',
      summary:
        'Play an address, a video ID, words to search for, a file of the library, or demo:. Answers before it is found. Without `from` it starts where it was left.',
      body: z.object({
        query: z.string().trim().min(1, 'must not be empty').max(20_000),
        preset: z.string().max(16).optional(),
        from: z.number().min(0).max(1e6).optional(),
        who,
      }),
      status: 202,
      errors: ['query-too-long', 'unknown-preset'],
      ...status,
      handle: ({ body }) => {
        const { query, from } = body
        if (query.length > 2000)
          throw new HttpError('query-too-long', 'A query has at most 2,000 characters.')
        return programme.play(query, { preset: preset(body.preset), from, who: body.who })
      },
    }),
    route({
      method: 'POST',
      path: '/api/stop',
      summary: 'End what plays.',
      body: command,
      ...status,
      handle: ({ body }) => programme.stop(body),
    }),
    route({
      method: 'POST',
      path: '/api/pause',
      summary: 'Stand still, for every viewer.',
      body: command,
      errors: ['nothing-playing'],
      ...status,
      handle: ({ body }) => session.pause(body),
    }),
    route({
      method: 'POST',
      path: '/api/resume',
      summary: 'Go on; after an error, try again at the same place. Answers when the picture moves.',
      body: command,
      errors: ['nothing-playing', 'superseded', 'source-lost'],
      ...status,
      handle: ({ body }) => programme.resume(body),
    }),
    route({
      method: 'POST',
      path: '/api/seek',
      summary:
        'Go to a second, by some seconds, or to the live edge; answers when the new place is on the air.',
      body: z.union([
        z.strictObject({ to: seconds.min(0), who }),
        z.strictObject({ by: seconds, who }),
        z.strictObject({ live: z.literal(true), who }),
      ]),
      errors: ['nothing-playing', 'not-seekable', 'superseded', 'source-lost'],
      ...status,
      handle: ({ body }) => session.seek(body, body),
    }),
    route({
      method: 'POST',
      path: '/api/preset',
      summary: 'The grid from now on; what plays goes on at the same place.',
      body: z.object({ preset: z.string().max(16), who }),
      errors: ['unknown-preset', 'superseded', 'source-lost'],
      ...status,
      handle: ({ body }) => session.changePreset(preset(body.preset) as PresetName, body),
    }),
    route({
      method: 'GET',
      path: '/api/status',
      summary: 'What every viewer sees.',
      ...status,
      handle: () => session.status(),
    }),
    route({
      method: 'GET',
      path: '/audio',
      summary: 'The sound of an epoch as ADTS, from one AAC frame on, for as long as it lasts.',
      query: z.object({
        epoch: z.coerce.number().int().nonnegative(),
        from: z.coerce.number().int().nonnegative(),
      }),
      errors: ['not-found', 'gone'],
      handle: ({ query, reply }) => {
        const ring = session.audio(query.epoch)
        if (ring === undefined) throw new HttpError('not-found', 'That programme is not on.')
        if (!serveAudio({ ring, from: query.from, response: reply.raw, log }))
          throw new HttpError('gone', `The sound before frame ${ring.first} is gone.`)
        // Not returned: a reply is a thenable that settles only when the last listener has left.
        reply.hijack()
      },
    }),
  ]
}

function preset(name: string | undefined): PresetName | undefined {
  const { success, data } = presetName.optional().safeParse(name)
  if (success) return data
  throw new HttpError(
    'unknown-preset',
    `There is no preset ${JSON.stringify(name)}; low, med, high and ultra exist.`,
  )
}
