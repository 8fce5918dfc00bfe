// Counts milliseconds into buckets, so that hours of samples cost 8 kB and no allocation.

const BUCKET_MS = 0.25
const BUCKETS = 2000

/** The four figures a report carries, in milliseconds. */
export type Percentiles = { p50: number; p95: number; p99: number; max: number }

/** Distribution of non-negative milliseconds: 0.25 ms resolution up to 500 ms; the maximum is exact. */
export class Distribution {
  readonly #counts = new Uint32Array(BUCKETS)
  #count = 0
  #sum = 0
  #max = 0

  get count(): number {
    return this.#count
  }

  /** Sum of all samples in milliseconds: two readings give the mean of what lies between. */
  get sum(): number {
    return this.#sum
  }

  /** Adds a sample; negative ones count as 0, and what is not a number is left out. */
  add(ms: number): void {
    if (Number.isNaN(ms)) return
    const value = Math.max(0, ms)
    this.#counts[Math.min(BUCKETS - 1, Math.floor(value / BUCKET_MS))] += 1
    this.#count += 1
    this.#sum += value
    if (value > this.#max) this.#max = value
  }

  /** Smallest bucket edge that `share` (0..1) of the samples do not exceed; 0 without samples. */
  percentile(share: number): number {
    const wanted = Math.ceil(share * this.#count)
    let seen = 0
    for (let i = 0; i < BUCKETS - 1; i++) {
      seen += this.#counts[i]
      if (seen >= wanted) return this.#count === 0 ? 0 : Math.min((i + 1) * BUCKET_MS, this.#max)
    }
    return this.#max
  }

  /** The usual four figures. */
  percentiles(): Percentiles {
    return {
      p50: this.percentile(0.5),
      p95: this.percentile(0.95),
      p99: this.percentile(0.99),
      max: this.#max,
    }
  }
}
