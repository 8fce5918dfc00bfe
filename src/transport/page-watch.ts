// Notices a page that takes frames and shows none: a browser whose main thread hangs acknowledges packets all the same, and
// what is sent meanwhile waits in it, old, when it comes back.

import type { LocalTime } from '../../vendor/asciline/index.ts'

/** Reports come three times a second, from a hidden page once. */
const FROZEN_MS = 2000
/** A frozen page gets a frame now and then, or it could never show that it is back. */
const PROBE_MS = 1000

/** Pure: time is an argument. */
export class PageWatch {
  #shown: { epoch: number; frame: number } | undefined
  /** When the first frame left since the page last showed another. */
  #waitingSince: LocalTime | undefined
  #sentAt = Number.NEGATIVE_INFINITY

  /** A frame has left. */
  sent(now: LocalTime): void {
    this.#sentAt = now
    this.#waitingSince ??= now
  }

  /** True when the page shows something else than before. */
  reported({ epoch, frame }: { epoch: number; frame: number }, now: LocalTime): boolean {
    if (this.#shown?.epoch === epoch && this.#shown.frame === frame) return false
    this.#shown = { epoch, frame }
    this.#waitingSince = this.#sentAt > now - PROBE_MS ? now : undefined
    return true
  }

  /**
   * Its script has said something of its own, a question: it runs. A report can be lost, and those behind it wait for it; a page
   * that hangs asks nothing.
   */
  asked(now: LocalTime): void {
    if (this.#waitingSince !== undefined) this.#waitingSince = now
  }

  /** Whether a frame may leave. A viewer that never reports is let alone. */
  allows(now: LocalTime): boolean {
    if (this.#shown === undefined || this.#waitingSince === undefined) return true
    return now - this.#waitingSince <= FROZEN_MS || now - this.#sentAt >= PROBE_MS
  }
}
