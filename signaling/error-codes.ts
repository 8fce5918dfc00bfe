// Every code a person or a page can meet, in one place, because the page switches on them and docs/errors.md lists them.

/** Codes of JSON errors `{code, message}` on HTTP, of `refused` messages on signaling and of a session's error state. */
export const ERROR_CODES = [
  'bad-request',
  'unauthorized',
  'wrong-pin',
  'locked-out',
  'origin-refused',
  'not-found',
  'gone',
  'superseded',
  'unknown-preset',
  'too-many-viewers',
  'no-candidates',
  'peer-failed',
  'internal',
  'query-too-long',
  'query-refused',
  'host-refused',
  'file-not-found',
  'outside-media',
  'unreadable',
  'not-media',
  'no-results',
  'yt-dlp-missing',
  'yt-dlp-too-old',
  'yt-dlp-failed',
  'bot-check',
  'age-restricted',
  'private',
  'region-blocked',
  'unavailable',
  'live-not-started',
  'rate-limited',
  'network',
  'timeout',
  'ffmpeg-missing',
  'source-failed',
  'source-lost',
] as const

/** One of {@link ERROR_CODES}. */
export type ErrorCode = (typeof ERROR_CODES)[number]
