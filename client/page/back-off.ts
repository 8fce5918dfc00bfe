// How long to wait before trying again: soon at first, then less and less often, never in step with everybody else.

export type BackOffOptions = {
  firstMs?: number
  /** A server that was restarted should be found again within this. */
  mostMs?: number
  /** 0..1, where in the spread of +-20 % this wait lies. */
  random?: () => number
}

/** Doubling delays between a first and a largest. */
export class BackOff {
  readonly #firstMs: number
  readonly #mostMs: number
  readonly #random: () => number
  #nextMs: number

  constructor({ firstMs = 500, mostMs = 5000, random = Math.random }: BackOffOptions = {}) {
    this.#firstMs = firstMs
    this.#mostMs = mostMs
    this.#random = random
    this.#nextMs = firstMs
  }

  /** Milliseconds to wait this time. */
  next(): number {
    const delay = this.#nextMs
    this.#nextMs = Math.min(this.#mostMs, delay * 2)
    // A thousand pages whose server restarts should not all come back in the same millisecond.
    return Math.min(this.#mostMs, delay * (0.8 + 0.4 * this.#random()))
  }

  /** It worked. */
  reset(): void {
    this.#nextMs = this.#firstMs
  }
}
