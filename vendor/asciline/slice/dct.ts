// The 8x8 transform. The inverse is part of the wire format and exact; the forward is the encoder's own business.
//
// Inverse: pixel = 128 + floor((S + 2^25) / 2^26), S = sum over v, u of M[v][row] * M[u][col] * coefficient[v][u],
// M[k][n] = round(4096 * a(k) * cos((2n + 1) k pi / 16)), a(0) = sqrt(1/8), else 1/2; coefficients in quarters.
// Every term is an integer and every sum stays far below 2^53, so doubles are exact here: any order of additions, any
// engine and any language give the same pixel. That is why the constants are literals and nothing is rounded half-way.

const M1 = 2009
const M2 = 1892
const M3 = 1703
const M4 = 1448
const M5 = 1138
const M6 = 784
const M7 = 400

const OUTPUT_SCALE = 1 / 2 ** 26
const OUTPUT_BIAS = 128.5

const rowsDone = new Float64Array(64)

/**
 * Paints one block of 64 coefficients (row-major, whole quarters, |c| < 2^22) into a plane at `at`.
 * `rowMask` has a bit for every row of coefficients that is not all zero; the others are not read.
 */
export function inverseDct(
  coefficients: Float64Array,
  rowMask: number,
  plane: Uint8Array,
  at: number,
  stride: number,
): void {
  for (let row = 0; row < 8; row += 1) {
    if ((rowMask & (1 << row)) !== 0) inverseLine(coefficients, row * 8, 1, rowsDone, row * 8, 1)
    else clearRow(row * 8)
  }
  for (let column = 0; column < 8; column += 1) {
    inverseLine(rowsDone, column, 8, rowsDone, column, 8)
    for (let index = column, to = at + column; index < 64; index += 8, to += stride) {
      plane[to] = pixelOf(rowsDone[index])
    }
  }
}

// Eight stores are quicker than one call of `fill`, here and in `inverseFlat`.
function clearRow(at: number): void {
  rowsDone[at] = 0
  rowsDone[at + 1] = 0
  rowsDone[at + 2] = 0
  rowsDone[at + 3] = 0
  rowsDone[at + 4] = 0
  rowsDone[at + 5] = 0
  rowsDone[at + 6] = 0
  rowsDone[at + 7] = 0
}

/** As `inverseDct`, but adds to what the plane holds instead of to 128. */
export function inverseDctOnto(
  coefficients: Float64Array,
  rowMask: number,
  plane: Uint8Array,
  at: number,
  stride: number,
): void {
  for (let row = 0; row < 8; row += 1) {
    if ((rowMask & (1 << row)) !== 0) inverseLine(coefficients, row * 8, 1, rowsDone, row * 8, 1)
    else clearRow(row * 8)
  }
  for (let column = 0; column < 8; column += 1) {
    inverseLine(rowsDone, column, 8, rowsDone, column, 8)
    for (let index = column, to = at + column; index < 64; index += 8, to += stride) {
      const value = rowsDone[index] * OUTPUT_SCALE + 0.5 + plane[to]
      plane[to] = value < 0 ? 0 : value >= 255 ? 255 : value | 0
    }
  }
}

/** What `inverseDct` paints when only the first coefficient is not zero. */
export function inverseFlat(coefficient: number, plane: Uint8Array, at: number, stride: number): void {
  const pixel = pixelOf(coefficient * (M4 * M4))
  for (let row = 0, from = at; row < 8; row += 1, from += stride) {
    for (let sample = from; sample < from + 8; sample += 1) plane[sample] = pixel
  }
}

function pixelOf(sum: number): number {
  const value = sum * OUTPUT_SCALE + OUTPUT_BIAS
  // Truncation is floor for what is left once negatives are cut off.
  return value < 0 ? 0 : value >= 255 ? 255 : value | 0
}

function inverseLine(
  from: Float64Array,
  fromAt: number,
  fromStep: number,
  to: Float64Array,
  toAt: number,
  toStep: number,
): void {
  const c0 = from[fromAt]
  const c1 = from[fromAt + fromStep]
  const c2 = from[fromAt + 2 * fromStep]
  const c3 = from[fromAt + 3 * fromStep]
  const c4 = from[fromAt + 4 * fromStep]
  const c5 = from[fromAt + 5 * fromStep]
  const c6 = from[fromAt + 6 * fromStep]
  const c7 = from[fromAt + 7 * fromStep]
  const sum = M4 * (c0 + c4)
  const difference = M4 * (c0 - c4)
  const high = M2 * c2 + M6 * c6
  const low = M6 * c2 - M2 * c6
  const even0 = sum + high
  const even1 = difference + low
  const even2 = difference - low
  const even3 = sum - high
  const odd0 = M1 * c1 + M3 * c3 + M5 * c5 + M7 * c7
  const odd1 = M3 * c1 - M7 * c3 - M1 * c5 - M5 * c7
  const odd2 = M5 * c1 - M1 * c3 + M7 * c5 + M3 * c7
  const odd3 = M7 * c1 - M5 * c3 + M3 * c5 - M1 * c7
  to[toAt] = even0 + odd0
  to[toAt + toStep] = even1 + odd1
  to[toAt + 2 * toStep] = even2 + odd2
  to[toAt + 3 * toStep] = even3 + odd3
  to[toAt + 4 * toStep] = even3 - odd3
  to[toAt + 5 * toStep] = even2 - odd2
  to[toAt + 6 * toStep] = even1 - odd1
  to[toAt + 7 * toStep] = even0 - odd0
}

// Forward: Arai, Agui, Nakajima 1988, five multiplications a line. What it leaves out is a factor per coefficient,
// which costs nothing because the quantiser divides anyway: see FORWARD_SCALE.
const SQRT_HALF = Math.SQRT1_2
const SIN_EIGHTH = 0.3826834323650898
const COS_MINUS_SIN = 0.541196100146197
const COS_PLUS_SIN = 1.3065629648763766

/** cos(k pi / 16) * sqrt(2), 1 for k = 0. */
const LINE_GAIN = [
  1, 1.3870398453221475, 1.3065629648763766, 1.1758756024193588, 1, 0.7856949583871022, 0.541196100146197,
  0.2758993792829431,
]

/** What a result of `forwardDct` must be multiplied by to become the orthonormal coefficient. */
export const FORWARD_SCALE: Float64Array = Float64Array.from(
  { length: 64 },
  (_, index) => 1 / (8 * LINE_GAIN[index >> 3] * LINE_GAIN[index & 7]),
)

/**
 * Loads one 8x8 block of a plane, centred on zero, for `forwardDct`; black samples are lowered by `below`. Returns the squares of
 * what it deviates from its mean by, summed: the squares of all orthonormal coefficients but the first.
 */
export function loadBlock(
  plane: Uint8Array,
  at: number,
  stride: number,
  below: number,
  block: Float64Array,
): number {
  let sum = 0
  let squares = 0
  for (let row = 0, from = at, to = 0; row < 8; row += 1, from += stride) {
    for (let sample = from; sample < from + 8; sample += 1, to += 1) {
      const level = plane[sample]
      const value = level === 0 ? -128 - below : level - 128
      block[to] = value
      sum += value
      squares += value * value
    }
  }
  return squares - (sum * sum) / 64
}

/** As `loadBlock`, of the difference between two planes of one layout. What is black already stays as it is. */
export function loadChange(
  plane: Uint8Array,
  before: Uint8Array,
  at: number,
  stride: number,
  below: number,
  block: Float64Array,
): number {
  let sum = 0
  let squares = 0
  for (let row = 0, from = at, to = 0; row < 8; row += 1, from += stride) {
    for (let sample = from; sample < from + 8; sample += 1, to += 1) {
      const change = plane[sample] - before[sample]
      const value = plane[sample] === 0 && change !== 0 ? change - below : change
      block[to] = value
      sum += value
      squares += value * value
    }
  }
  return squares - (sum * sum) / 64
}

/** Transforms what was loaded (row-major, to be scaled). */
export function forwardDct(block: Float64Array): void {
  for (let row = 0; row < 64; row += 8) forwardLine(block, row, 1)
  for (let column = 0; column < 8; column += 1) forwardLine(block, column, 8)
}

function forwardLine(block: Float64Array, at: number, step: number): void {
  const i1 = at + step
  const i2 = i1 + step
  const i3 = i2 + step
  const i4 = i3 + step
  const i5 = i4 + step
  const i6 = i5 + step
  const i7 = i6 + step
  const sum0 = block[at] + block[i7]
  const sum1 = block[i1] + block[i6]
  const sum2 = block[i2] + block[i5]
  const sum3 = block[i3] + block[i4]
  const slope0 = block[at] - block[i7]
  const slope1 = block[i1] - block[i6]
  const slope2 = block[i2] - block[i5]
  const slope3 = block[i3] - block[i4]
  const outer = sum0 + sum3
  const inner = sum1 + sum2
  const turn = sum0 - sum3
  const bend = (sum1 - sum2 + turn) * SQRT_HALF
  block[at] = outer + inner
  block[i4] = outer - inner
  block[i2] = turn + bend
  block[i6] = turn - bend
  const a = slope3 + slope2
  const b = (slope2 + slope1) * SQRT_HALF
  const c = slope1 + slope0
  const rotated = (a - c) * SIN_EIGHTH
  const d = COS_MINUS_SIN * a + rotated
  const e = COS_PLUS_SIN * c + rotated
  const far = slope0 - b
  const near = slope0 + b
  block[i1] = near + e
  block[i7] = near - e
  block[i5] = far + d
  block[i3] = far - d
}
