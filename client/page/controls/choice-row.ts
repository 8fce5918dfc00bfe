// Large buttons of which one is chosen, because a car's browser opens no <select>.

import { build } from '../build.ts'

export type Choice<T> = { value: T; label: string }

/** A radio group: arrows move and choose, Tab leaves. */
export class ChoiceRow<T extends string | number> {
  readonly element: HTMLDivElement
  readonly #buttons = new Map<T, HTMLButtonElement>()

  constructor({
    label,
    choices,
    onChoose,
  }: { label: string; choices: readonly Choice<T>[]; onChoose: (value: T) => void }) {
    this.element = build('div', { class: 'choices', role: 'radiogroup', 'aria-label': label })
    for (const { value, label: words } of choices) {
      const choice = build('button', { class: 'button', type: 'button', role: 'radio' }, words)
      choice.addEventListener('click', () => onChoose(value))
      this.element.append(choice)
      this.#buttons.set(value, choice)
    }
    this.element.addEventListener('keydown', (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key]
      if (step === undefined) return
      const buttons = [...this.#buttons.values()]
      const at = buttons.indexOf(document.activeElement as HTMLButtonElement)
      event.stopPropagation()
      event.preventDefault()
      const next = buttons[at + step]
      next?.focus()
      next?.click()
    })
    this.select(undefined)
  }

  /** Marks the chosen one. */
  select(value: T | undefined): void {
    for (const [each, choice] of this.#buttons) {
      choice.setAttribute('aria-checked', String(each === value))
      choice.tabIndex = each === value || value === undefined ? 0 : -1
    }
  }
}
