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

/** How decisions wait: twice the context and the bit, or this and a raw bit. */
export const RAW = 0x8000
/** Decisions that can wait, one macroblock of a film being a few hundred. */
const WAITING = 8192

/**
 * One slice's payload at a time: `begin`, decisions, `finish`. Decisions wait in a row and are coded together, because a loop
 * that has the state of the coder in variables is quicker than a call for each. Allocates nothing after construction.
 */
export class RangeEncoder {
  /** Decisions that wait, `waiting` of them. Who writes here asks for `room` first. */
  readonly decisions = new Uint16Array(WAITING)
  waiting = 0
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
    this.#drain()
    return this.#position
  }

  begin(startTable: Uint16Array): void {
    this.#quick.set(startTable)
    this.#slow.set(startTable)
    this.#low = 0
    this.#range = FULL
    this.#position = 0
    this.waiting = 0
  }

  /** Makes sure that so many more decisions, WAITING at most, can wait. */
  room(decisions: number): void {
    if (this.waiting + decisions > WAITING) this.#drain()
  }

  /** One decision under an adaptive probability; `bit` is 0 or 1. */
  encode(context: number, bit: number): void {
    this.room(1)
    this.decisions[this.waiting++] = 2 * context + bit
  }

  /** The low `count` bits of `value`, highest first, at one bit each. */
  encodeRaw(value: number, count: number): void {
    this.room(count)
    for (let shift = count - 1; shift >= 0; shift -= 1) {
      this.decisions[this.waiting++] = RAW + ((value >>> shift) & 1)
    }
  }

  /** Remembers this point, for one `takeBack`. */
  save(): void {
    this.#drain()
    this.#savedQuick.set(this.#quick)
    this.#savedSlow.set(this.#slow)
    this.#savedLow = this.#low
    this.#savedRange = this.#range
    this.#savedPosition = this.#position
    if (this.#position > 0) this.#savedDigit = this.#digits[this.#position - 1]
  }

  /** Forgets everything encoded since `save`. */
  takeBack(): void {
    this.waiting = 0
    this.#quick.set(this.#savedQuick)
    this.#slow.set(this.#savedSlow)
    this.#low = this.#savedLow
    this.#range = this.#savedRange
    this.#position = this.#savedPosition
    if (this.#position > 0) this.#digits[this.#position - 1] = this.#savedDigit
  }

  /** Writes the payload at `at` and returns the offset behind it. */
  finish(into: Uint8Array, at: number): number {
    this.#drain()
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
        this.#low = value
        break
      }
    }
    for (let digit = 0; digit < FLUSH_BYTES; digit += 1) this.#low = this.#shift(this.#low)
  }

  #drain(): void {
    const { decisions, waiting } = this
    const quick = this.#quick
    const slow = this.#slow
    let low = this.#low
    let range = this.#range
    for (let at = 0; at < waiting; at += 1) {
      const decision = decisions[at]
      if (decision >= RAW) {
        range >>>= 1
        if ((decision & 1) !== 0) low += range
      } else {
        const context = decision >>> 1
        const often = quick[context]
        const long = slow[context]
        const bound = Math.imul(range >>> PROBABILITY_BITS, (often + long) >>> PROBABILITY_SHIFT)
        if ((decision & 1) === 0) {
          range = bound
          quick[context] = often + ((CERTAIN - often) >> QUICK_SHIFT)
          slow[context] = long + ((CERTAIN - long) >> SLOW_SHIFT)
        } else {
          low += bound
          range -= bound
          quick[context] = often - (often >> QUICK_SHIFT)
          slow[context] = long - (long >> SLOW_SHIFT)
        }
      }
      while (range < RENORMALISE_BELOW) {
        low = this.#shift(low)
        range <<= 8
      }
    }
    this.#low = low
    this.#range = range
    this.waiting = 0
  }

  // What `low` has grown by beyond its 24 bits belongs to the digit before.
  #shift(low: number): number {
    if (low >= FULL) this.#digits[this.#position - 1] += low >>> 24
    this.#digits[this.#position] = (low >>> 16) & 0xff
    this.#position += 1
    return (low & 0xffff) << 8
  }
}
