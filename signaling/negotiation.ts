// What two peers agree on before media flows, and what signaling needs from whoever carries the media.

import type { ErrorCode } from './error-codes.ts'
import type { Offer } from './messages.ts'

/** A refusal a viewer can be told about. */
export class PeerRefusal extends Error {
  readonly code: ErrorCode
  /** How long to wait at least before asking again. */
  readonly retryAfterMs: number | undefined

  constructor(code: ErrorCode, message: string, { retryAfterMs }: { retryAfterMs?: number } = {}) {
    super(message)
    this.name = 'PeerRefusal'
    this.code = code
    this.retryAfterMs = retryAfterMs
  }
}

/** A signaling socket as a way for media. Sending on a closed one does nothing. */
export interface MediaSocket {
  /** Bytes that wait in our own memory; what the kernel holds is not among them. */
  readonly bufferedBytes: number
  sendFrame(message: Uint8Array): void
  sendControl(text: string): void
  /** The other side has ended it, for reasons of its own. */
  ended(): void
}

/** A viewer whose media goes over its signaling socket. */
export interface CarriedPeer {
  readonly peer: string
  /** Say that frames come, then call this: they do. */
  start(): void
  /** A message of the page: text is a control message, bytes acknowledge a frame. */
  receive(message: string | Uint8Array): void
}

/** The media side of a viewer, as signaling sees it. Every method may throw or reject with a {@link PeerRefusal}. */
export interface PeerHost {
  /** Makes a peer for a viewer and the offer to send to it. */
  open(viewer: { id: string; address: string }): Promise<Offer>
  answer(peer: string, sdp: string): Promise<void>
  candidate(peer: string, candidate: string): void
  /** Takes a viewer whose frames go over its signaling socket. */
  carry(viewer: { id: string; address: string }, socket: MediaSocket): CarriedPeer
  /** Frees everything the peer holds; a peer that is unknown or gone already is fine. */
  close(peer: string): void
}

/** How long an offer may stay unanswered, and an answered one unconnected. */
export const NEGOTIATION_MS = 10_000

export type NegotiationState = 'new' | 'offered' | 'answered' | 'connected' | 'closed'

/** One offer and its answer: new -> offered -> answered -> connected -> closed. Time comes as an argument. */
export class Negotiation {
  #state: NegotiationState = 'new'
  #deadline = Number.POSITIVE_INFINITY

  get state(): NegotiationState {
    return this.#state
  }

  /** The offer has been made; the viewer has until the deadline to answer and connect. */
  offered(now: number): void {
    if (this.#state !== 'new') throw new PeerRefusal('bad-request', 'This peer has been offered already.')
    this.#state = 'offered'
    this.#deadline = now + NEGOTIATION_MS
  }

  /** The answer has come. Throws `bad-request` unless one was due. */
  answered(): void {
    if (this.#state !== 'offered') throw new PeerRefusal('bad-request', 'No answer is due for this peer.')
    this.#state = 'answered'
  }

  /** Media goes over the socket that is there: nothing is left to agree on. */
  carried(): void {
    if (this.#state === 'new') this.#state = 'connected'
  }

  /** Media can flow. Only an answered negotiation connects; a closed one stays closed. */
  connected(): void {
    if (this.#state !== 'answered') return
    this.#state = 'connected'
    this.#deadline = Number.POSITIVE_INFINITY
  }

  close(): void {
    this.#state = 'closed'
    this.#deadline = Number.POSITIVE_INFINITY
  }

  /** True when the viewer has not connected in time. */
  expired(now: number): boolean {
    return now >= this.#deadline
  }
}
