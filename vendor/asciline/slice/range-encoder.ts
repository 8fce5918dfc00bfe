// Turns yes/no decisions into bytes: a binary range coder with adaptive probabilities, 24 bits wide.
//
// The value being written is a fraction of 1. Digits (base 256) already written may still receive a carry, so they are kept
// as numbers up to 256 and the carries are resolved at the end. That also makes taking back cheap: a carry only ever
// lands on the digit before the current position.

import { PROBABILITY_BITS, QUICK_SHIFT, SLOW_SHIFT } from './contexts.ts'

const FULL = 1 << 24
const RENORMALISE_BELOW = 1 << 22
const CERTAIN = 1 << 16
/** Two probabilities of 16 bits are added up. */
const PROBABILITY_SHIFT = 17 - PROBABILITY_BITS

/** Bytes `finish` may add to what `position` says. */
export const FLUSH_BYTES = 3

/** Zero bytes at the end that are not sent. A decoder that needs more than these is reading a damaged slice. */
export const MAX_CUT_BYTES = 8

/** One slice's payload at a time: `begin`, decisions, `finish`. Allocates nothing after construction. */
export class RangeEncoder {
  readonly #digits: Uint16Array
  readonly #quick: Uint16Array
  readonly #slow: Uint16Array
  readonly #savedQuick: Uint16Array
  readonly #savedSlow: Uint16Array
  #low = 0
  #range = FULL
  #position = 0
  #savedLow = 0
  #savedRange = FULL
  #savedPosition = 0
  #savedDigit = 0

  constructor({ contexts, capacity }: { contexts: number; capacity: number }) {
    this.#digits = new Uint16Array(capacity)
    this.#quick = new Uint16Array(contexts)
    this.#slow = new Uint16Array(contexts)
    this.#savedQuick = new Uint16Array(contexts)
    this.#savedSlow = new Uint16Array(contexts)
  }

  /** Bytes written so far, without the FLUSH_BYTES of `finish`. */
  get position(): number {
    return this.#position
  }

  begin(startTable: Uint16Array): void {
    this.#quick.set(startTable)
    this.#slow.set(startTable)
    this.#low = 0
    this.#range = FULL
    this.#position = 0
  }

  /** One decision under an adaptive probability; `bit` is 0 or 1. */
  encode(context: number, bit: number): void {
    const quick = this.#quick[context]
    const slow = this.#slow[context]
    const bound = (this.#range >>> PROBABILITY_BITS) * ((quick + slow) >>> PROBABILITY_SHIFT)
    if (bit === 0) {
      this.#range = bound
      this.#quick[context] = quick + ((CERTAIN - quick) >> QUICK_SHIFT)
      this.#slow[context] = slow + ((CERTAIN - slow) >> SLOW_SHIFT)
    } else {
      this.#raise(bound)
      this.#range -= bound
      this.#quick[context] = quick - (quick >> QUICK_SHIFT)
      this.#slow[context] = slow - (slow >> SLOW_SHIFT)
    }
    if (this.#range < RENORMALISE_BELOW) this.#renormalise()
  }

  /** The low `count` bits of `value`, highest first, at one bit each. */
  encodeRaw(value: number, count: number): void {
    for (let shift = count - 1; shift >= 0; shift -= 1) {
      this.#range >>>= 1
      if (((value >>> shift) & 1) !== 0) this.#raise(this.#range)
      if (this.#range < RENORMALISE_BELOW) this.#renormalise()
    }
  }

  /** Remembers this point, for one `takeBack`. */
  save(): void {
    this.#savedQuick.set(this.#quick)
    this.#savedSlow.set(this.#slow)
    this.#savedLow = this.#low
    this.#savedRange = this.#range
    this.#savedPosition = this.#position
    if (this.#position > 0) this.#savedDigit = this.#digits[this.#position - 1]
  }

  /** Forgets everything encoded since `save`. */
  takeBack(): void {
    this.#quick.set(this.#savedQuick)
    this.#slow.set(this.#savedSlow)
    this.#low = this.#savedLow
    this.#range = this.#savedRange
    this.#position = this.#savedPosition
    if (this.#position > 0) this.#digits[this.#position - 1] = this.#savedDigit
  }

  /** Writes the payload at `at` and returns the offset behind it. */
  finish(into: Uint8Array, at: number): number {
    this.#flush()
    let carry = 0
    for (let index = this.#position - 1; index >= 0; index -= 1) {
      const digit = this.#digits[index] + carry
      into[at + index] = digit
      carry = digit >> 8
    }
    let end = at + this.#position
    for (let cut = 0; cut < MAX_CUT_BYTES && end > at && into[end - 1] === 0; cut += 1) end -= 1
    return end
  }

  // Any value in [low, low + range) will do: the one with the most trailing zeros makes the shortest payload.
  #flush(): void {
    const top = this.#low + this.#range
    for (let zeros = 23; zeros >= 0; zeros -= 1) {
      const unit = 1 << zeros
      const value = (this.#low + unit - 1) & -unit
      if (value < top) {
        this.#raise(value - this.#low)
        break
      }
    }
    for (let digit = 0; digit < FLUSH_BYTES; digit += 1) this.#shift()
  }

  #raise(amount: number): void {
    this.#low += amount
    if (this.#low < FULL) return
    this.#digits[this.#position - 1] += this.#low >>> 24
    this.#low &= FULL - 1
  }

  #renormalise(): void {
    do {
      this.#shift()
      this.#range <<= 8
    } while (this.#range < RENORMALISE_BELOW)
  }

  #shift(): void {
    this.#digits[this.#position] = this.#low >>> 16
    this.#position += 1
    this.#low = (this.#low & 0xffff) << 8
  }
}
