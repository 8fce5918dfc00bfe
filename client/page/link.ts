// Where the page stands with the server: by which way it is connected, or why it is not. Said once, when it has changed.

import type { Way } from './ladder.ts'

/** Where the page stands with the server. */
export type Link =
  | { kind: 'connecting' }
  | { kind: 'connected'; way: Way }
  /** Was refused or lost; tries again by itself. */
  | { kind: 'lost'; reason: string }
  /** The cookie is not (or no longer) valid: somebody has to enter the PIN. */
  | { kind: 'locked' }

/** Gathers what went wrong until something works, and tells. */
export class LinkReport {
  readonly #onLink: (link: Link) => void
  #reason: string | undefined
  #told = ''

  constructor({ onLink }: { onLink: (link: Link) => void }) {
    this.#onLink = onLink
  }

  /** Somebody has said why: that counts from now on. */
  blame(reason: string): void {
    this.#reason = reason
  }

  /** Nobody has said why: this counts where nothing better is known. */
  suspect(reason: string): void {
    this.#reason ??= reason
  }

  /** Tells the way that works now, or that there is none. */
  tell(way: Way | undefined): void {
    if (way !== undefined) this.#reason = undefined
    const link: Link =
      way !== undefined
        ? { kind: 'connected', way }
        : this.#reason !== undefined
          ? { kind: 'lost', reason: this.#reason }
          : { kind: 'connecting' }
    const text = JSON.stringify(link)
    if (text === this.#told) return
    this.#told = text
    this.#onLink(link)
  }
}
