// What can be played: the local files, what the site's search finds, and the pictures of both lists.

import { z } from 'zod'
import type { Resolver } from '../resolve/resolver.ts'
import { foundVideo } from '../resolve/search-report.ts'
import { type Route, route } from './route.ts'
import type { Thumbnails } from './thumbnails.ts'

export type LibraryRoutesOptions = { resolver: Resolver; thumbnails: Thumbnails }

/** How long a page's proxy and browser may keep a picture, in seconds. */
const THUMBNAIL_AGE_S = 24 * 3600

export function libraryRoutes({ resolver, thumbnails }: LibraryRoutesOptions): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/library',
      summary: 'The files below --media; the path of each is a query that plays it.',
      answer: z.object({ files: z.array(z.object({ path: z.string(), title: z.string() })) }),
      handle: async () => ({ files: await resolver.library() }),
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
        // Whoever has typed on does not wait for it any more.
        const gone = new AbortController()
        reply.raw.once('close', () => gone.abort())
        return { videos: await resolver.search(q, { count: n, from, signal: gone.signal }) }
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
