// A flash and a beep, once a second, made on the device itself: the viewer moves one against the other until they meet, and so
// finds what the speakers (in a car, a radio's amplifier) add.

import { element } from './element.ts'

const RATE = 16_000
const PERIOD_SECONDS = 1
/** Place of the beep within the period: far from the seam of the loop, whichever way the flash is moved. */
const BEEP_AT_SECONDS = 0.5
const LENGTH_SECONDS = 0.06

export type CalibrationOptions = {
  /** Milliseconds by which the flash comes after the beep's own time. */
  offsetMs: () => number
  onMove: (byMs: number) => void
  /** True while the screen is up: what plays has to be silent meanwhile. */
  onShow: (on: boolean) => void
}

/** Owns the calibration screen and an audio element of its own, of the same kind as the programme's. */
export class Calibration {
  readonly #options: CalibrationOptions
  readonly #screen = element('calibration', HTMLElement)
  readonly #flash = element('calibration-flash', HTMLDivElement)
  readonly #value = element('calibration-value', HTMLOutputElement)
  #audio: HTMLAudioElement | undefined

  constructor(options: CalibrationOptions) {
    this.#options = options
    for (const [id, byMs] of [
      ['calibration-less', -10],
      ['calibration-more', 10],
    ] as const)
      element(id, HTMLButtonElement).addEventListener('click', () => {
        options.onMove(byMs)
        this.#write()
      })
    element('calibration-done', HTMLButtonElement).addEventListener('click', () => this.close())
  }

  open(): void {
    this.#options.onShow(true)
    this.#screen.hidden = false
    this.#write()
    this.#audio ??= new Audio(URL.createObjectURL(new Blob([beep()], { type: 'audio/wav' })))
    this.#audio.loop = true
    this.#audio.play().catch(() => this.close())
    requestAnimationFrame(() => this.#look())
  }

  close(): void {
    this.#audio?.pause()
    this.#screen.hidden = true
    this.#options.onShow(false)
  }

  #look(): void {
    if (this.#screen.hidden || this.#audio === undefined) return
    const since = this.#audio.currentTime - BEEP_AT_SECONDS - this.#options.offsetMs() / 1000
    const within = ((since % PERIOD_SECONDS) + PERIOD_SECONDS) % PERIOD_SECONDS
    this.#flash.classList.toggle('on', within < LENGTH_SECONDS)
    requestAnimationFrame(() => this.#look())
  }

  #write(): void {
    const ms = this.#options.offsetMs()
    this.#value.textContent = `${ms > 0 ? '+' : ''}${ms} ms`.replace('-', '−')
  }
}

/** A WAV of one period: a 1 kHz beep and silence around it. */
function beep(): ArrayBuffer {
  const samples = PERIOD_SECONDS * RATE
  const wav = new DataView(new ArrayBuffer(44 + samples * 2))
  const text = (at: number, letters: string) => {
    for (let i = 0; i < letters.length; i++) wav.setUint8(at + i, letters.charCodeAt(i))
  }
  text(0, 'RIFF')
  wav.setUint32(4, 36 + samples * 2, true)
  text(8, 'WAVEfmt ')
  wav.setUint32(16, 16, true)
  wav.setUint16(20, 1, true)
  wav.setUint16(22, 1, true)
  wav.setUint32(24, RATE, true)
  wav.setUint32(28, RATE * 2, true)
  wav.setUint16(32, 2, true)
  wav.setUint16(34, 16, true)
  text(36, 'data')
  wav.setUint32(40, samples * 2, true)
  const from = BEEP_AT_SECONDS * RATE
  for (let i = 0; i < LENGTH_SECONDS * RATE; i++)
    wav.setInt16(44 + (from + i) * 2, 12_000 * Math.sin((2 * Math.PI * 1000 * i) / RATE), true)
  return wav.buffer
}
