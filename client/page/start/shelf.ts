// A heading and its cards.

import { build, empty } from '../build.ts'
import type { Entry } from '../programme/listings.ts'
import { type CardOptions, card } from './card.ts'

export type ShelfOptions = Omit<CardOptions, 'entry' | 'favourite'> & {
  id: string
  title: string
  isFavourite: (query: string) => boolean
  /** Cards before the rest is asked for. */
  most?: number
}

/** Hidden while it is empty. */
export class Shelf {
  readonly element: HTMLElement
  readonly #options: ShelfOptions
  readonly #list: HTMLUListElement
  readonly #heading: HTMLHeadingElement
  readonly #more: HTMLButtonElement
  #entries: readonly Entry[] = []
  #whole = false

  constructor(options: ShelfOptions) {
    this.#options = options
    this.#heading = build('h2', {}, options.title)
    this.#list = build('ul', { class: 'cards' })
    this.#more = build('button', { class: 'button more', type: 'button', hidden: true }, 'Show all')
    this.#more.addEventListener('click', () => {
      this.#whole = true
      this.#fill()
    })
    this.element = build(
      'section',
      { class: 'shelf', id: options.id, 'aria-label': options.title, hidden: true },
      this.#heading,
      this.#list,
      this.#more,
    )
  }

  get entries(): readonly Entry[] {
    return this.#entries
  }

  /** Shows these; a list that has not changed is left as it is, with whatever has the focus. */
  show(entries: readonly Entry[]): void {
    if (JSON.stringify(entries) === JSON.stringify(this.#entries)) return
    this.#entries = entries
    this.#fill()
  }

  /** Puts further ones at the end. */
  add(entries: readonly Entry[]): void {
    this.#entries = [...this.#entries, ...entries]
    this.#list.append(...entries.map((entry) => this.#card(entry)))
  }

  #fill(): void {
    const { most = Number.POSITIVE_INFINITY } = this.#options
    empty(this.#list)
    const shown = this.#whole ? this.#entries : this.#entries.slice(0, most)
    this.#list.append(...shown.map((entry) => this.#card(entry)))
    this.#more.hidden = shown.length === this.#entries.length
    this.element.hidden = this.#entries.length === 0
  }

  #card(entry: Entry): HTMLLIElement {
    return card({ ...this.#options, entry, favourite: this.#options.isFavourite(entry.query) })
  }
}
