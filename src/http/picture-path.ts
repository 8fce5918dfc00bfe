// Which picture on this server belongs to a query, as far as that can be told from the query alone.

import { stillPath } from '../programme/shelf.ts'
import { isMediaName } from '../resolve/library.ts'
import { canonicalQuery, VIDEO_ID } from '../resolve/query.ts'

/** `/api/thumbnail?id=` for a YouTube video, `/api/still?file=` for what is written like a local file, else null. */
export function picturePath(query: string): string | null {
  const watched = URL.parse(canonicalQuery(query))
  if (watched?.hostname === 'www.youtube.com') {
    const id = watched.searchParams.get('v') ?? ''
    return VIDEO_ID.test(id) ? `/api/thumbnail?id=${id}` : null
  }
  return watched === null && isMediaName(query) ? stillPath(query) : null
}
