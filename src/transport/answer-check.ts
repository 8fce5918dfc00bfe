// Reads a viewer's answer before werift does: werift takes any text for an answer and then waits, and makes a transceiver
// of every media section it finds.

import { PeerRefusal } from '../../signaling/negotiation.ts'

/** What an answer to our offer must have, once. */
const DEMANDED: readonly RegExp[] = [
  /^m=application \d+ UDP\/DTLS\/SCTP webrtc-datachannel$/,
  /^a=ice-ufrag:[A-Za-z0-9+/]{4,256}$/,
  /^a=ice-pwd:[A-Za-z0-9+/]{22,256}$/,
  // Whose hello comes first: a browser's. As a DTLS client we would have to look at other proofs.
  /^a=setup:active$/,
  /^a=sctp-port:5000$/,
]
const FINGERPRINT = /^a=fingerprint:sha-(256|384|512) [0-9A-Fa-f:]{95,191}$/
const MAX_LINES = 200

/** Throws `bad-request` unless this is the answer of a browser to an offer of one data section. */
export function checkAnswer(sdp: string): void {
  const lines = sdp.split(/\r\n|\n/)
  const count = (pattern: RegExp) => lines.filter((line) => pattern.test(line)).length
  const sound =
    lines[0] === 'v=0' &&
    lines.length <= MAX_LINES &&
    count(/^m=/) === 1 &&
    DEMANDED.every((pattern) => count(pattern) === 1) &&
    count(FINGERPRINT) >= 1
  if (!sound) throw new PeerRefusal('bad-request', 'The answer cannot be read.')
}
