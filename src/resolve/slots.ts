// A few places for work that must not be done by many at once; who comes later waits in order.

/** `take` resolves with the way to give the place back. */
export class Slots {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor({ count }: { count: number }) {
    this.#free = count
  }

  /** Rejects with the signal's reason when it is aborted before a place is free. */
  async take(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted()
    if (this.#free > 0) {
      this.#free -= 1
      return this.#pass()
    }
    await new Promise<void>((resolve, reject) => {
      const go = () => {
        signal.removeEventListener('abort', leave)
        resolve()
      }
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(go), 1)
        reject(signal.reason)
      }
      signal.addEventListener('abort', leave, { once: true })
      this.#waiting.push(go)
    })
    return this.#pass()
  }

  #pass(): () => void {
    let given = false
    return () => {
      if (given) return
      given = true
      const next = this.#waiting.shift()
      if (next === undefined) this.#free += 1
      else next()
    }
  }
}
