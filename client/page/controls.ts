// Everything on the player page that a finger can press, and nothing about what it does.

import { type PresetName, presetName } from '../../signaling/messages.ts'
import type { LibraryFile } from './door.ts'
import { element } from './element.ts'
import type { Preferences } from './preferences.ts'
import type { Words } from './status-line.ts'

/** Controls leave a playing picture alone after this long without a touch. */
const AWAY_AFTER_MS = 3500

export type ControlsOptions = {
  preferences: Preferences
  onPlay: (query: string) => void
  onStop: () => void
  onPreset: (preset: PresetName) => void
  onVolume: (volume: number, muted: boolean) => void
  onStats: (on: boolean) => void
  /** Any touch or key: browsers release sound only then. */
  onTouch: () => void
}

/** The player page's chrome. Shows what it is told, reports what is pressed. */
export class Controls {
  readonly #options: ControlsOptions
  readonly #screen = element('player-screen', HTMLElement)
  readonly #status = element('status', HTMLParagraphElement)
  readonly #statusText = element('status-text', HTMLSpanElement)
  readonly #welcome = element('welcome', HTMLDivElement)
  readonly #advice = element('advice', HTMLParagraphElement)
  readonly #query = element('query', HTMLInputElement)
  readonly #stop = element('stop-button', HTMLButtonElement)
  readonly #mute = element('mute-button', HTMLButtonElement)
  readonly #volume = element('volume', HTMLInputElement)
  readonly #sound = element('sound-button', HTMLButtonElement)
  readonly #stats = element('stats-button', HTMLButtonElement)
  readonly #presets = new Map<PresetName, HTMLButtonElement>()
  readonly #library = element('library', HTMLDivElement)
  readonly #libraryList = element('library-list', HTMLUListElement)
  #playing = false
  #touchedAt = 0

  constructor(options: ControlsOptions) {
    this.#options = options
    const { preferences, onStop, onPlay } = options
    element('search', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault()
      const query = this.#query.value.trim()
      if (query === '') this.#query.focus()
      else {
        this.#query.blur()
        onPlay(query)
      }
    })
    this.#stop.addEventListener('click', onStop)
    element('demo-button', HTMLButtonElement).addEventListener('click', () => onPlay('demo:'))
    element('fullscreen-button', HTMLButtonElement).addEventListener('click', toggleFullscreen)
    this.#stats.addEventListener('click', () => this.#toggleStats())
    this.#buildPresets(preferences.preset)
    this.#volume.value = String(Math.round(preferences.volume * 100))
    this.#volume.addEventListener('input', () => this.#setVolume(Number(this.#volume.value) / 100, false))
    this.#mute.addEventListener('click', () => this.#setVolume(this.#level || 0.5, !this.#muted))
    this.#setVolume(preferences.volume, preferences.muted)
    this.#stats.setAttribute('aria-pressed', String(preferences.stats))
    // Capture, so that the touch that presses a button has released the sound before the button acts.
    for (const type of ['pointerdown', 'keydown'] as const) {
      document.addEventListener(type, () => this.#touched(type), { capture: true })
    }
    document.addEventListener('pointermove', () => this.#stir(), { passive: true })
    document.addEventListener('pointerup', () => options.onTouch(), { capture: true })
    element('stage', HTMLElement).addEventListener('click', () => this.#stir())
    this.#screen.addEventListener('keydown', (event) => event.stopPropagation())
    document.addEventListener('keydown', (event) => this.#shortcut(event))
  }

  show(on: boolean): void {
    this.#screen.hidden = !on
    this.#stir()
  }

  /** `picture` is true while there is something worth uncovering. */
  draw(
    { tone, text, advice }: Words,
    { picture, stoppable }: { picture: boolean; stoppable: boolean },
  ): void {
    this.#status.dataset.tone = tone
    if (this.#statusText.textContent !== text) this.#statusText.textContent = text
    document.title = tone === 'playing' || tone === 'live' ? `${text} – asciline` : 'asciline'
    if (this.#advice.textContent !== advice) this.#advice.textContent = advice
    this.#advice.classList.toggle('error', tone === 'error')
    this.#welcome.hidden = picture
    this.#stop.disabled = !stoppable
    this.#playing = picture && (tone === 'playing' || tone === 'live')
    document.body.classList.toggle('dim', !picture)
    this.fade(performance.now())
  }

  /** Called now and then: lets the controls go, or brings them back. */
  fade(now: number): void {
    const busy = document.activeElement === this.#query || now - this.#touchedAt < AWAY_AFTER_MS
    this.#screen.classList.toggle('away', this.#playing && !busy)
  }

  offerSound(on: boolean): void {
    this.#sound.hidden = !on
  }

  selectPreset(preset: PresetName | undefined): void {
    for (const [name, button] of this.#presets) {
      button.setAttribute('aria-checked', String(name === preset))
      button.tabIndex = name === preset ? 0 : -1
    }
  }

  listLibrary(files: LibraryFile[]): void {
    this.#library.hidden = files.length === 0
    this.#libraryList.textContent = ''
    for (const { path, title } of files) {
      const button = document.createElement('button')
      button.type = 'button'
      button.className = 'button'
      const label = document.createElement('span')
      label.textContent = title
      button.append(label)
      button.addEventListener('click', () => this.#options.onPlay(path))
      const item = document.createElement('li')
      item.append(button)
      this.#libraryList.append(item)
    }
  }

  get #level(): number {
    return Number(this.#volume.value) / 100
  }

  get #muted(): boolean {
    return this.#mute.getAttribute('aria-pressed') === 'true'
  }

  #setVolume(volume: number, muted: boolean): void {
    const silent = muted || volume === 0
    this.#volume.value = String(Math.round(volume * 100))
    this.#volume.style.setProperty('--level', `${silent ? 0 : volume * 100}%`)
    this.#mute.setAttribute('aria-pressed', String(silent))
    this.#options.onVolume(volume, silent)
  }

  #toggleStats(): void {
    const on = this.#stats.getAttribute('aria-pressed') !== 'true'
    this.#stats.setAttribute('aria-pressed', String(on))
    this.#options.onStats(on)
  }

  #buildPresets(chosen: PresetName | undefined): void {
    const group = element('presets', HTMLDivElement)
    for (const name of presetName.options) {
      const button = document.createElement('button')
      button.type = 'button'
      button.setAttribute('role', 'radio')
      button.textContent = name.toUpperCase()
      button.addEventListener('click', () => {
        this.selectPreset(name)
        this.#options.onPreset(name)
      })
      group.append(button)
      this.#presets.set(name, button)
    }
    group.addEventListener('keydown', (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
      if (step === undefined) return
      const buttons = [...this.#presets.values()]
      const at = buttons.findIndex((button) => button.getAttribute('aria-checked') === 'true')
      const next = buttons[at + step]
      next?.focus()
      next?.click()
    })
    this.selectPreset(chosen)
  }

  #touched(type: 'pointerdown' | 'keydown'): void {
    this.#stir()
    if (type === 'keydown') this.#options.onTouch()
  }

  #stir(): void {
    this.#touchedAt = performance.now()
    this.fade(this.#touchedAt)
  }

  #shortcut(event: KeyboardEvent): void {
    if (
      this.#screen.hidden ||
      event.ctrlKey ||
      event.metaKey ||
      event.altKey ||
      event.target !== document.body
    )
      return
    if (event.key === 'f') toggleFullscreen()
    else if (event.key === 'm') this.#mute.click()
    else if (event.key === 'i') this.#toggleStats()
    else if (event.key === '/') {
      event.preventDefault()
      this.#query.focus()
    }
  }
}

function toggleFullscreen(): void {
  // A browser may refuse (a car while driving does); the page simply stays as it is.
  const done = document.fullscreenElement
    ? document.exitFullscreen()
    : document.documentElement.requestFullscreen?.()
  done?.catch(() => undefined)
}
