// The moment between the end of one programme and the start of the next.

import type { LocalTime } from '../../vendor/asciline/index.ts'

/** Calls `onZero` once, `ms` after `start`, unless it is stopped. */
export class Countdown {
  readonly #ms: number
  readonly #onZero: () => void
  #timer: NodeJS.Timeout | undefined
  #since: LocalTime | undefined

  constructor({ ms, onZero }: { ms: number; onZero: () => void }) {
    this.#ms = ms
    this.#onZero = onZero
  }

  get running(): boolean {
    return this.#since !== undefined
  }

  /** From the beginning, also when it is running. */
  start(now: LocalTime): void {
    this.stop()
    this.#since = now
    this.#timer = setTimeout(() => {
      this.#since = undefined
      this.#onZero()
    }, this.#ms)
  }

  /** True when it was running. */
  stop(): boolean {
    clearTimeout(this.#timer)
    const was = this.running
    this.#since = undefined
    return was
  }

  /** Whole milliseconds until zero; undefined when it is not running. */
  remaining(now: LocalTime): number | undefined {
    return this.#since === undefined ? undefined : Math.max(0, Math.ceil(this.#since + this.#ms - now))
  }
}
