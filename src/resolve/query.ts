// What a person has typed, told apart before anything is run or opened: an address, an ID, a search, the demo.

import { hostAllowed, isYouTubeHost } from './host-rules.ts'
import { MediaError } from './media-error.ts'

/** A query that may be acted on. A path in the library is told from a search by looking there, so it is not among these. */
export type Query =
  | { kind: 'demo' }
  | { kind: 'youtube'; id: string }
  | { kind: 'list'; url: string }
  | { kind: 'url'; url: string }
  | { kind: 'search'; text: string }

/** Longest query, in characters. The longest address worth pasting is about 1500. */
export const MAX_QUERY_CHARS = 2000

export const VIDEO_ID = /^[A-Za-z0-9_-]{11}$/
// Eleven letters are more likely a word ("documentary") than an ID; one ID in twenty thousand looks like that.
const PLAIN_WORD = /^[A-Za-z]?(?:[a-z]{10}|[A-Z]{10})$/

// Schemes that some tool on the way would open, were it ever handed the query itself.
const OTHER_SCHEME =
  /^(?:[a-z][a-z0-9+.-]*:\/\/|(?:file|data|javascript|blob|about|concat|pipe|fd|subfile|crypto|lavfi|yt(?:search|user|rec|fav|watchlater|subs)[a-z0-9]*):)/i

/** Trims and checks what every query must satisfy. Throws MediaError query-refused or query-too-long. */
export function cleanQuery(text: string): string {
  if (text.length > MAX_QUERY_CHARS) {
    throw new MediaError('query-too-long', `This is too long: ${MAX_QUERY_CHARS} characters are the most.`)
  }
  const query = text.trim()
  if (query === '')
    throw new MediaError('query-refused', 'Type an address, a video ID, a search or a file name.')
  if (/\p{Cc}/u.test(query)) {
    throw new MediaError('query-refused', 'This holds control characters; type it again by hand.')
  }
  if (query.startsWith('-')) {
    throw new MediaError(
      'query-refused',
      'A query cannot start with "-". For such a video ID, paste the full address.',
    )
  }
  return query
}

/** Reads a clean query. Throws MediaError query-refused or host-refused. */
export function readQuery(query: string, { allowHosts }: { allowHosts: readonly string[] }): Query {
  if (/^demo:$/i.test(query)) return { kind: 'demo' }
  if (/^https?:/i.test(query)) return readAddress(query, allowHosts)
  if (OTHER_SCHEME.test(query)) {
    throw new MediaError('query-refused', 'Only http and https addresses can be played.')
  }
  // An address pasted without its scheme.
  const [host] = query.split('/', 1)
  if (query.includes('/') && isYouTubeHost(host!)) return readAddress(`https://${query}`, allowHosts)
  if (VIDEO_ID.test(query) && !PLAIN_WORD.test(query)) return { kind: 'youtube', id: query }
  return { kind: 'search', text: query.replace(/\s+/g, ' ') }
}

function readAddress(text: string, allowHosts: readonly string[]): Query {
  let url: URL
  try {
    url = new URL(text)
  } catch {
    throw new MediaError('query-refused', 'This is not a complete address.')
  }
  if (url.username !== '' || url.password !== '') {
    throw new MediaError('query-refused', 'An address with a user name or password in it is not played.')
  }
  if (isYouTubeHost(url.hostname)) {
    const id = videoId(url)
    if (id !== undefined) return { kind: 'youtube', id }
    const list = readList(text)
    if (list !== undefined) return { kind: 'list', url: list }
    throw new MediaError(
      'query-refused',
      'This YouTube address names neither a video nor a list: open the video and paste its address.',
    )
  }
  if (!hostAllowed(url, allowHosts)) {
    throw new MediaError(
      'host-refused',
      `Addresses of ${url.host} are not allowed here: start the server with --allow-host ${url.hostname}`,
    )
  }
  url.hash = ''
  return { kind: 'url', url: url.href }
}

/** One spelling for each YouTube video, so that it is known again; everything else as it was typed. */
export function canonicalQuery(text: string): string {
  const query = text.trim()
  const url = URL.parse(/^https?:/i.test(query) ? query : `https://${query}`)
  const id = url !== null && isYouTubeHost(url.hostname) ? videoId(url) : undefined
  return id === undefined ? query : watchAddress(id)
}

/** The one address of a video. */
export const watchAddress = (id: string): string => `https://www.youtube.com/watch?v=${id}`

/**
 * The canonical address of the playlist or channel that an address names, be it beside a video (`watch?v=..&list=..`);
 * undefined for everything else.
 */
export function readList(query: string): string | undefined {
  const url = URL.parse(/^https?:/i.test(query) ? query : `https://${query}`)
  if (url === null || !isYouTubeHost(url.hostname)) return undefined
  const list = url.searchParams.get('list')
  if (list !== null && /^[\w-]{10,64}$/.test(list)) return `https://www.youtube.com/playlist?list=${list}`
  const channel = /^\/(@[\w.-]{3,40}|channel\/UC[\w-]{22})(?:\/|$)/.exec(url.pathname)?.[1]
  return channel === undefined ? undefined : `https://www.youtube.com/${channel}/videos`
}

/** The ID in any of YouTube's ways to write a video's address, or undefined. */
function videoId(url: URL): string | undefined {
  const [first, second] = url.pathname.split('/').filter((part) => part !== '')
  const id =
    url.hostname === 'youtu.be'
      ? first
      : first === 'watch'
        ? url.searchParams.get('v')
        : /^(?:shorts|live|embed|v|e)$/.test(first ?? '')
          ? second
          : undefined
  return VIDEO_ID.test(id ?? '') ? (id as string) : undefined
}
