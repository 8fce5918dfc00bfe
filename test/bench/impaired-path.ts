// One direction of a bad network, as a seeded model: which packets it loses, and when the others come out.

import { seededRandom } from '../src/transport/lossy-relay.ts'

export type Impairment = {
  /** Share of packets lost. */
  loss?: number
  /** Mean number lost in a row (Gilbert); 1 for independent losses. */
  burst?: number
  /** One way, ms. */
  delayMs?: number
  /** Mean of an exponential addition to the delay, ms. Packets keep their order unless `reorder` lets one be overtaken. */
  jitterMs?: number
  /** Share of packets held back so long that later ones overtake them. */
  reorder?: number
  /** Share of packets that come twice. */
  duplicate?: number
  /** The narrowest link on the way; packets wait before it in a queue of `queueMs`, and what does not fit is dropped. */
  bitsPerSecond?: number
  queueMs?: number
}

const REORDER_MS = 12

/** What UDP, IP and a mobile link add to a datagram. */
const HEADER_BYTES = 28

/** Pure: time is an argument, in ms. */
export class ImpairedPath {
  readonly #random: () => number
  #model: Impairment
  #inBurst = false
  #linkFreeAt = 0
  #lastOutAt = 0
  /** Nothing passes while true. */
  cut = false
  readonly counters = { passed: 0, lost: 0, overflowed: 0 }

  constructor(model: Impairment, seed: number) {
    this.#model = model
    this.#random = seededRandom(seed)
  }

  /** From now on the weather is another. */
  change(model: Impairment): void {
    this.#model = model
  }

  /** When a datagram that goes in at `now` comes out: never, once, or twice. */
  push(bytes: number, now: number): number[] {
    const {
      delayMs = 0,
      jitterMs = 0,
      reorder = 0,
      duplicate = 0,
      bitsPerSecond,
      queueMs = 100,
    } = this.#model
    if (this.cut || this.#lost()) {
      this.counters.lost += 1
      return []
    }
    let leavesAt = now
    if (bitsPerSecond !== undefined) {
      const starts = Math.max(now, this.#linkFreeAt)
      if (starts - now > queueMs) {
        this.counters.overflowed += 1
        return []
      }
      leavesAt = starts + ((bytes + HEADER_BYTES) * 8000) / bitsPerSecond
      this.#linkFreeAt = leavesAt
    }
    this.counters.passed += 1
    const jitter = jitterMs > 0 ? -Math.log(1 - this.#random()) * jitterMs : 0
    let out = leavesAt + delayMs + jitter
    if (reorder > 0 && this.#random() < reorder) out += REORDER_MS
    else {
      out = Math.max(out, this.#lastOutAt)
      this.#lastOutAt = out
    }
    return duplicate > 0 && this.#random() < duplicate ? [out, out + 1] : [out]
  }

  #lost(): boolean {
    const { loss = 0, burst = 1 } = this.#model
    if (loss === 0) return false
    const draw = this.#random()
    if (burst <= 1) return draw < loss
    // Gilbert: out of a burst with 1 / burst, into one so that the share of lost packets comes out as `loss`.
    const leave = 1 / burst
    this.#inBurst = this.#inBurst ? draw >= leave : draw < (leave * loss) / (1 - loss)
    return this.#inBurst
  }
}
