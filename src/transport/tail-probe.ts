// When a chunk that must arrive is sent once more although nothing says that it is lost (a tail loss probe, RFC 8985). Few and
// small as they are, and in order, one lost report holds up all that follow it: three later packets, or 300 ms in which nothing
// was acknowledged, are a second of a viewer's life where three messages a second are sent.

import type { LocalTime } from '../../vendor/asciline/index.ts'
import type { Flight } from './flight.ts'
import type { OutgoingChunk } from './outgoing-chunk.ts'
import type { RoundTrip } from './round-trip.ts'

export type TailProbeOptions = { flight: Flight; roundTrip: RoundTrip }

export class TailProbe {
  readonly #flight: Flight
  readonly #roundTrip: RoundTrip
  /** Reliable chunks sent and not acknowledged. */
  readonly #chunks: OutgoingChunk[] = []
  #at = Number.POSITIVE_INFINITY

  constructor({ flight, roundTrip }: TailProbeOptions) {
    this.#flight = flight
    this.#roundTrip = roundTrip
  }

  /** When `expire` wants to be called; infinity when nothing is asked about. */
  get at(): number {
    return this.#at
  }

  /** A chunk has left, for the first time or again. */
  sent(chunk: OutgoingChunk): void {
    if (!chunk.reliable) return
    if (chunk.sends === 1) this.#chunks.push(chunk)
    this.#at = Math.min(this.#at, this.#timeOf(chunk))
  }

  /** Works out anew when that is; to be called when something has been acknowledged. */
  look(): void {
    let kept = 0
    let at = Number.POSITIVE_INFINITY
    for (const chunk of this.#chunks) {
      if (chunk.acked) continue
      this.#chunks[kept] = chunk
      kept += 1
      if (!chunk.retransmit) at = Math.min(at, this.#timeOf(chunk))
    }
    if (kept < this.#chunks.length) this.#chunks.length = kept
    this.#at = at
  }

  /** Queues again what has waited long enough; whether it is lost nobody knows, so nothing else changes. Returns how many. */
  expire(now: LocalTime): number {
    if (now < this.#at) return 0
    let probes = 0
    for (const chunk of this.#chunks) {
      if (chunk.acked || chunk.retransmit || this.#timeOf(chunk) > now) continue
      this.#flight.resend(chunk)
      probes += 1
    }
    this.look()
    return probes
  }

  #timeOf(chunk: OutgoingChunk): number {
    return chunk.sentAt + this.#roundTrip.probeMs(chunk.sends)
  }
}
