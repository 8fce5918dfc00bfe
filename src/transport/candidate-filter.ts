// Decides which of a viewer's candidates the server sends STUN checks to. The list is the viewer's word: without a filter
// it could make the server knock at any address and port of its choice, inside the house too.
// Nothing is lost by being strict: a viewer that can reach the server is learnt from its own checks.

import { addressKind } from './address-kind.ts'

/** More candidates than any browser has interfaces. */
const MAX_CANDIDATES = 16

/** Whether candidates of a private network are knocked at: `auto` when the viewer itself came from one. */
export type LanMode = 'auto' | 'on' | 'off'

/** True when the server may send checks to this candidate of a viewer whose signaling came from `viewer`. */
export function isCandidateAllowed(line: string, viewer: string, lan: LanMode = 'auto'): boolean {
  const match = /^(?:a=)?candidate:\S{1,64} \d+ (udp|tcp) \d+ (\S+) (\d{1,5}) typ (host|srflx|relay)/i.exec(
    line,
  )
  if (match === null) return false
  const [, transport, host, port] = match
  // `.local` names: resolving one can take 6 s, and none is ever needed.
  if (transport!.toLowerCase() !== 'udp' || Number(port) === 0 || Number(port) > 65_535) return false
  switch (addressKind(host!)) {
    case 'public':
      return true
    case 'private':
      // By itself only where the viewer is: on this network. Behind a proxy of ours everybody seems to be.
      return lan === 'on' || (lan === 'auto' && addressKind(viewer) !== 'public')
    case 'loopback':
      return addressKind(viewer) === 'loopback'
    default:
      return false
  }
}

/**
 * Leaves only allowed candidates in an answer, and takes out the end-of-candidates line: with it, and no candidate left,
 * werift fails at once instead of waiting for the viewer's own checks.
 */
export function filterAnswer(sdp: string, viewer: string, lan: LanMode = 'auto'): string {
  let left = MAX_CANDIDATES
  return sdp
    .split(/\r\n|\n/)
    .filter((line) => {
      if (line.startsWith('a=end-of-candidates')) return false
      if (!line.startsWith('a=candidate:')) return true
      return isCandidateAllowed(line, viewer, lan) && left-- > 0
    })
    .join('\r\n')
}
