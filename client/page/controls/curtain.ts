// What hangs before the stage while there is no moving picture: what is going on, how far it is, what can be done.

import { build, empty, mark, write } from '../build.ts'
import { type CurtainWords, curtainWords, STEPS } from '../programme/curtain-words.ts'
import { type Facts, isOn } from '../programme/programme-state.ts'

const WHEN = { weekday: 'long', hour: '2-digit', minute: '2-digit' } as const

export type CurtainOptions = {
  element: HTMLElement
  onTryAgain: () => void
  onPlayNow: () => void
  onCallOff: () => void
  onStop: () => void
}

/** Rebuilt only when it says something of another kind; a countdown is written into what is there. */
export class Curtain {
  readonly #options: CurtainOptions
  readonly #count = build('output', { class: 'countdown' })
  #key = ''
  /** What it hangs there for, and since when. */
  #kind = ''
  #since = 0

  constructor(options: CurtainOptions) {
    this.#options = options
    options.element.hidden = true
  }

  /** Shows what the facts mean at `now`. `browsing` is somebody who looks elsewhere meanwhile: only errors are shown to them. */
  draw(facts: Facts, now: number, browsing: boolean): void {
    const words = curtainWords({ ...facts, picture: facts.picture && isOn(facts.status) }, now - this.#since)
    const kind = `${words.kind} ${facts.status?.session_id} ${facts.status?.state}`
    if (kind !== this.#kind) {
      this.#kind = kind
      this.#since = now
    }
    this.#show(browsing && words.kind !== 'error' ? { kind: 'none' } : words, now - facts.statusAt)
  }

  /** `sinceMs` is how old the words are. */
  #show(words: CurtainWords, sinceMs: number): void {
    const { element } = this.#options
    if (words.kind === 'upcoming') {
      write(this.#count, String(Math.max(0, Math.ceil((words.inMs - sinceMs) / 1000))))
    }
    const key = JSON.stringify(words)
    if (key === this.#key) return
    this.#key = key
    empty(element)
    element.hidden = words.kind === 'none'
    mark(element, 'data-kind', words.kind)
    if (words.kind === 'waiting') element.append(...waiting(words), this.#wayOut(words))
    else if (words.kind === 'upcoming') element.append(...this.#upcoming(words))
    else if (words.kind === 'error') element.append(this.#error(words))
  }

  #wayOut(words: CurtainWords & { kind: 'waiting' }): HTMLElement {
    const cancel = action('Cancel', 'cancel-button', this.#options.onStop)
    cancel.hidden = words.step === undefined
    return build('div', { class: 'curtain-actions' }, cancel)
  }

  #upcoming({ title, why }: CurtainWords & { kind: 'upcoming' }): HTMLElement[] {
    const { onPlayNow, onCallOff } = this.#options
    return [
      ...(why === '' ? [] : [build('p', { class: 'curtain-detail' }, why)]),
      build('p', { class: 'curtain-detail' }, 'Up next in ', this.#count, ' s'),
      build('p', { class: 'curtain-title' }, title),
      build(
        'div',
        { class: 'curtain-actions' },
        action('Play now', 'upcoming-now', onPlayNow, 'primary'),
        action('Cancel', 'upcoming-cancel', onCallOff),
      ),
    ]
  }

  #error({
    title,
    message,
    code,
    advice,
    startsAt,
    again: offered,
  }: CurtainWords & { kind: 'error' }): HTMLElement {
    const again = offered ? [action('Try again', 'again-button', this.#options.onTryAgain, 'primary')] : []
    const begins =
      startsAt === undefined ? '' : `It begins ${new Date(startsAt).toLocaleString('en-GB', WHEN)}.`
    return build(
      'div',
      { class: 'error-card', role: 'alert' },
      build('p', { class: 'error-title' }, title),
      build('p', { class: 'error-message' }, message),
      ...(advice === '' || advice === message ? [] : [build('p', { class: 'error-advice' }, advice)]),
      ...(begins === '' ? [] : [build('p', { class: 'error-advice' }, begins)]),
      build('div', { class: 'curtain-actions' }, ...again, build('code', {}, code)),
    )
  }
}

function waiting({ title, detail, step }: CurtainWords & { kind: 'waiting' }): HTMLElement[] {
  const steps = STEPS.map((name, index) =>
    build('li', { 'data-step': index < (step ?? 0) ? 'done' : index === step ? 'now' : 'later' }, name),
  )
  return [
    loader(),
    build('p', { class: 'curtain-title' }, title),
    ...(step === undefined ? [] : [build('ol', { class: 'steps' }, ...steps)]),
    ...(detail === '' ? [] : [build('p', { class: 'curtain-detail' }, detail)]),
  ]
}

/** Most files of the server are there sooner; what moves meanwhile would only hold them up. */
const STILL_MS = 700

/** A wave through the ramp, dark to bright, all of it in the same tenths of a second. */
function loader(): HTMLElement {
  const glyphs = [...'.:-=+*#%@%#*+=-:.'].map((glyph, index) => {
    const one = build('span', {}, glyph)
    one.style.animationDelay = `${STILL_MS + index * 100}ms`
    return one
  })
  return build('p', { class: 'loader', 'aria-hidden': 'true' }, ...glyphs)
}

function action(label: string, id: string, onPress: () => void, kind = ''): HTMLButtonElement {
  const made = build('button', { class: `button ${kind}`, type: 'button', id }, label)
  made.addEventListener('click', onPress)
  return made
}
