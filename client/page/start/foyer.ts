// The start screen's place before the picture: there by itself while nothing is on, and when somebody asks for it.

import { mark } from '../build.ts'
import { element } from '../element.ts'
import { type Facts, isActive } from '../programme/programme-state.ts'

export type FoyerOptions = {
  /** Holds the start screen. */
  view: HTMLElement
  /** Somebody goes there, or back to the picture. */
  onBrowse: (on: boolean) => void
}

/** Owns the button that leads there and back. */
export class Foyer {
  readonly #options: FoyerOptions
  readonly #button = element('home-button', HTMLButtonElement)
  #browsing = false
  #open = false

  constructor(options: FoyerOptions) {
    this.#options = options
    this.#button.addEventListener('click', () => this.browse(!this.#browsing))
  }

  /** Somebody has asked for it. */
  get browsing(): boolean {
    return this.#browsing
  }

  /** It lies before the picture, as last drawn. */
  get open(): boolean {
    return this.#open
  }

  browse(on: boolean): void {
    this.#browsing = on
    this.#options.onBrowse(on)
  }

  draw({ status, asking }: Facts): void {
    const active = isActive(status)
    const forced = !active && asking === undefined && status?.upcoming === undefined
    this.#open = status !== undefined && (forced || this.#browsing)
    this.#options.view.hidden = !this.#open
    this.#button.hidden = forced || status === undefined
    mark(this.#button, 'aria-expanded', String(this.#open))
    document.body.classList.toggle('browsing', this.#open)
    document.body.classList.toggle('idle', this.#open && !active)
  }
}
