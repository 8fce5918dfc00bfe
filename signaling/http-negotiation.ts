// Offer and answer over plain HTTP, one request each, for browsers whose socket dies after the first exchange. What the
// offer names is all a viewer needs; candidates of its own are learnt from its first packets.

import type { Offer } from './messages.ts'
import { type PeerHost, PeerRefusal } from './negotiation.ts'
import { TokenBucket } from './token-bucket.ts'

/** Per address: several viewers may sit behind one. Each offer costs the server a socket and 30 ms. */
const OFFER_RATE = { burst: 12, perSecond: 1 }
/** Addresses remembered; the one that has asked longest ago is forgotten first. */
const MAX_ADDRESSES = 1000

export type HttpNegotiationOptions = {
  peers: PeerHost
  /** Monotonic milliseconds. */
  now(): number
}

export class HttpNegotiation {
  readonly #options: HttpNegotiationOptions
  readonly #buckets = new Map<string, TokenBucket>()

  constructor(options: HttpNegotiationOptions) {
    this.#options = options
  }

  /** Throws `rate-limited`, `too-many-viewers` and `no-candidates`. An offer nobody answers is forgotten by the peers. */
  offer(address: string): Promise<Offer> {
    const now = this.#options.now()
    const bucket = this.#buckets.get(address) ?? new TokenBucket(OFFER_RATE, now)
    // Asked again: last in line to be forgotten.
    this.#buckets.delete(address)
    this.#buckets.set(address, bucket)
    const [oldest] = this.#buckets.keys()
    if (this.#buckets.size > MAX_ADDRESSES && oldest !== undefined) this.#buckets.delete(oldest)
    if (!bucket.take(now))
      throw new PeerRefusal('rate-limited', 'Joining too often.', { retryAfterMs: bucket.waitMs(now) })
    return this.#options.peers.open({ id: 'http', address })
  }

  /** The peer's name is known only to who got its offer. Throws `bad-request` and `peer-failed`. */
  answer(peer: string, sdp: string): Promise<void> {
    return this.#options.peers.answer(peer, sdp)
  }
}
