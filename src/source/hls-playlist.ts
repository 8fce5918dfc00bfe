// A live HLS playlist as far as time is concerned: which segments there are, and how long each is. Pure.

/** `first` is the number of the first segment (its media sequence); `seconds` are the lengths, oldest first. */
export type HlsPlaylist = {
  first: number
  seconds: number[]
  /** The longest a segment may be. */
  target: number
  /** Nothing is ever taken away at its start. */
  growing: boolean
}

const MAX_SEGMENTS = 100_000

/** Undefined for what is no playlist of segments, and for one that has ended. */
export function parseHlsPlaylist(text: string): HlsPlaylist | undefined {
  if (!text.startsWith('#EXTM3U') || text.includes('#EXT-X-ENDLIST')) return undefined
  const target = Number(/^#EXT-X-TARGETDURATION:(\d+)/m.exec(text)?.[1] ?? Number.NaN)
  const first = Number(/^#EXT-X-MEDIA-SEQUENCE:(\d{1,15})/m.exec(text)?.[1] ?? 0)
  const seconds: number[] = []
  for (const [, length] of text.matchAll(/^#EXTINF:([\d.]+)/gm)) {
    if (seconds.length >= MAX_SEGMENTS) return undefined
    seconds.push(Number(length))
  }
  if (!(target > 0) || seconds.length === 0 || seconds.some((one) => !(one >= 0))) return undefined
  return { first, seconds, target, growing: /^#EXT-X-PLAYLIST-TYPE:EVENT/m.test(text) }
}

/** The address of the first variant of a master playlist at `url`; undefined when it is none. */
export function firstVariant(text: string, url: string): string | undefined {
  const uri = /^#EXT-X-STREAM-INF:.*\r?\n(?!#)(\S+)/m.exec(text)?.[1]
  return uri === undefined ? undefined : URL.parse(uri, url)?.href
}
