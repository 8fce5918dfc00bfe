// Holds a byte budget: a token bucket that makes the quantiser step coarser as it fills.

/** Luma steps in quarters, 10 to 40, each about an eighth coarser: few distinct ones, so that a join is few slices. */
export const STEPS: readonly number[] = [40, 45, 51, 57, 64, 72, 81, 91, 102, 115, 129, 144, 160].map(
  (quarters) => quarters / 4,
)

/** The bucket holds a quarter of a second, so the worst second stays within 25 % of the budget. */
const BUCKET_SECONDS = 0.25

/** Bytes grow about as step^-0.75. */
const BYTES_EXPONENT = 0.75

/** One frame: `step`, perhaps `retryStep` once, cut at `limitBytes`, then `push` what really went out. */
export class RateController {
  readonly #budgetBytes: number
  readonly #bucketBytes: number
  readonly #steps: readonly number[]
  #levelBytes = 0
  /** Index into the steps; fractions accumulate. */
  #position = 0

  /** `bytesPerSecond` is what the wire carries, packet overhead included; `steps` are to choose from, finest first. */
  constructor({
    bytesPerSecond,
    fps,
    steps,
  }: {
    bytesPerSecond: number
    fps: number
    steps: readonly number[]
  }) {
    this.#steps = steps
    this.#budgetBytes = bytesPerSecond / fps
    this.#bucketBytes = bytesPerSecond * BUCKET_SECONDS
  }

  /** Luma step for the next frame. */
  get step(): number {
    return this.#steps[Math.round(this.#position)]
  }

  /** What the next frame may cost at most; the rest of it has to wait. */
  get limitBytes(): number {
    return this.#bucketBytes - this.#levelBytes + this.#budgetBytes
  }

  /** The coarser step to encode this frame with once more, or undefined when `bytes` is affordable as it is. */
  retryStep(bytes: number): number | undefined {
    const affordable = Math.max(
      1.5 * this.#budgetBytes,
      Math.min(4 * this.#budgetBytes, this.#bucketBytes - this.#levelBytes),
    )
    if (bytes <= affordable) return undefined
    const wanted = this.step * (bytes / affordable) ** (1 / BYTES_EXPONENT)
    const coarser = this.#steps.find((step) => step >= wanted) ?? this.#steps[this.#steps.length - 1]
    return coarser > this.step ? coarser : undefined
  }

  /** Records what left. Heartbeats alone may be more than a tiny budget; what nobody can save is not held against it. */
  push(bytes: number): void {
    const level = this.#levelBytes + bytes - this.#budgetBytes
    this.#levelBytes = Math.min(this.#bucketBytes, Math.max(0, level))
    const full = this.#levelBytes / this.#bucketBytes
    const move = full > 0.5 ? 0.5 : full > 0.25 ? 0.17 : full < 0.1 ? -0.35 : 0
    this.#position = Math.min(this.#steps.length - 1, Math.max(0, this.#position + move))
  }

  /** A new picture starts with an empty bucket and the finest step. */
  reset(): void {
    this.#levelBytes = 0
    this.#position = 0
  }
}
