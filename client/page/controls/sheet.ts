// A sheet at the side of the page: opened by a button, closed by its own, by Escape, or by the next sheet.

import { build, button, mark } from '../build.ts'
import { icon } from '../icon.ts'

export type SheetOptions = {
  id: string
  title: string
  /** Shows whether it is open, and has the focus again when it is closed. */
  opener?: HTMLElement
  onShow?: (on: boolean) => void
}

const sheets: Sheet[] = []

/** Lies at the end of the page; its `body` is filled by whoever makes it. */
export class Sheet {
  readonly body = build('div', { class: 'sheet-body' })
  readonly #options: SheetOptions
  readonly #sheet: HTMLElement
  readonly #close: HTMLButtonElement
  #before: Element | null = null

  constructor(options: SheetOptions) {
    this.#options = options
    const { id, title } = options
    this.#close = button(
      { id: `${id}-close`, label: `Close: ${title}`, onPress: () => this.show(false) },
      icon('close'),
    )
    this.#sheet = build(
      'aside',
      { id, class: 'sheet', role: 'dialog', 'aria-label': title, hidden: true },
      build('div', { class: 'sheet-head' }, build('h2', {}, title), this.#close),
      this.body,
    )
    this.#sheet.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape') return
      event.stopPropagation()
      this.show(false)
    })
    document.body.append(this.#sheet)
    sheets.push(this)
  }

  get shown(): boolean {
    return !this.#sheet.hidden
  }

  show(on: boolean): void {
    if (on === this.shown) return
    if (on) for (const other of sheets) if (other !== this) other.show(false)
    this.#sheet.hidden = !on
    const { opener, onShow } = this.#options
    if (opener !== undefined) mark(opener, 'aria-expanded', String(on))
    onShow?.(on)
    if (on) {
      this.#before = document.activeElement
      this.#close.focus()
    } else if (this.#before instanceof HTMLElement) this.#before.focus()
  }
}

/** True while one is open, so that the controls stay. */
export function sheetOpen(): boolean {
  return sheets.some((sheet) => sheet.shown)
}

/** Closes whatever is open; false when nothing was. */
export function closeSheets(): boolean {
  const open = sheets.filter((sheet) => sheet.shown)
  for (const sheet of open) sheet.show(false)
  return open.length > 0
}
