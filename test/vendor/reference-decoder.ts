// A second decoder, written from vendor/asciline/README.md alone: slow, plain, in big integers where it counts.

import { START_TABLE } from '../../vendor/asciline/slice/start-table.ts'

const LUMA = 0
const CHROMA = 510
const CHANGE_OF_LUMA = 1020
const CHANGE_OF_CHROMA = 1530
const RUNS = 2040
const ONTO = 2060
const AGE = 2063
const MEND = 2083
const TOP = 2086
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
  return [1, 2, 4, 6, 9, 14, 20, 27, 39, 63].findIndex((last) => index <= last)
}

/** Natural positions in zig-zag order, by sorting: along the diagonals, turning at each. */
const ORDER = Array.from({ length: 64 }, (_, at) => at).sort((a, b) => {
  const diagonal = (at: number) => (at >> 3) + (at & 7)
  if (diagonal(a) !== diagonal(b)) return diagonal(a) - diagonal(b)
  return diagonal(a) % 2 === 0 ? (a & 7) - (b & 7) : (a >> 3) - (b >> 3)
})

class Bits {
  readonly #payload: number[]
  readonly #quick = Array.from(START_TABLE)
  readonly #slow = Array.from(START_TABLE)
  #range = 2 ** 24
  #code = 0

  constructor(payload: number[]) {
    this.#payload = [...payload]
    for (let byte = 0; byte < 3; byte += 1) this.#code = this.#code * 256 + (this.#payload.shift() ?? 0)
  }

  decide(context: number): boolean {
    const [quick, slow] = [this.#quick[context], this.#slow[context]]
    const bound = Math.floor(this.#range / 4096) * Math.floor((quick + slow) / 32)
    const yes = this.#code >= bound
    if (yes) this.#code -= bound
    this.#range = yes ? this.#range - bound : bound
    this.#quick[context] = yes ? quick - Math.floor(quick / 16) : quick + Math.floor((65536 - quick) / 16)
    this.#slow[context] = yes ? slow - Math.floor(slow / 64) : slow + Math.floor((65536 - slow) / 64)
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
    while (this.#range < 2 ** 22) {
      this.#range *= 256
      this.#code = this.#code * 256 + (this.#payload.shift() ?? 0)
    }
  }
}

type Name = 'y' | 'cb' | 'cr'
type Coded = { row: number; column: number; dc: number; nonzeros: number }
type Block = { levels: number[]; nonzeros: number }

/** Paints sound slices only: the rules of refusal are not in here. */
export class ReferenceDecoder {
  readonly y: number[]
  readonly cb: number[]
  readonly cr: number[]
  readonly #perRow: number
  /** Per macroblock: the frame it shows, half a frame less where it was mended, and whether a join painted it. */
  readonly #shown = new Map<number, { frame: number; joined: boolean }>()

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
    const join = (message[6] & 4) !== 0
    const bits = new Bits(Array.from(message.subarray(12)))
    const coded: Record<Name, Coded[]> = { y: [], cb: [], cr: [] }
    const changed = { y: 0, chroma: 0 }
    let address = view.getUint16(8)
    let mode = 0
    for (let count = 0; count < view.getUint16(10); count += 1, address += 1) {
      if (count > 0 && bits.decide(RUNS)) address += bits.magnitude(RUNS + 1, 20)
      const { frame: shows, joined } = this.#shown.get(address) ?? { frame: -1, joined: false }
      if (bits.decide(ONTO + mode)) {
        mode = 2
        const base = frame - bits.magnitude(AGE, 20)
        const fits = shows === base || (joined && shows > base && shows < frame)
        this.#change(bits, address, message[7], changed, fits)
        if (fits) this.#shown.set(address, { frame, joined: false })
        continue
      }
      mode = bits.decide(MEND + mode) ? 1 : 0
      const paints = mode === 1 ? shows < frame - 1 : shows <= frame
      if (paints)
        this.#shown.set(address, { frame: mode === 1 ? frame - 1.5 : frame, joined: mode === 0 && join })
      this.#whole(bits, address, message[7] * (mode === 1 ? 5 : 1), coded, paints)
      if (mode === 0 && join && bits.decide(TOP)) this.#change(bits, address, message[7], changed, paints)
    }
  }

  *#blocks(
    address: number,
  ): Generator<{ plane: Name; at: number; row: number; column: number; stride: number }> {
    const row = Math.floor(address / this.#perRow)
    const column = address % this.#perRow
    for (const [plane, left, wide] of [
      ['y', 2 * column, 16],
      ['y', 2 * column + 1, 16],
      ['cb', column, 8],
      ['cr', column, 8],
    ] as const) {
      const stride = this.#perRow * wide
      yield { plane, at: row * 8 * stride + left * 8, row, column: left, stride }
    }
  }

  #whole(bits: Bits, address: number, quarters: number, coded: Record<Name, Coded[]>, paints: boolean): void {
    for (const { plane, at, row, column, stride } of this.#blocks(address)) {
      const step = plane === 'y' ? quarters : 2 * quarters
      const others = coded[plane]
      const left = others.find((other) => other.row === row && other.column === column - 1)
      const above = others.find((other) => other.row === row - 1 && other.column === column)
      const one = left ?? above ?? others.at(-1) ?? { dc: 0, nonzeros: 4 }
      const [a, b] = left && above ? [left, above] : [one, one]
      const apart = Math.abs(a.dc - b.dc) / step
      const spread = left && above ? [3, 10].filter((limit) => apart >= limit).length : 3
      const busy = [2, 7, 17].filter((limit) => a.nonzeros + b.nonzeros >= limit).length
      const predicted = Math.floor(Math.floor((a.dc + b.dc) / 2) / step + 0.5)
      const block = this.#levels(bits, plane === 'y' ? LUMA : CHROMA, predicted, spread, busy)
      others.push({ row, column, dc: block.levels[0] * step, nonzeros: block.nonzeros })
      if (paints) this.#paint(this[plane], at, stride, block.levels, step, false)
    }
  }

  #change(
    bits: Bits,
    address: number,
    quarters: number,
    before: { y: number; chroma: number },
    paints: boolean,
  ): void {
    for (const { plane, at, stride } of this.#blocks(address)) {
      const kind = plane === 'y' ? 'y' : 'chroma'
      const busy = [1, 4, 9].filter((limit) => before[kind] >= limit).length
      const block = this.#levels(bits, plane === 'y' ? CHANGE_OF_LUMA : CHANGE_OF_CHROMA, 0, 0, busy)
      before[kind] = block.nonzeros
      const step = plane === 'y' ? quarters : 2 * quarters
      if (paints) this.#paint(this[plane], at, stride, block.levels, step, true)
    }
  }

  #levels(bits: Bits, plane: number, predicted: number, spread: number, busy: number): Block {
    const levels = new Array<number>(64).fill(0)
    let nonzeros = 0
    levels[0] = predicted
    const first = plane + 430 + 20 * spread
    if (bits.decide(first)) levels[0] += this.#signed(bits, bits.magnitude(first + 1, 20))
    // Before the first there count a 1 and, before that, a 0.
    const sizes = [0, 1]
    for (let index = 1; index < 64; index += 1) {
      const band = bandOf(index)
      const [older, previous] = sizes.slice(-2)
      if (previous > 0 && bits.decide(plane + (busy * 10 + band) * 2 + previous - 1)) break
      const near = older + previous
      sizes.push(0)
      if (!bits.decide(plane + 80 + (busy * 10 + band) * 5 + near)) continue
      let magnitude = 1
      if (bits.decide(plane + 280 + band * 3 + Math.min(2, near)))
        magnitude += bits.magnitude(plane + 310 + band * 12, 13)
      levels[index] = this.#signed(bits, magnitude)
      sizes[sizes.length - 1] = Math.min(2, magnitude)
      nonzeros += 1
    }
    return { levels, nonzeros }
  }

  #signed(bits: Bits, magnitude: number): number {
    return bits.raw() ? -magnitude : magnitude
  }

  #paint(plane: number[], at: number, stride: number, levels: number[], step: number, onto: boolean): void {
    for (let row = 0; row < 8; row += 1) {
      for (let col = 0; col < 8; col += 1) {
        let sum = 0n
        for (const [index, natural] of ORDER.entries()) {
          if (levels[index] === 0) continue
          sum += matrix(natural >> 3, row) * matrix(natural & 7, col) * BigInt(levels[index] * step)
        }
        const to = at + row * stride + col
        const sample = (onto ? plane[to] : 128) + Number((sum + 2n ** 25n) >> 26n)
        plane[to] = Math.max(0, Math.min(255, sample))
      }
    }
  }
}
