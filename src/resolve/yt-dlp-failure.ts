// What yt-dlp's complaints mean for the person in front of the screen: a code, and what they can do about it.

import type { ErrorCode } from '../../signaling/error-codes.ts'

/** `startsInMs`: from now to the beginning of what has not begun. */
export type Failure = { code: ErrorCode; message: string; startsInMs?: number }

type Class = {
  pattern: RegExp
  code: ErrorCode
  message: string
  /** An outgrown yt-dlp says the same of videos that play, so it is believed of a current one only. */
  doubtful?: true
}

// In order, the first that matches an ERROR line decides: "Sign in to confirm your age" must not look like a bot check,
// a private video's "Sign in if you've been granted access" must look like neither.
const CLASSES: readonly Class[] = [
  {
    pattern: /confirm (?:that )?you(?:'|’)?re not a bot/i,
    code: 'bot-check',
    message:
      'YouTube takes this server for a robot, as it does with addresses of data centres. Start the server with --cookies FILE (the cookies of a signed-in browser, of an account you can spare), or try another connection.',
  },
  {
    pattern: /confirm your age|age[- ]restricted|inappropriate for some users/i,
    code: 'age-restricted',
    message: 'YouTube shows this video to signed-in adults only; --cookies FILE signs the server in.',
  },
  {
    pattern: /private video|video is private|members[- ]only|join this channel to get access/i,
    code: 'private',
    message: 'This video is private or for members only.',
  },
  {
    pattern:
      /not (?:made this video )?available in your country|blocked it|geo[- ]?restrict|from your location/i,
    code: 'region-blocked',
    message: "This video is blocked in the server's country.",
  },
  {
    pattern: /live event will begin|live event has not started|premieres? (?:will begin|in )/i,
    code: 'live-not-started',
    message: 'This has not started yet.',
  },
  {
    pattern: /HTTP Error 429|Too Many Requests|rate[- ]limited/i,
    code: 'rate-limited',
    message: 'The site has had too many requests from this server. Wait some minutes, then try again.',
  },
  {
    pattern: /no suitable extractor|Unsupported URL/i,
    code: 'not-media',
    message: 'There is no video or sound at this address.',
  },
  {
    pattern: /been removed|no longer available|been terminated|HTTP Error 4(?:04|10)/i,
    code: 'unavailable',
    message: 'This video does not exist any more.',
  },
  {
    pattern: /Video unavailable|is(?: not|n't) available|Incomplete YouTube ID/i,
    code: 'unavailable',
    message: 'This video is not available.',
    doubtful: true,
  },
  {
    pattern: /HTTP Error 4\d\d/i,
    code: 'unavailable',
    message: 'The site refuses to hand this out.',
    doubtful: true,
  },
  {
    pattern:
      /urlopen error|Name or service not known|name resolution|Failed to resolve|Connection (?:refused|reset|aborted|timed out)|timed out|Network is unreachable|No route to host|SSL|RemoteDisconnected|IncompleteRead|HTTP Error 5\d\d/i,
    code: 'network',
    message: 'The server could not reach the site. Check its connection to the internet.',
  },
]

/** `outdated` is the version's advice when it is too old for today's YouTube. Lines are stderr's, oldest first. */
export function classifyYtDlp({
  stderr,
  exitCode,
  signal,
  outdated,
  guarded = false,
}: {
  stderr: readonly string[]
  exitCode: number | null
  /** What killed it. */
  signal?: NodeJS.Signals | null
  outdated?: string | undefined
  /** It went through our proxy, which refuses with 400. */
  guarded?: boolean
}): Failure {
  const errors = stderr.filter((line) => line.startsWith('ERROR:'))
  const text = errors.join('\n')
  if (guarded && /HTTP Error 400|Tunnel connection failed: 400/i.test(text)) return LED_ASTRAY
  // "Requested format is not available" is about a format: it means that yt-dlp got no playable ones, not no video.
  const hit = /Requested format is not available/i.test(text)
    ? undefined
    : CLASSES.find(({ pattern }) => pattern.test(text))
  if (outdated !== undefined && hit?.doubtful !== undefined)
    return { code: 'yt-dlp-too-old', message: outdated }
  if (hit !== undefined) {
    if (hit.code !== 'live-not-started') return { code: hit.code, message: hit.message }
    return { code: hit.code, message: hit.message + whenItStarts(text), ...startsIn(text) }
  }
  if (outdated !== undefined) return { code: 'yt-dlp-too-old', message: outdated }
  const said = errors.at(-1) ?? stderr.at(-1) ?? `it ended with ${signal ?? exitCode}`
  return {
    code: 'yt-dlp-failed',
    message: `yt-dlp could not open this; updating it may help. It said: ${brief(said)}`,
  }
}

const LED_ASTRAY: Failure = {
  code: 'host-refused',
  message: 'This leads to an address on the local network that --allow-host does not name.',
}

/** "in 3 hours", when yt-dlp names it. */
function whenItStarts(text: string): string {
  const [, when] = /(?:begin|premieres?) (in [^.\n]{1,40}|shortly|in a few moments)/i.exec(text) ?? []
  return when === undefined ? '' : ` It begins ${when.trim()}.`
}

const UNIT_MS: Record<string, number> = { second: 1000, minute: 60_000, hour: 3_600_000, day: 86_400_000 }

/** The same as a number; YouTube names whole units only, so it is good to one of them. */
function startsIn(text: string): { startsInMs?: number } {
  const [, count, unit = ''] =
    /(?:begin|premieres?) in (\d{1,4}) (second|minute|hour|day)s?\b/i.exec(text) ?? []
  return count === undefined ? {} : { startsInMs: Number(count) * (UNIT_MS[unit.toLowerCase()] as number) }
}

/** Without the advice for people with a terminal, and short enough for a status line. */
function brief(text: string): string {
  const plain = text
    .replace(/^ERROR:\s*/, '')
    .replace(/;? ?please report this issue on.*$/i, '')
    .trim()
  return plain.length > 200 ? `${plain.slice(0, 199)}…` : plain
}
