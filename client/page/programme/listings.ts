// Lists as the server sends them, read with care: what is no entry is left out, and no list is longer than a page can hold.

/** Something that can be played, as a card shows it. */
export type Entry = {
  /** Plays it. */
  query: string
  title: string
  /** Channel or folder; empty when there is none. */
  by: string
  /** Length in seconds. */
  seconds: number | undefined
  live: boolean
  views: number | undefined
  /** Where to go on; 0 for the start. */
  from: number
  /** Path of its picture on our server. */
  picture: string | undefined
}

export type QueueEntry = { id: number; query: string; title: string }
export type Track = { id: string; language: string; automatic: boolean }
export type Cue = { start: number; end: number; text: string }

const MAX_ENTRIES = 500
const MAX_CUES = 20_000
const MAX_CHARS = 2000

/** Entries under `name` of an answer: of a search, the history, the favourites or the library. */
export function readEntries(answer: unknown, name: 'videos' | 'history' | 'favourites' | 'files'): Entry[] {
  return list(answer, name, MAX_ENTRIES).flatMap((item) => {
    const query = text(item.query) ?? text(item.path)
    if (query === undefined || query === '' || item.playable === false) return []
    const slash = query.lastIndexOf('/')
    const folder = name === 'files' && slash > 0 ? query.slice(0, slash).replace(/^\.\//, '') : undefined
    const picture = text(item.thumbnail)
    return {
      query,
      title: text(item.title) || query,
      by: text(item.channel) ?? folder ?? '',
      seconds: amount(item.duration),
      live: item.live === true,
      views: amount(item.views),
      from: amount(item.position) ?? 0,
      // Never another host: the page talks to nobody else.
      picture: picture?.startsWith('/api/') ? picture : undefined,
    }
  })
}

export function readQueue(answer: unknown): QueueEntry[] {
  return list(answer, 'queue', MAX_ENTRIES).flatMap(({ id, query, title }) =>
    typeof id === 'number' && typeof query === 'string'
      ? [{ id, query: query.slice(0, MAX_CHARS), title: text(title) || query }]
      : [],
  )
}

export function readTracks(answer: unknown): Track[] {
  return list(answer, 'tracks', 100).flatMap(({ id, language, automatic }) =>
    typeof id === 'string' ? [{ id, language: text(language) ?? '', automatic: automatic === true }] : [],
  )
}

/** Cues by start time. */
export function readCues(answer: unknown): Cue[] {
  return list(answer, 'cues', MAX_CUES)
    .flatMap(({ start, end, text: words }) =>
      typeof start === 'number' && typeof end === 'number' && typeof words === 'string'
        ? [{ start, end, text: words.slice(0, MAX_CHARS) }]
        : [],
    )
    .sort((a, b) => a.start - b.start)
}

function list(answer: unknown, name: string, most: number): Record<string, unknown>[] {
  const found = isRecord(answer) ? answer[name] : undefined
  return Array.isArray(found) ? found.slice(0, most).filter(isRecord) : []
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value.slice(0, MAX_CHARS) : undefined
}

function amount(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
