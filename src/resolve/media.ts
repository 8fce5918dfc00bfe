// What a query has become: everything the source needs to open it, and nothing about how it was found.

/** One thing ffmpeg reads: a URL or path after `-i`, with the options that must stand before it. */
export type MediaInput = {
  url: string
  /** HTTP request headers the origin expects (yt-dlp names them per format). */
  headers?: Record<string, string>
  /** Input format forced with `-f`, e.g. `lavfi`. */
  format?: string
}

/** A playable programme. One input carries both streams, or the second carries the sound. */
export type Media = {
  kind: 'youtube' | 'url' | 'file' | 'demo'
  title: string
  /** Finds this very programme again, where what was typed may find another: words, a list, one of many spellings. */
  query?: string
  /** What comes behind it in the list whose address was given. */
  rest?: readonly { query: string; title: string }[]
  live: boolean
  /** Seconds, when the resolver knows. */
  duration?: number
  /** When the addresses stop working, in milliseconds since 1970; absent when they do not. */
  expiresAt?: number
  /** WebVTT that the site offers; the addresses have not been checked. */
  subtitles?: { language: string; automatic: boolean; url: string }[]
  /** The proxy that ffmpeg has to go through; without one it goes where it is led. */
  proxy?: string
  video: MediaInput
  audio?: MediaInput
}
