// What can be played: the local files, and what the site's search finds.

import { z } from 'zod'
import type { Resolver } from '../resolve/resolver.ts'
import { type Route, route } from './route.ts'

export type LibraryRoutesOptions = { resolver: Resolver }

export function libraryRoutes({ resolver }: LibraryRoutesOptions): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/library',
      summary: 'The files below --media; the path of each is a query that plays it.',
      answer: z.object({ files: z.array(z.object({ path: z.string(), title: z.string() })) }),
      handle: async () => ({ files: await resolver.library() }),
    }),
  ]
}
