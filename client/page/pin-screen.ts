// The locked door: a keypad for fingers, the number row for keyboards, and plain words when it stays shut.

import { DoorError } from './door.ts'
import { element } from './element.ts'

const MIN_DIGITS = 4
const MAX_DIGITS = 8

export type PinScreenOptions = {
  /** Tries a PIN; throws DoorError when it is refused. */
  enter: (pin: string) => Promise<void>
}

/** Shows and hides the PIN page. */
export class PinScreen {
  readonly #enter: (pin: string) => Promise<void>
  readonly #screen = element('pin-screen', HTMLElement)
  readonly #digits = element('pin-digits', HTMLOutputElement)
  readonly #message = element('pin-message', HTMLParagraphElement)
  readonly #keys: HTMLButtonElement[] = []
  #pin = ''
  #busy = false
  #lockedUntil = 0

  constructor({ enter }: PinScreenOptions) {
    this.#enter = enter
    const keypad = element('pin-keys', HTMLDivElement)
    for (const label of ['1', '2', '3', '4', '5', '6', '7', '8', '9', '⌫', '0', 'OK']) {
      const key = document.createElement('button')
      key.type = 'button'
      key.className = label === 'OK' ? 'button primary' : 'button'
      key.textContent = label
      key.setAttribute('aria-label', label === '⌫' ? 'Delete' : label)
      key.addEventListener('click', () => this.#press(label))
      keypad.append(key)
      this.#keys.push(key)
    }
    document.addEventListener('keydown', (event) => this.#type(event))
    this.#draw()
  }

  show(): void {
    this.#pin = ''
    this.#screen.hidden = false
    this.#draw()
  }

  hide(): void {
    this.#screen.hidden = true
    this.#say('')
  }

  #type(event: KeyboardEvent): void {
    if (this.#screen.hidden || event.ctrlKey || event.metaKey || event.altKey) return
    const label = event.key === 'Backspace' ? '⌫' : event.key === 'Enter' ? 'OK' : event.key
    if (!/^(\d|⌫|OK)$/.test(label)) return
    // Else Enter would also press the key that has the focus.
    event.preventDefault()
    this.#press(label)
  }

  #press(label: string): void {
    if (this.#busy || performance.now() < this.#lockedUntil) return
    if (label === 'OK') {
      void this.#submit()
      return
    }
    if (label === '⌫') this.#pin = this.#pin.slice(0, -1)
    else if (this.#pin.length < MAX_DIGITS) this.#pin += label
    this.#say('')
    this.#draw()
  }

  async #submit(): Promise<void> {
    if (this.#pin.length < MIN_DIGITS) {
      this.#say(`A PIN has ${MIN_DIGITS} to ${MAX_DIGITS} digits.`)
      return
    }
    this.#busy = true
    this.#draw()
    try {
      await this.#enter(this.#pin)
    } catch (error) {
      this.#refused(error)
    }
    this.#busy = false
    this.#pin = ''
    this.#draw()
  }

  #refused(error: unknown): void {
    const { code, retryAfterMs, message } =
      error instanceof DoorError ? error : { code: 'internal', retryAfterMs: 0, message: String(error) }
    this.#screen.firstElementChild?.classList.add('wrong')
    setTimeout(() => this.#screen.firstElementChild?.classList.remove('wrong'), 500)
    if (code === 'wrong-pin') this.#say('That PIN is not right. Try again.')
    else if (code === 'network') this.#say('The server does not answer. Is it running?')
    else if (code !== 'locked-out') this.#say(message)
    if (retryAfterMs > 0) {
      this.#lockedUntil = performance.now() + retryAfterMs
      this.#countDown()
    } else if (code === 'locked-out') this.#say(message)
  }

  #countDown(): void {
    const seconds = Math.ceil((this.#lockedUntil - performance.now()) / 1000)
    if (seconds > 0) {
      this.#say(`Too many wrong PINs. Try again in ${duration(seconds)}.`)
      setTimeout(() => this.#countDown(), 250)
    } else this.#say('You can try again now.')
    this.#draw()
  }

  #say(text: string): void {
    if (this.#message.textContent !== text) this.#message.textContent = text
  }

  #draw(): void {
    const shut = this.#busy || performance.now() < this.#lockedUntil
    for (const key of this.#keys) key.disabled = shut
    const places = Math.max(MIN_DIGITS, this.#pin.length)
    this.#digits.textContent = ''
    for (let i = 0; i < places; i++) {
      const place = document.createElement('i')
      place.className = i < this.#pin.length ? 'on' : ''
      this.#digits.append(place)
    }
  }
}

function duration(seconds: number): string {
  const minutes = Math.floor(seconds / 60)
  return minutes === 0 ? `${seconds} s` : `${minutes} min ${seconds % 60} s`
}
