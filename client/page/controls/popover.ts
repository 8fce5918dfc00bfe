// A small sheet above the button that opens it: one at a time, closed by Escape, by a press elsewhere, or by its button.

import { build, mark } from '../build.ts'

export type PopoverOptions = { opener: HTMLButtonElement; label: string; onOpen?: () => void }

const open = new Set<Popover>()

/** Its `body` is filled by whoever makes it. */
export class Popover {
  readonly body: HTMLDivElement
  readonly #opener: HTMLButtonElement
  readonly #onOpen: (() => void) | undefined

  constructor({ opener, label, onOpen }: PopoverOptions) {
    this.#opener = opener
    this.#onOpen = onOpen
    this.body = build('div', { class: 'popover', role: 'group', 'aria-label': label, hidden: true })
    const holder = build('div', { class: 'popover-holder' })
    opener.replaceWith(holder)
    holder.append(opener, this.body)
    opener.setAttribute('aria-haspopup', 'true')
    opener.setAttribute('aria-expanded', 'false')
    opener.addEventListener('click', () => this.show(!this.shown))
    holder.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' || !this.shown) return
      event.stopPropagation()
      this.show(false)
      opener.focus()
    })
  }

  get shown(): boolean {
    return !this.body.hidden
  }

  show(on: boolean): void {
    for (const other of [...open]) if (other !== this) other.show(false)
    if (on) open.add(this)
    else open.delete(this)
    this.body.hidden = !on
    mark(this.#opener, 'aria-expanded', String(on))
    if (on) {
      this.#onOpen?.()
      this.#place()
    }
  }

  /** Above its button, and never over the edge of the display. */
  #place(): void {
    const { style } = this.body
    style.left = '0'
    const { left, width } = this.body.getBoundingClientRect()
    const over = left + width + 12 - document.documentElement.clientWidth
    style.left = `${-Math.max(0, Math.min(over, left - 12))}px`
  }
}

/** True while one is open, so that the controls stay. */
export function popoverOpen(): boolean {
  return open.size > 0
}

document.addEventListener('pointerdown', ({ target }) => {
  for (const one of [...open]) {
    if (target instanceof Node && one.body.parentElement?.contains(target)) continue
    one.show(false)
  }
})
