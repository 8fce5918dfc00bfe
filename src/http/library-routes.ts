// What can be played: the local files, what the site's search finds, and the pictures of both lists.

import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import { SliceEncoder } from '../../vendor/asciline/index.ts'
import { type Shelf, shelfEntry } from '../programme/shelf.ts'
import type { Resolver } from '../resolve/resolver.ts'
import { foundVideo } from '../resolve/search-report.ts'
import type { Still } from '../source/still.ts'
import { type Route, route } from './route.ts'
import type { Thumbnails } from './thumbnails.ts'

export type LibraryRoutesOptions = { resolver: Resolver; thumbnails: Thumbnails; shelf: Shelf }

/** How long a page's proxy and browser may keep a picture, in seconds. */
const THUMBNAIL_AGE_S = 24 * 3600
/** A file that changes keeps its address. */
const STILL_AGE_S = 300
const STILL_STEP = 8

export function libraryRoutes({ resolver, thumbnails, shelf }: LibraryRoutesOptions): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/library',
      summary:
        'The files below --media, with what is known about them; the path of each is a query that plays it. `reading` of them are still being looked into.',
      answer: z.object({ files: z.array(shelfEntry), reading: z.int().nonnegative() }),
      handle: () => shelf.list(),
    }),
    route({
      method: 'GET',
      path: '/api/still',
      summary:
        'A small picture of a file of the library, at about a second of it: slices of all its blocks, in base64.',
      query: z.object({
        file: z.string().min(1).max(2000),
        at: z.coerce.number().min(0).max(1e6).optional(),
      }),
      answer: z.object({ cols: z.int(), rows: z.int(), slices: z.array(z.base64()) }),
      errors: ['not-found', 'file-not-found', 'outside-media', 'not-media', 'rate-limited', 'timeout'],
      handle: async ({ query: { file, at }, reply }) => {
        const still = await shelf.still({ query: file, at, signal: whileWaitedFor(reply) })
        reply.header('cache-control', `private, max-age=${STILL_AGE_S}`)
        const { cols, rows } = still
        return { cols, rows, slices: stillSlices(still) }
      },
    }),
    route({
      method: 'GET',
      path: '/api/search',
      summary:
        'Videos that words find, or a page of a playlist or channel whose address is given. `from` is the first entry wanted, from 1.',
      query: z.object({
        q: z.string().trim().min(1).max(2000),
        n: z.coerce.number().int().min(1).max(50).default(12),
        from: z.coerce.number().int().min(1).max(5000).default(1),
      }),
      answer: z.object({ videos: z.array(foundVideo) }),
      errors: ['query-refused', 'yt-dlp-missing', 'yt-dlp-failed', 'network', 'rate-limited', 'timeout'],
      handle: async ({ query: { q, n, from }, reply }) => {
        return { videos: await resolver.search(q, { count: n, from, signal: whileWaitedFor(reply) }) }
      },
    }),
    route({
      method: 'GET',
      path: '/api/thumbnail',
      summary: 'The picture of a video (image/jpeg, 320x180).',
      query: z.object({ id: z.string().regex(/^[\w-]{11}$/) }),
      errors: ['not-found', 'network', 'timeout'],
      handle: async ({ query, reply }) => {
        const { type, bytes } = await thumbnails.get(query.id)
        return reply.header('cache-control', `private, max-age=${THUMBNAIL_AGE_S}`).type(type).send(bytes)
      },
    }),
  ]
}

/** Coded at each answer, because the coding may change with a version while the picture is kept. */
function stillSlices({ cols, rows, rgb }: Still): string[] {
  const encoder = new SliceEncoder({ cols, rows, fps: 1, bytesPerSecond: 1e6, steps: [STILL_STEP] })
  return encoder.encode(rgb, 0, 0).map((slice) => Buffer.from(slice).toString('base64'))
}

/** Aborted when whoever asked has gone, e.g. typed or pointed on. */
function whileWaitedFor(reply: FastifyReply): AbortSignal {
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  return gone.signal
}
