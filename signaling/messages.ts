// What the two ends say to each other, as schemas: signaling (JSON over the WebSocket) before media flows, and
// control (JSON over the reliable data channel) while it does. Isomorphic: the page and the server parse with the same code.

import { z } from 'zod'
import { ERROR_CODES } from './error-codes.ts'

/** Ids of the two negotiated data channels; both sides create them themselves, so none is announced in band. */
export const CHANNELS = { frames: 0, control: 1 } as const

/** Longest signaling message either side reads, in bytes. An offer with twenty candidates is about 4 kB. */
export const MAX_SIGNALING_BYTES = 64 * 1024

/** Longest control message either side reads, in bytes. */
export const MAX_CONTROL_BYTES = 4 * 1024

/** Names of the grids a viewer can choose, coarse to fine. */
export const presetName = z.enum(['low', 'med', 'high', 'ultra'])
export type PresetName = z.infer<typeof presetName>

export const pin = z.string().regex(/^\d{4,8}$/)

const sdp = z
  .string()
  .min(1)
  .max(32 * 1024)
const peer = z.string().regex(/^[0-9a-f]{1,16}$/)
const errorCode = z.enum(ERROR_CODES)
const finite = z.number()
const count = z.int().nonnegative()

/** Why something does not play. `starts_at` (ms since 1970): when a live stream that has not begun will, as far as is known. */
const failure = z.object({ code: errorCode, message: z.string(), starts_at: finite.optional() })

/** What every viewer may know about the session; `GET /api/status` answers the same object. */
export const sessionStatus = z.object({
  state: z.enum(['idle', 'resolving', 'playing', 'paused', 'error']),
  /** 16 hex digits, null while idle. */
  session_id: z
    .string()
    .regex(/^[0-9a-f]{16}$/)
    .nullable(),
  title: z.string(),
  /** Plays this again; absent while idle. */
  query: z.string().optional(),
  is_live: z.boolean(),
  preset: presetName,
  /** Seconds; null for live or unknown. */
  duration: finite.nullable(),
  /** What the screens show: `media` seconds of the programme at the server's clock `at` (ms), going on unless paused. */
  position: z.object({ media: finite, at: finite }).nullable(),
  seekable: z.boolean(),
  /** The seconds of the programme that can be gone to; of a live stream they move on with time. Absent when there are none. */
  seek_range: z.object({ start: finite, end: finite }).optional(),
  /** Seconds behind the live edge, the newest place that can be played; null unless live. */
  behind_live: finite.nullable(),
  /** Seconds from what the stream had published last to its live edge, where that is known. */
  live_latency: finite.optional(),
  /** Answers a small picture of this programme when `&at=SECONDS` is put behind it; absent when there are none. */
  still: z.string().optional(),
  error: failure.optional(),
  /** The source was lost and is being opened again; the state does not change meanwhile. */
  trouble: failure.optional(),
  /** The entry of the queue that starts by itself `in_ms` after this status was made, unless it is called off. */
  upcoming: z.object({ id: count, query: z.string(), title: z.string(), in_ms: count }).optional(),
  /** The last command and, where it said so, who gave it. */
  command: z.object({ name: z.string(), who: z.string() }).optional(),
  viewers: count,
})
export type SessionStatus = z.infer<typeof sessionStatus>

const controlText = z.string().max(MAX_CONTROL_BYTES)

/** A STUN or TURN server for the page to use, as RTCPeerConnection takes it. */
const iceServer = z.object({
  urls: z.string().max(512),
  username: z.string().max(256).exactOptional(),
  credential: z.string().max(256).exactOptional(),
})
export type IceServer = z.infer<typeof iceServer>

/** What a page needs to answer; `POST /api/offer` answers the same object. */
export const offer = z.object({ peer, sdp, iceServers: z.array(iceServer).max(8).optional() })
export type Offer = z.infer<typeof offer>

/** What a page answers with; `POST /api/answer` takes the same object. */
export const answer = z.object({ peer, sdp })

/** Page to server, over the signaling socket. */
export const fromViewer = z.discriminatedUnion('type', [
  z.object({ type: z.literal('auth'), pin }),
  /** The page wants a (new) offer: at first, after a failed peer, after a change of network. */
  z.object({ type: z.literal('join') }),
  answer.extend({ type: z.literal('answer') }),
  z.object({ type: z.literal('candidate'), peer, candidate: z.string().max(1024) }),
  /** Send the frames over this very socket (media-envelope.ts): there is no better way at present. */
  z.object({ type: z.literal('carry') }),
  /** This connection of mine, negotiated or carried, is of no use any more. */
  z.object({ type: z.literal('leave'), peer }),
  /** A control message of a carried viewer, as it would go over the control channel. */
  z.object({ type: z.literal('control'), text: controlText }),
])
export type FromViewer = z.infer<typeof fromViewer>

/** Server to page, over the signaling socket. */
export const fromServer = z.discriminatedUnion('type', [
  /** The viewer may go on. `ticket` (one use, 60 s) swaps for the cookie at POST /api/auth; absent when the cookie was there. */
  z.object({ type: z.literal('authenticated'), ticket: z.string().optional() }),
  z.object({
    type: z.literal('refused'),
    code: errorCode,
    message: z.string(),
    retryAfterMs: count.optional(),
  }),
  offer.extend({ type: z.literal('offer') }),
  /** Frames come over this socket from now on. */
  z.object({ type: z.literal('carrying'), peer }),
  z.object({ type: z.literal('control'), text: controlText }),
  z.object({ type: z.literal('status'), status: sessionStatus }),
  /** The queue has changed; `GET /api/queue` has it. */
  z.object({ type: z.literal('queue'), length: count }),
  /** More is known about the local files; `GET /api/library` has it. */
  z.object({ type: z.literal('library') }),
])
export type FromServer = z.infer<typeof fromServer>

/** What a frame lacks: these slices, and all from `from` on where its end has not been seen. */
export const gap = z.object({
  frame: count,
  slices: z.array(z.int().min(0).max(255)).max(32),
  from: z.int().min(0).max(255).optional(),
})
export type Gap = z.infer<typeof gap>

/**
 * Page to server, as a text over the frames channel: worthless a moment later, so a lost one must not hold up the next. On the
 * ordered control channel one lost question would silence the others for a retransmission timeout.
 */
export const fleetingFromViewer = z.discriminatedUnion('type', [
  /** Send these slices again if they can still be shown. */
  z.object({ type: z.literal('nack'), epoch: count, gaps: z.array(gap).min(1).max(8) }),
])
export type FleetingFromViewer = z.infer<typeof fleetingFromViewer>

/** Page to server, over the control channel. */
export const controlFromViewer = z.discriminatedUnion('type', [
  /** `sent` is the viewer's own clock in ms; the pong brings it back. */
  z.object({ type: z.literal('ping'), sent: finite }),
  /** A few times a second: what the screen shows, because SCTP acknowledges for a page whose main thread hangs. */
  z.object({ type: z.literal('report'), epoch: count, frame: z.int(), late: count, missing: count }),
  /** Asks for a digest of the reference picture per frame (the simulator checks its own picture against it). */
  z.object({ type: z.literal('verify'), on: z.boolean() }),
])
export type ControlFromViewer = z.infer<typeof controlFromViewer>

/** A rectangle of cells, `x` and `y` from the top left. */
export const cellRect = z.object({
  x: z.int().min(0).max(2000),
  y: z.int().min(0).max(2000),
  width: z.int().min(1).max(2000),
  height: z.int().min(1).max(2000),
})
export type CellRect = z.infer<typeof cellRect>

/**
 * Where the programme stands: frame `frame` of `epoch` is sent at the server's time `at` (ms) and shown
 * `playoutDelayMs` later; its media time is `start + frame / fps` seconds.
 */
export const timeline = z.object({
  type: z.literal('timeline'),
  epoch: count,
  preset: presetName,
  cols: z.int().min(1).max(2000),
  rows: z.int().min(1).max(2000),
  /** Cells that hold the picture, where it does not fill the grid; around them are black bars. */
  picture: cellRect.optional(),
  fps: z.number().positive().max(240),
  frame: count,
  at: finite,
  start: finite,
  playoutDelayMs: z.number().nonnegative(),
  /** The programme stands at `frame` until the next timeline; so does its sound. */
  paused: z.boolean().optional(),
  /** Frame k of /audio holds the samples of media time start + k * samplesPerFrame / sampleRate - primingSamples / sampleRate. */
  audio: z.object({
    sampleRate: z.int().positive(),
    samplesPerFrame: z.int().positive(),
    primingSamples: z.int().nonnegative(),
  }),
})
export type Timeline = z.infer<typeof timeline>

/** How much of the picture a viewer is sent. */
export const pace = z.enum(['full', 'coarse', 'half'])
export type Pace = z.infer<typeof pace>

/** Server to page, over the control channel. */
export const controlFromServer = z.discriminatedUnion('type', [
  /** `at` is the server's clock in ms when the ping was answered. */
  z.object({ type: z.literal('pong'), sent: finite, at: finite }),
  timeline,
  /** The programme has ended or stopped: keep the picture, stop the clock. */
  z.object({ type: z.literal('ended'), epoch: count }),
  /** This viewer's link is narrow: it gets a coarser picture, or every second frame of that; or all of it again. */
  z.object({ type: z.literal('pace'), pace }),
  /** 32-bit digest of the reference picture after frame `frame`. */
  z.object({ type: z.literal('digest'), epoch: count, frame: count, digest: z.int() }),
])
export type ControlFromServer = z.infer<typeof controlFromServer>
