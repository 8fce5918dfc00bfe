// One viewer's link: which packets it drops, and when the others arrive. Seeded, so that every scheme meets the same weather.

/** `loss` is the share of packets lost; `burst` the mean number lost in a row, 1 for independent losses. */
export type LinkModel = { loss: number; burst: number }

/** Round trip and mean jitter in seconds. */
export const RTT = 0.03
const JITTER = 0.002

/** `arrival` is asked once per packet, in the order they are sent. */
export class Link {
  readonly #model: LinkModel
  #state: number
  #bad = false

  constructor(model: LinkModel, seed: number) {
    this.#model = model
    this.#state = (1000 + seed * 77) >>> 0
  }

  /** When a packet sent at `sentAt` (seconds) arrives; Infinity when it is lost. */
  arrival(sentAt: number): number {
    const lost = this.#lost()
    const jitter = -Math.log(1 - this.#random()) * JITTER
    return lost ? Number.POSITIVE_INFINITY : sentAt + RTT / 2 + jitter
  }

  #lost(): boolean {
    const { loss, burst } = this.#model
    const draw = this.#random()
    if (burst <= 1) return draw < loss
    // Gilbert: out of a burst with 1 / burst, into one so that the share of lost packets comes out as `loss`.
    const leave = 1 / burst
    this.#bad = this.#bad ? draw >= leave : draw < (leave * loss) / (1 - loss)
    return this.#bad
  }

  #random(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
