// How loud this device is: nobody else hears it.

import { build, button, mark } from '../build.ts'
import { icon } from '../icon.ts'

export type VolumeControlOptions = {
  parent: HTMLElement
  volume: number
  muted: boolean
  onVolume: (volume: number, muted: boolean) => void
}

/** A button that silences and a slider. */
export class VolumeControl {
  readonly #onVolume: VolumeControlOptions['onVolume']
  readonly #mute: HTMLButtonElement
  readonly #slider = build('input', {
    id: 'volume',
    type: 'range',
    min: 0,
    max: 100,
    step: 1,
    'aria-label': 'Volume',
  })

  constructor({ parent, volume, muted, onVolume }: VolumeControlOptions) {
    this.#onVolume = onVolume
    this.#mute = button({ id: 'mute-button', label: 'Mute', onPress: () => this.toggle() }, icon('speaker'))
    this.#slider.addEventListener('input', () => this.#set(this.#level, false))
    parent.append(build('div', { class: 'volume' }, this.#mute, this.#slider))
    this.#set(volume, muted)
  }

  /** Silences, or lets be heard again. */
  toggle(): void {
    this.#set(this.#level || 0.5, !this.#muted)
  }

  /** Louder or quieter, by a share of the whole. */
  step(by: number): void {
    this.#set(Math.min(1, Math.max(0, Math.round((this.#level + by) * 100) / 100)), false)
  }

  get #level(): number {
    return Number(this.#slider.value) / 100
  }

  get #muted(): boolean {
    return this.#mute.getAttribute('aria-pressed') === 'true'
  }

  #set(volume: number, muted: boolean): void {
    const silent = muted || volume === 0
    this.#slider.value = String(Math.round(volume * 100))
    this.#slider.style.setProperty('--level', `${silent ? 0 : volume * 100}%`)
    mark(this.#mute, 'aria-pressed', String(silent))
    this.#onVolume(volume, silent)
  }
}
