// What a person can do about an error: a sentence per code, for somebody who sits in front of the page and not of the server.

import type { ErrorCode } from '../../../signaling/error-codes.ts'

const ADVICE: Partial<Record<ErrorCode, string>> = {
  'query-refused': 'Type an address, a video ID, words to search for, or choose a file of the list.',
  'query-too-long': 'Shorten it: the address up to the video’s ID is enough.',
  'host-refused': 'Whoever runs the server can allow this host with --allow-host.',
  'file-not-found': 'The file has been moved or renamed. Choose it from the list again.',
  'outside-media': 'Only files below the server’s media folder can be played.',
  unreadable: 'The server may not read this file: its permissions have to be changed there.',
  'not-media': 'There is no picture and no sound in it. Choose something else.',
  'no-results': 'Try fewer or other words.',
  'yt-dlp-missing': 'Whoever runs the server has to install yt-dlp. Files and the demo play without it.',
  'yt-dlp-failed': 'Try again. If it keeps failing, yt-dlp on the server may need an update.',
  'age-restricted': 'It needs an account that has confirmed its age: start the server with --cookies.',
  private: 'Only invited accounts may see it. Choose something else.',
  'region-blocked': 'It is not shown in the country of the server. Choose something else.',
  unavailable: 'It was removed, or never existed. Check the address.',
  'live-not-started': 'The stream has not begun. Try again at its time.',
  'rate-limited': 'YouTube has had too many requests from the server. Wait a few minutes, then try again.',
  network: 'Check the connection, then try again.',
  timeout: 'The site was slow. Try again.',
  'ffmpeg-missing': 'Whoever runs the server has to install ffmpeg.',
  'source-failed': 'The file or stream is damaged, or of a kind the server cannot decode.',
  'source-lost': 'The source broke off. Go on tries again at the same place.',
  'not-seekable': 'This can only be watched from where it is.',
  'nothing-playing': 'Choose something to play first.',
  'queue-full': 'Take something out of the queue first.',
  'too-many-viewers': 'Every place is taken. Try again later.',
}

/** One sentence, empty where the message says it all. */
export function adviceFor(code: ErrorCode): string {
  return ADVICE[code] ?? ''
}
