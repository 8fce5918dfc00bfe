// What the server and its transport process say to each other. The channel keeps the order, and three things rest on that:
// frames behind a `joined` are newer than its picture, announcements fall between the right frames, and a peer's candidates
// come after its offer.

import type { ErrorCode } from '../../signaling/error-codes.ts'
import type { ControlFromServer } from '../../signaling/messages.ts'
import type { Load } from '../metrics.ts'
import type { NumberedFrame } from './frame-window.ts'
import type { Reachability } from './reachability.ts'
import type { Join } from './viewer.ts'
import type { Tally } from './viewers.ts'

export type WorkerOptions = Reachability & { playoutDelayMs: number; maxViewers: number }

/** What is asked of the audience there, and answered by number. */
export type Call =
  | { method: 'open'; viewer: { id: string; address: string } }
  | { method: 'answer'; peer: string; sdp: string }
  | { method: 'diagnose' }

export type ToWorker =
  /** Once, first. `clockOrigin` is the server's: both read one clock. */
  | { type: 'start'; clockOrigin: number; options: WorkerOptions }
  | ({ type: 'frame' } & NumberedFrame)
  | { type: 'announce'; message: ControlFromServer }
  | ({ type: 'joined' } & Join)
  | { type: 'call'; id: number; call: Call }
  | { type: 'candidate'; peer: string; candidate: string }
  | { type: 'leave'; peer: string }
  /** End every viewer and then yourself. */
  | { type: 'close' }

export type FromWorker =
  | { type: 'ready' }
  /** It cannot work here, and starting it again would not help. */
  | { type: 'refused'; message: string }
  /** A few times a second: it is alive, and how hard it works. */
  | { type: 'beat'; load: Load }
  | { type: 'taken'; number: number }
  /** Somebody has come and needs a `joined`. */
  | { type: 'join' }
  | { type: 'tally'; tally: Tally }
  | { type: 'result'; id: number; value: unknown }
  | { type: 'failed'; id: number; code: ErrorCode; message: string; retryAfterMs: number | undefined }
  | { type: 'log'; text: string }
