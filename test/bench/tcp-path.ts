// One direction of a TCP connection over a bad network, as a seeded model. A relay in user space cannot drop IP packets of a
// TCP connection, so what a loss does to the reader is modelled instead: the lost segment comes one round trip later, and
// everything behind it waits. That is the best any TCP can do (the loss noticed at once, the copy sent at once); timeouts and
// the smaller window after a loss would come on top, so the figures flatter TCP. A narrow link makes its bytes wait at the
// sender, without end: there TCP loses nothing.

import { ImpairedPath, type Impairment } from './impaired-path.ts'

const SEGMENT_BYTES = 1448
/** IP, TCP with timestamps, a mobile link. */
const HEADER_BYTES = 52

/** Pure: time is an argument, in ms. */
export class TcpPath {
  readonly #seed: number
  #air: ImpairedPath
  #model: Impairment
  #linkFreeAt = 0
  #lastOutAt = 0

  constructor(model: Impairment, seed: number) {
    this.#seed = seed
    this.#model = model
    this.#air = this.#airOf(model)
  }

  /** From now on the weather is another. */
  change(model: Impairment): void {
    this.#model = model
    this.#air = this.#airOf(model)
  }

  /** When the last of these bytes comes out; never before what went in earlier. */
  push(bytes: number, now: number): number {
    for (let left = bytes; left > 0; left -= SEGMENT_BYTES) this.#segment(Math.min(left, SEGMENT_BYTES), now)
    return this.#lastOutAt
  }

  #segment(bytes: number, now: number): void {
    const { delayMs = 0, bitsPerSecond } = this.#model
    let leavesAt = now
    if (bitsPerSecond !== undefined) {
      leavesAt = Math.max(now, this.#linkFreeAt) + ((bytes + HEADER_BYTES) * 8000) / bitsPerSecond
      this.#linkFreeAt = leavesAt
    }
    let arrivals = this.#air.push(bytes, leavesAt)
    while (arrivals.length === 0) {
      leavesAt += 2 * delayMs
      arrivals = this.#air.push(bytes, leavesAt)
    }
    this.#lastOutAt = Math.max(this.#lastOutAt, ...arrivals)
  }

  /** The losses and the delay of the model; order and copies are TCP's own business. */
  #airOf({ loss = 0, burst = 1, delayMs = 0, jitterMs = 0 }: Impairment): ImpairedPath {
    return new ImpairedPath({ loss, burst, delayMs, jitterMs }, this.#seed)
  }
}
