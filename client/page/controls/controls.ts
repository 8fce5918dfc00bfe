// When the bars around the picture are there: they leave a moving picture alone, and come back at a touch.

import { element } from '../element.ts'

/** Controls leave a playing picture alone after this long without a touch. */
const AWAY_AFTER_MS = 3500

export type ControlsOptions = {
  /** True while somebody uses something that must not go away. */
  busy: () => boolean
  /** Any touch or key: browsers release sound only then. */
  onTouch: () => void
}

/** Fades the bars of the player; knows nothing of what is in them. */
export class Controls {
  readonly #options: ControlsOptions
  readonly #screen = element('player-screen', HTMLElement)
  #moving = false
  #touchedAt = 0

  constructor(options: ControlsOptions) {
    this.#options = options
    // Capture, so that the touch that presses a button has released the sound before the button acts.
    document.addEventListener('keydown', () => this.#touched(), { capture: true })
    document.addEventListener('pointerup', () => options.onTouch(), { capture: true })
    document.addEventListener('pointermove', ({ pointerType }) => pointerType === 'mouse' && this.stir(), {
      passive: true,
    })
    // On the picture a tap brings the bars, and the next one takes them away; anywhere else it only keeps them.
    document.addEventListener('pointerdown', (event) => this.#press(event), { capture: true })
  }

  show(on: boolean): void {
    this.#screen.hidden = !on
    this.stir()
  }

  /** `moving` while there is a picture that is worth uncovering. */
  draw(moving: boolean): void {
    this.#moving = moving
    this.fade(performance.now())
  }

  /** Called now and then: lets the controls go, or brings them back. */
  fade(now: number): void {
    const away = this.#moving && !this.#options.busy() && now - this.#touchedAt >= AWAY_AFTER_MS
    this.#screen.classList.toggle('away', away)
    document.body.classList.toggle('uncovered', away)
  }

  /** Brings the bars back. */
  stir(): void {
    this.#touchedAt = performance.now()
    this.fade(this.#touchedAt)
  }

  #press({ target, pointerType }: PointerEvent): void {
    const onPicture = target instanceof Element && target.closest('#stage') !== null
    if (!onPicture || pointerType === 'mouse' || this.#screen.classList.contains('away')) this.stir()
    else {
      this.#touchedAt = Number.NEGATIVE_INFINITY
      this.fade(performance.now())
    }
  }

  #touched(): void {
    this.stir()
    this.#options.onTouch()
  }
}

/** A browser may refuse (a car while driving does); the page simply stays as it is. */
export function toggleFullscreen(): void {
  const done = document.fullscreenElement
    ? document.exitFullscreen()
    : document.documentElement.requestFullscreen?.()
  done?.catch(() => undefined)
}
