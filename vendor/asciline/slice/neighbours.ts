// What a block may know of the blocks beside and above it: only those of its own slice, so that a slice stands alone.

/** What a block is coded with. */
export type Surroundings = {
  /** Prediction of the first coefficient, in quarters. */
  predicted: number
  /** How far the two neighbours are apart: 0..2 by the step, 3 when there are not two. */
  spread: number
  /** How busy the neighbours are: 0..3. */
  busy: number
}

/** First coefficients are kept in quarters: two macroblocks of one slice need not have the same step. */
export class Neighbours implements Surroundings {
  predicted = 0
  spread = 3
  busy = 0
  readonly #row: Int32Array
  readonly #dc: Float64Array
  readonly #nonzeros: Uint8Array
  #lastDc = 0
  #lastNonzeros = 0

  /** `columns` is how many blocks of its plane lie side by side. */
  constructor({ columns }: { columns: number }) {
    this.#row = new Int32Array(columns)
    this.#dc = new Float64Array(columns)
    this.#nonzeros = new Uint8Array(columns)
  }

  /** A new slice knows nothing. */
  begin(): void {
    this.#row.fill(-2)
    this.#lastDc = 0
    this.#lastNonzeros = TYPICAL
  }

  /** Sets what the block at this place is coded with; `step` in quarters. */
  look(row: number, column: number, step: number): void {
    const left = column > 0 && this.#row[column - 1] === row
    const above = this.#row[column] === row - 1
    let nonzeros: number
    if (left && above) {
      const a = this.#dc[column - 1]
      const b = this.#dc[column]
      this.predicted = Math.floor((a + b) / 2)
      const apart = Math.abs(a - b)
      this.spread = apart < 3 * step ? 0 : apart < 10 * step ? 1 : 2
      nonzeros = this.#nonzeros[column - 1] + this.#nonzeros[column]
    } else {
      this.spread = 3
      this.predicted = left ? this.#dc[column - 1] : above ? this.#dc[column] : this.#lastDc
      nonzeros = 2 * (left ? this.#nonzeros[column - 1] : above ? this.#nonzeros[column] : this.#lastNonzeros)
    }
    this.busy = busyOfWhole(nonzeros)
  }

  /** Records the block just coded: its first coefficient in quarters, and how many of the others are not zero. */
  push(row: number, column: number, dc: number, nonzeros: number): void {
    this.#row[column] = row
    this.#dc[column] = dc
    this.#nonzeros[column] = nonzeros
    this.#lastDc = dc
    this.#lastNonzeros = nonzeros
  }
}

/** What the first block of a slice takes its missing neighbours for. */
const TYPICAL = 4

/** A change is coded against zero; all it knows is how busy the change before it in its plane was. */
export class ChangeSurroundings implements Surroundings {
  readonly predicted = 0
  readonly spread = 0
  busy = 0

  begin(): void {
    this.busy = 0
  }

  push(nonzeros: number): void {
    this.busy = busyOfChange(nonzeros)
  }
}

/** By the levels other than zero in both neighbours together. */
export function busyOfWhole(nonzeros: number): number {
  return nonzeros < 2 ? 0 : nonzeros < 7 ? 1 : nonzeros < 17 ? 2 : 3
}

/** By those of the change before. */
export function busyOfChange(nonzeros: number): number {
  return nonzeros < 1 ? 0 : nonzeros < 4 ? 1 : nonzeros < 9 ? 2 : 3
}
