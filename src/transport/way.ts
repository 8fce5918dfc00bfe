// What a viewer needs of whatever carries its frames: a WebRTC peer or the signaling socket. The gate, the counters and the
// liveness before it are the same for both.

import type { LocalTime } from '../../vendor/asciline/index.ts'
import type { TriedPair } from './connection-trace.ts'

/** Names of the ways, best first. */
export type WayName = 'webrtc' | 'websocket'

/** How the path stands; all bytes are payload. */
export interface Path {
  /** Sent or queued, and not acknowledged. */
  readonly unackedBytes: number
  /** True while an acknowledgement is due without which nothing more leaves. */
  readonly awaitsAck: boolean
  /** Smoothed; undefined before the first acknowledgement. */
  readonly roundTripMs: number | undefined
  /** The quickest of the last seconds: what it takes when nothing waits in a queue. */
  readonly bestRoundTripMs: number | undefined
  /** Packets; both 0 where nothing gets lost. */
  readonly counters: { readonly sent: number; readonly lost: number }
  /** Of the unacknowledged bytes those that stand in a queue, rather than being under way on a long path. */
  standingBytes(now: LocalTime): number
  /** Nothing is under way: what is sent next shows how long the path takes, and how long it took before counts no more. */
  renewBest(): void
}

export interface Way {
  readonly open: boolean
  readonly path: Path
  /** Sends the slices of one frame. False when the backlog is full. */
  sendFrames(slices: readonly Uint8Array[]): boolean
  /** Sends a text, in order and for certain. False when the backlog is full. */
  sendControl(text: string): boolean
  /** May be called twice. */
  close(): void
}

/** What came in and was not let through, by reason: datagrams, and packets of SCTP inside the session. */
export type RefusedPackets = {
  /** STUN requests that know no password of ours. */
  stun: number
  /** From where ICE has not spoken to. */
  stranger: number
  plaintext: number
  alert: number
  other: number
  sctp: number
}

/** A way that both ends agree on first: an offer, an answer, candidates. */
export interface NegotiatedWay extends Way {
  /** What was tried so far. */
  readonly pairs: TriedPair[]
  readonly refused: RefusedPackets
  offer(): Promise<string>
  /** Throws when the answer cannot be parsed. */
  answer(sdp: string): Promise<void>
  candidate(line: string): void
}
