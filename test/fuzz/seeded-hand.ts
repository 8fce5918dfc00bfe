// Damages bytes, text and JSON as its seed says: the same damage for the same seed, on every machine.

import { seededRandom } from '../src/transport/lossy-relay.ts'

const ODD_NUMBERS = [0, -1, 1.5, 255, 256, 65_535, 65_536, 2 ** 31, 2 ** 32, 2 ** 53, -(2 ** 53), 1e308]
const ODD_VALUES: readonly unknown[] = [null, true, '', '\u0000', '💥', [], {}, [[[]]], { __proto__: 1 }]

export class SeededHand {
  readonly #random: () => number

  constructor(seed: number) {
    this.#random = seededRandom(seed)
  }

  /** An integer from 0 up to, not including, `limit`. */
  below(limit: number): number {
    return Math.floor(this.#random() * limit)
  }

  chance(share: number): boolean {
    return this.#random() < share
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)] as T
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)))
  }

  /** The same bytes with one to four things wrong: bits, lengths, ends, middles. */
  damaged(bytes: Buffer): Buffer {
    let out = Buffer.from(bytes)
    for (let wounds = 1 + this.below(4); wounds > 0; wounds -= 1) {
      const at = this.below(Math.max(1, out.length))
      switch (this.below(6)) {
        case 0:
          if (out.length > 0) out[at]! ^= 1 << this.below(8)
          break
        case 1:
          if (out.length >= at + 2) out.writeUInt16BE(this.pick([0, 1, 3, 4, 0x7fff, 0xffff, out.length]), at)
          break
        case 2:
          out = out.subarray(0, at)
          break
        case 3:
          out = Buffer.concat([out, this.bytes(this.below(64))])
          break
        case 4:
          out = Buffer.concat([out.subarray(0, at), this.bytes(this.below(16)), out.subarray(at)])
          break
        default:
          if (out.length > 0) out[at] = this.pick([0, 0x7f, 0x80, 0xff])
      }
    }
    return Buffer.from(out.subarray(0, 1400))
  }

  /** The same text with characters swapped, lines doubled or left out, numbers made large. */
  damagedText(text: string): string {
    const lines = text.split('\n')
    for (let wounds = 1 + this.below(4); wounds > 0; wounds -= 1) {
      const at = this.below(lines.length)
      const line = lines[at] ?? ''
      switch (this.below(6)) {
        case 0:
          lines.splice(at, 1)
          break
        case 1:
          lines.splice(at, 0, ...Array.from({ length: this.pick([1, 2, 50]) }, () => line))
          break
        case 2:
          lines[at] = line.replace(/\d+/, () => String(this.pick(ODD_NUMBERS)))
          break
        case 3:
          lines[at] = `${line.slice(0, this.below(line.length + 1))}${this.bytes(4).toString('latin1')}`
          break
        case 4:
          lines[at] = line.repeat(this.pick([2, 20]))
          break
        default:
          lines[at] = `${line.slice(this.below(line.length + 1))}\u0000`
      }
      if (lines.length === 0) lines.push('')
    }
    return lines.join('\n')
  }

  /** The value with some of its parts replaced, left out, or of another kind. */
  damagedValue(value: unknown, depth = 0): unknown {
    if (this.chance(depth === 0 ? 0.05 : 0.3)) return this.#oddValue(value)
    if (Array.isArray(value)) return value.map((each) => this.damagedValue(each, depth + 1))
    if (typeof value !== 'object' || value === null) return value
    const entries: [string, unknown][] = []
    for (const [name, each] of Object.entries(value)) {
      if (!this.chance(0.1)) entries.push([name, this.damagedValue(each, depth + 1)])
    }
    if (this.chance(0.1)) entries.push([this.pick(['__proto__', 'constructor', 'x'.repeat(300)]), 1])
    return Object.fromEntries(entries)
  }

  #oddValue(value: unknown): unknown {
    if (this.chance(0.3)) return this.pick(ODD_NUMBERS)
    if (typeof value === 'string' && this.chance(0.5)) return this.damagedText(value)
    if (this.chance(0.2)) return Array.from({ length: this.pick([1, 40, 300]) }, () => value)
    return this.pick(ODD_VALUES)
  }
}
