// What two peers agree on before media flows, and what signaling needs from whoever carries the media.

import type { ErrorCode } from './error-codes.ts'

/** A refusal a viewer can be told about. */
export class PeerRefusal extends Error {
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string) {
    super(message)
    this.name = 'PeerRefusal'
    this.code = code
  }
}

/** The media side of a viewer, as signaling sees it. Every method may throw or reject with a {@link PeerRefusal}. */
export interface PeerHost {
  /** Makes a peer for a viewer and the offer to send to it. */
  open(viewer: { id: string; address: string }): Promise<{ peer: string; sdp: string }>
  answer(peer: string, sdp: string): Promise<void>
  candidate(peer: string, candidate: string): void
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
