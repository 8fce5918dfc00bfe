// A second decoder, written from vendor/asciline/README.md alone: slow, plain, in big integers where it counts.

import { START_TABLE } from '../../vendor/asciline/slice/start-table.ts'

const LUMA = 0
const CHROMA = 153
const RUNS = 306
const COSINES = [1448, 2009, 1892, 1703, 1448, 1138, 784, 400]

/** M[k][n] of section 5: the cosine's angle folded into the first quarter. */
function matrix(k: number, n: number): bigint {
  if (k === 0) return 1448n
  const turn = ((2 * n + 1) * k) % 32
  const half = turn > 16 ? 32 - turn : turn
  if (half === 8) return 0n
  return BigInt(half < 8 ? COSINES[half] : -COSINES[16 - half])
}

function bandOf(index: number): number {
  return [1, 3, 6, 10, 15, 31, 63].findIndex((last) => index <= last)
}

/** Natural positions in zig-zag order, by sorting: along the diagonals, turning at each. */
const ORDER = Array.from({ length: 64 }, (_, at) => at).sort((a, b) => {
  const diagonal = (at: number) => (at >> 3) + (at & 7)
  if (diagonal(a) !== diagonal(b)) return diagonal(a) - diagonal(b)
  return diagonal(a) % 2 === 0 ? (a & 7) - (b & 7) : (a >> 3) - (b >> 3)
})

class Bits {
  readonly #payload: number[]
  readonly #probability = Array.from(START_TABLE)
  #range = 2 ** 24
  #code = 0

  constructor(payload: number[]) {
    this.#payload = [...payload]
    for (let byte = 0; byte < 3; byte += 1) this.#code = this.#code * 256 + (this.#payload.shift() ?? 0)
  }

  decide(context: number): boolean {
    const p = this.#probability[context]
    const bound = Math.floor(this.#range / 2048) * p
    const yes = this.#code >= bound
    if (yes) this.#code -= bound
    this.#range = yes ? this.#range - bound : bound
    this.#probability[context] = yes ? p - Math.floor(p / 16) : p + Math.floor((2048 - p) / 16)
    this.#refill()
    return yes
  }

  raw(): boolean {
    this.#range = Math.floor(this.#range / 2)
    const yes = this.#code >= this.#range
    if (yes) this.#code -= this.#range
    this.#refill()
    return yes
  }

  magnitude(context: number, limit: number): number {
    for (let k = 1; k < limit; k += 1) if (!this.decide(context + k - 1)) return k
    let length = 0
    while (this.raw()) length += 1
    let rest = 1
    for (let bit = 0; bit < length; bit += 1) rest = rest * 2 + (this.raw() ? 1 : 0)
    return rest + limit - 1
  }

  #refill(): void {
    while (this.#range < 2 ** 16) {
      this.#range *= 256
      this.#code = this.#code * 256 + (this.#payload.shift() ?? 0)
    }
  }
}

/** Paints sound slices only: the rules of refusal are not in here. */
export class ReferenceDecoder {
  readonly y: number[]
  readonly cb: number[]
  readonly cr: number[]
  readonly #perRow: number
  readonly #newest = new Map<number, number>()

  constructor(cols: number, rows: number) {
    this.#perRow = Math.ceil(cols / 16)
    const samples = this.#perRow * 16 * Math.ceil(rows / 8) * 8
    this.y = new Array(samples).fill(0)
    this.cb = new Array(samples / 2).fill(128)
    this.cr = new Array(samples / 2).fill(128)
  }

  decode(message: Uint8Array): void {
    const view = new DataView(message.buffer, message.byteOffset)
    if (message[4] !== 0x10) return
    const frame = view.getUint32(0)
    const bits = new Bits(Array.from(message.subarray(12)))
    const predicted = { y: 0, cb: 0, cr: 0 }
    let address = view.getUint16(8)
    for (let coded = 0; coded < view.getUint16(10); coded += 1, address += 1) {
      if (coded > 0 && bits.decide(RUNS)) address += bits.magnitude(RUNS + 1, 20)
      const fresh = frame >= (this.#newest.get(address) ?? 0)
      if (fresh) this.#newest.set(address, frame)
      const row = Math.floor(address / this.#perRow) * 8
      const column = address % this.#perRow
      for (const [plane, left] of [
        ['y', column * 16],
        ['y', column * 16 + 8],
        ['cb', column * 8],
        ['cr', column * 8],
      ] as const) {
        const levels = this.#levels(bits, plane === 'y' ? LUMA : CHROMA, predicted[plane])
        predicted[plane] = levels[0]
        const stride = this.#perRow * (plane === 'y' ? 16 : 8)
        const step = plane === 'y' ? message[7] : 2 * message[7]
        if (fresh) this.#paint(this[plane], row * stride + left, stride, levels, step)
      }
    }
  }

  #levels(bits: Bits, plane: number, predicted: number): number[] {
    const levels = new Array<number>(64).fill(0)
    levels[0] = predicted
    if (bits.decide(plane + 133)) levels[0] += this.#signed(bits, bits.magnitude(plane + 134, 20))
    for (let index = 1; index < 64; index += 1) {
      const previous = index === 1 ? 1 : Math.min(2, Math.abs(levels[index - 1]))
      const context = plane + bandOf(index) * 3 + previous
      if (previous > 0 && bits.decide(context)) break
      if (!bits.decide(context + 21)) continue
      levels[index] = this.#signed(bits, bits.magnitude(plane + 42 + bandOf(index) * 13, 14))
    }
    return levels
  }

  #signed(bits: Bits, magnitude: number): number {
    return bits.raw() ? -magnitude : magnitude
  }

  #paint(plane: number[], at: number, stride: number, levels: number[], step: number): void {
    for (let row = 0; row < 8; row += 1) {
      for (let col = 0; col < 8; col += 1) {
        let sum = 0n
        for (const [index, natural] of ORDER.entries()) {
          if (levels[index] === 0) continue
          sum += matrix(natural >> 3, row) * matrix(natural & 7, col) * BigInt(levels[index] * step)
        }
        const sample = Number(128n + ((sum + 2n ** 25n) >> 26n))
        plane[at + row * stride + col] = Math.max(0, Math.min(255, sample))
      }
    }
  }
}
