// What was found a moment ago, kept for as long as it can be trusted. Time is an argument.

/** The oldest answers make room for new ones. */
export class AnswerCache<T> {
  readonly #answers = new Map<string, { value: T; until: number }>()
  readonly #capacity: number

  constructor({ capacity = 200 }: { capacity?: number } = {}) {
    this.#capacity = capacity
  }

  get(key: string, now: number): T | undefined {
    const found = this.#answers.get(key)
    if (found === undefined) return undefined
    if (found.until > now) return found.value
    this.#answers.delete(key)
    return undefined
  }

  /** `until` in the same clock as `now`. */
  set(key: string, value: T, until: number): void {
    this.#answers.delete(key)
    this.#answers.set(key, { value, until })
    for (const oldest of this.#answers.keys()) {
      if (this.#answers.size <= this.#capacity) return
      this.#answers.delete(oldest)
    }
  }

  delete(key: string): void {
    this.#answers.delete(key)
  }
}
