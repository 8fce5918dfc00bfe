// What ffmpeg's complaints mean for the person in front of the screen.

import type { ErrorCode } from '../../signaling/error-codes.ts'

// In order: the first that matches anywhere in the tail decides. The texts are ffmpeg's own (5.1 to 8.0).
const CLASSES: readonly (readonly [RegExp, ErrorCode, string])[] = [
  [/No such file or directory/, 'file-not-found', 'This file is not there (any more).'],
  [/Permission denied|Is a directory/, 'unreadable', 'This file cannot be read: check its permissions.'],
  [
    /Protocol '[^']*' not on whitelist/,
    'host-refused',
    'The media refers to a kind of address that is not allowed here.',
  ],
  [
    /400 Bad Request|HTTP error 400/,
    'host-refused',
    'The media leads to an address on the local network that --allow-host does not name; or its server refused the request (400).',
  ],
  [
    /403 Forbidden|HTTP error 403/,
    'source-failed',
    'The server that holds the media refused it (403). Play it again: its address may have expired.',
  ],
  [
    /40[14] |HTTP error 4\d\d|410 Gone|Server returned 4/,
    'unavailable',
    'The server that should hold the media does not have it (any more).',
  ],
  [
    /HTTP error 5\d\d|Server returned 5/,
    'network',
    'The server that holds the media has trouble of its own. Try again in a minute.',
  ],
  [
    /Connection (refused|timed out|reset)|Failed to resolve|Name or service not known|Network is unreachable|Operation timed out|No route to host|Input\/output error|End of file/,
    'network',
    'The server that holds the media cannot be reached.',
  ],
  [
    /Invalid data found|moov atom not found|does not contain any stream|could not find codec parameters|matches no streams|Unknown format|unknown codec|Decoder \(codec [^)]*\) not found/,
    'not-media',
    'This is not a video or audio file, or it is damaged.',
  ],
]

/** The line of the tail that most likely names the cause. */
export function tellingLine(stderr: readonly string[]): string | undefined {
  return stderr.findLast((line) => !/frames left in the queue|Conversion failed!/.test(line))
}

/** What the tail of ffmpeg's stderr says went wrong; undefined when it says nothing known. */
export function classifyFfmpeg(stderr: readonly string[]): { code: ErrorCode; message: string } | undefined {
  const text = stderr.join('\n')
  const hit = CLASSES.find(([pattern]) => pattern.test(text))
  return hit === undefined ? undefined : { code: hit[1], message: hit[2] }
}
