// The sheet of settings: rows of large buttons, because a car's browser opens no <select>. Every press acts at once.

import type { CharsetName } from '../../vendor/asciline/index.ts'
import { element } from './element.ts'
import { DEFAULT_LOOK, MAX_AV_OFFSET_MS, type Preferences, TONE_LIMITS } from './preferences.ts'
import type { RungName } from './screen/rung.ts'

type Choice<T> = { value: T; label: string; colour?: number }

const TINTS: Choice<number>[] = [
  { value: 0xffffff, label: 'White', colour: 0xffffff },
  { value: 0x7ee0b8, label: 'Mint', colour: 0x7ee0b8 },
  { value: 0x4dff6a, label: 'Green', colour: 0x4dff6a },
  { value: 0xffb347, label: 'Amber', colour: 0xffb347 },
  { value: 0x8fc7ff, label: 'Ice', colour: 0x8fc7ff },
  { value: 0xff8fb1, label: 'Rose', colour: 0xff8fb1 },
]
const GROUNDS: Choice<number>[] = [
  { value: 0x000000, label: 'Black', colour: 0x000000 },
  { value: 0x101418, label: 'Slate', colour: 0x101418 },
  { value: 0x0b1630, label: 'Night', colour: 0x0b1630 },
  { value: 0x04170c, label: 'Forest', colour: 0x04170c },
]
const SURFACES: Choice<RungName | 'auto'>[] = [
  { value: 'auto', label: 'Auto' },
  { value: 'webgl2', label: 'Graphics chip' },
  { value: 'worker', label: 'Worker' },
  { value: 'worker-bitmap', label: 'Worker, bitmaps' },
  { value: 'page', label: 'Page' },
  { value: 'text', label: 'Text' },
]

export type SettingsSheetOptions = {
  preferences: Preferences
  /** A value of `preferences` has changed. */
  onChange: () => void
  onCalibrate: () => void
  onSave: (kind: 'png' | 'ansi' | 'copy') => void
  /** The rung that draws now; {@link SettingsSheet.refresh} asks for it. */
  drawnBy: () => RungName
}

/** Writes into the preferences it is given and says so. */
export class SettingsSheet {
  readonly #options: SettingsSheetOptions
  readonly #sheet = element('settings-sheet', HTMLElement)
  readonly #body = element('settings-body', HTMLDivElement)
  readonly #refreshers: (() => void)[] = []

  constructor(options: SettingsSheetOptions) {
    this.#options = options
    const { preferences } = options
    const { look } = preferences
    this.#choices(
      'Cells',
      'cells',
      [
        { value: 'glyphs', label: 'ASCII' },
        { value: 'pixels', label: 'Pixels' },
      ] as const,
      () => look.cells,
      (value) => (look.cells = value),
    )
    this.#choices<CharsetName>(
      'Characters',
      'charset',
      [
        { value: 'ramp', label: '92 glyphs' },
        { value: 'short', label: 'Few' },
        { value: 'blocks', label: 'Blocks' },
        { value: 'digits', label: 'Digits' },
      ],
      () => look.charset,
      (value) => {
        look.charset = value
        look.cells = 'glyphs'
      },
    )
    this.#choices(
      'Colours',
      'colours',
      [
        { value: 1, label: 'One' },
        { value: 2, label: '64' },
        { value: 3, label: '512' },
        { value: 4, label: '32,768' },
        { value: 5, label: 'All' },
      ],
      () => look.colours,
      (value) => (look.colours = value),
    )
    this.#choices(
      'Tint',
      'tint',
      TINTS,
      () => (look.colours === 1 ? look.tint : -1),
      (value) => {
        look.tint = value
        look.colours = 1
      },
    )
    this.#stepper('Brightness', 'gamma', {
      ...TONE_LIMITS.gamma,
      step: 0.1,
      read: () => look.gamma,
      write: (value) => (look.gamma = value),
      normal: DEFAULT_LOOK.gamma,
      text: (value) => value.toFixed(1),
    })
    this.#stepper('Contrast', 'contrast', {
      ...TONE_LIMITS.contrast,
      step: 0.1,
      read: () => look.contrast,
      write: (value) => (look.contrast = value),
      normal: DEFAULT_LOOK.contrast,
      text: (value) => value.toFixed(1),
    })
    this.#choices(
      'Background',
      'background',
      GROUNDS,
      () => preferences.background,
      (value) => (preferences.background = value),
    )
    this.#stepper('Picture later than sound', 'offset', {
      min: -MAX_AV_OFFSET_MS,
      max: MAX_AV_OFFSET_MS,
      step: 10,
      read: () => preferences.avOffsetMs,
      write: (value) => (preferences.avOffsetMs = value),
      normal: 0,
      text: (value) => `${value > 0 ? '+' : ''}${value} ms`.replace('-', '−'),
    })
    this.#buttons('Sound and picture', [['calibrate', 'Set by eye and ear', options.onCalibrate]])
    this.#choices(
      // What was chosen and what draws differ on Auto, and where the chosen one cannot be had.
      () => `Drawn by: ${labelOf(options.drawnBy())}`,
      'surface',
      SURFACES,
      () => preferences.surface,
      (value) => (preferences.surface = value),
    )
    this.#buttons('This frame', [
      ['save-png', 'Save PNG', () => options.onSave('png')],
      ['save-ansi', 'Save ANSI text', () => options.onSave('ansi')],
      ['copy-text', 'Copy text', () => options.onSave('copy')],
    ])
    element('settings-button', HTMLButtonElement).addEventListener('click', () => this.show(!this.shown))
    element('settings-close', HTMLButtonElement).addEventListener('click', () => this.show(false))
    this.#sheet.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') this.show(false)
    })
    this.refresh()
  }

  get shown(): boolean {
    return !this.#sheet.hidden
  }

  show(on: boolean): void {
    this.#sheet.hidden = !on
    element('settings-button', HTMLButtonElement).setAttribute('aria-expanded', String(on))
    this.refresh()
  }

  /** Shows what the preferences say now. */
  refresh(): void {
    for (const refresh of this.#refreshers) refresh()
  }

  #changed(): void {
    this.refresh()
    this.#options.onChange()
  }

  #row(title: string, className: string): HTMLDivElement {
    const row = document.createElement('div')
    row.className = 'setting'
    const heading = document.createElement('h3')
    heading.textContent = title
    const buttons = document.createElement('div')
    buttons.className = className
    row.append(heading, buttons)
    this.#body.append(row)
    return buttons
  }

  #choices<T extends string | number>(
    title: string | (() => string),
    name: string,
    choices: readonly Choice<T>[],
    read: () => T,
    write: (value: T) => void,
  ): void {
    const titleNow = () => (typeof title === 'string' ? title : title())
    const group = this.#row(titleNow(), 'choices')
    const heading = group.previousElementSibling
    group.setAttribute('role', 'radiogroup')
    this.#refreshers.push(() => {
      group.setAttribute('aria-label', titleNow())
      if (heading !== null) heading.textContent = titleNow()
    })
    for (const { value, label, colour } of choices) {
      const button = newButton(label)
      button.dataset.setting = `${name}:${value}`
      button.setAttribute('role', 'radio')
      if (colour !== undefined) button.prepend(swatch(colour))
      button.addEventListener('click', () => {
        write(value)
        this.#changed()
      })
      this.#refreshers.push(() => button.setAttribute('aria-checked', String(read() === value)))
      group.append(button)
    }
  }

  #stepper(title: string, name: string, options: StepperOptions): void {
    const { min, max, step, read, write, normal, text } = options
    const group = this.#row(title, 'stepper')
    const value = document.createElement('output')
    const move = (to: number) => {
      write(Math.min(max, Math.max(min, Math.round(to / step) * step)))
      this.#changed()
    }
    const less = newButton('−')
    const more = newButton('+')
    const usual = newButton('Reset')
    less.addEventListener('click', () => move(read() - step))
    more.addEventListener('click', () => move(read() + step))
    usual.addEventListener('click', () => move(normal))
    less.setAttribute('aria-label', `${title}: less`)
    more.setAttribute('aria-label', `${title}: more`)
    less.dataset.setting = `${name}:less`
    more.dataset.setting = `${name}:more`
    usual.dataset.setting = `${name}:reset`
    this.#refreshers.push(() => {
      value.textContent = text(read())
      usual.disabled = Math.abs(read() - normal) < step / 2
    })
    group.append(less, value, more, usual)
  }

  #buttons(title: string, buttons: readonly (readonly [id: string, label: string, run: () => void])[]): void {
    const group = this.#row(title, 'choices')
    for (const [id, label, run] of buttons) {
      const button = newButton(label)
      button.id = id
      button.addEventListener('click', run)
      group.append(button)
    }
  }
}

type StepperOptions = {
  min: number
  max: number
  step: number
  read: () => number
  write: (value: number) => void
  normal: number
  text: (value: number) => string
}

function labelOf(rung: RungName): string {
  return SURFACES.find(({ value }) => value === rung)?.label ?? rung
}

function newButton(label: string): HTMLButtonElement {
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'button'
  button.textContent = label
  return button
}

function swatch(colour: number): HTMLElement {
  const spot = document.createElement('i')
  spot.style.background = cssColour(colour)
  return spot
}

/** 0xRRGGBB as CSS writes it. */
export function cssColour(rgb: number): string {
  return `#${rgb.toString(16).padStart(6, '0')}`
}
