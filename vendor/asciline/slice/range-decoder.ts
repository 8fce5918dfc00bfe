// Turns bytes back into yes/no decisions: the mirror of the range encoder, and bounded on any input.

import { PROBABILITY_BITS, QUICK_SHIFT, SLOW_SHIFT } from './contexts.ts'
import { MAX_CUT_BYTES } from './range-encoder.ts'

const FULL = 1 << 24
const RENORMALISE_BELOW = 1 << 22
const CERTAIN = 1 << 16
/** Two probabilities of 16 bits are added up. */
const PROBABILITY_SHIFT = 17 - PROBABILITY_BITS

/** One payload at a time. Reads zeros behind the end; `exhausted` says when more were needed than can have been cut. */
export class RangeDecoder {
  readonly #quick: Uint16Array
  readonly #slow: Uint16Array
  #bytes: Uint8Array = new Uint8Array(0)
  #position = 0
  #code = 0
  #range = FULL

  constructor({ contexts }: { contexts: number }) {
    this.#quick = new Uint16Array(contexts)
    this.#slow = new Uint16Array(contexts)
  }

  begin(startTable: Uint16Array, bytes: Uint8Array, at: number): void {
    this.#quick.set(startTable)
    this.#slow.set(startTable)
    this.#bytes = bytes
    this.#position = at
    this.#range = FULL
    this.#code = 0
    for (let digit = 0; digit < 3; digit += 1) this.#shift()
  }

  /** True once a sound slice of this length could not have gone on. */
  get exhausted(): boolean {
    return this.#position > this.#bytes.length + MAX_CUT_BYTES
  }

  /** One decision under an adaptive probability: 0 or 1. */
  decode(context: number): number {
    const quick = this.#quick[context]
    const slow = this.#slow[context]
    const bound = (this.#range >>> PROBABILITY_BITS) * ((quick + slow) >>> PROBABILITY_SHIFT)
    let bit: number
    if (this.#code < bound) {
      this.#range = bound
      this.#quick[context] = quick + ((CERTAIN - quick) >> QUICK_SHIFT)
      this.#slow[context] = slow + ((CERTAIN - slow) >> SLOW_SHIFT)
      bit = 0
    } else {
      this.#code -= bound
      this.#range -= bound
      this.#quick[context] = quick - (quick >> QUICK_SHIFT)
      this.#slow[context] = slow - (slow >> SLOW_SHIFT)
      bit = 1
    }
    if (this.#range < RENORMALISE_BELOW) this.#renormalise()
    return bit
  }

  /** `count` bits that were written at one bit each, highest first. */
  decodeRaw(count: number): number {
    let value = 0
    for (let index = 0; index < count; index += 1) {
      this.#range >>>= 1
      value <<= 1
      if (this.#code >= this.#range) {
        this.#code -= this.#range
        value |= 1
      }
      if (this.#range < RENORMALISE_BELOW) this.#renormalise()
    }
    return value
  }

  #renormalise(): void {
    do {
      this.#shift()
      this.#range <<= 8
    } while (this.#range < RENORMALISE_BELOW)
  }

  #shift(): void {
    const byte = this.#position < this.#bytes.length ? this.#bytes[this.#position] : 0
    this.#position += 1
    this.#code = (this.#code << 8) | byte
  }
}
