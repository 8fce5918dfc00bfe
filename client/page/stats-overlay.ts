// The figures over the picture: what this viewer gets, in the words an engineer and a curious passenger both understand.

import { mark } from './build.ts'
import { element } from './element.ts'

/** The same object `window.ascilineStats()` returns; null where nothing is known. */
export type ViewerStats = {
  link: string
  transport: 'webrtc' | 'websocket' | 'none'
  state: string
  epoch: number | null
  preset: string | null
  cols: number
  rows: number
  /** The rung that draws, and the milliseconds it takes for a picture. */
  surface: string
  drawMs: number
  /** Newest frame on the screen, -1 before the first. */
  frame: number
  /** Programme time on the screen in seconds. */
  mediaTime: number | null
  fpsNominal: number
  fpsPresented: number
  /** Mean of the last seconds, then percentiles of the whole visit. */
  latenessMs: { mean: number; p50: number; p95: number; p99: number; max: number }
  jitterMs: { p50: number; p95: number; p99: number; max: number }
  lossPercent: number
  bytesPerSecond: number
  rttMs: number | null
  /** What the server sends of the picture: all of it, coarser, or half the frames of that. */
  pace: 'full' | 'coarse' | 'half'
  /** How much later than by the session's playout delay everything is seen here, because the path takes that long. */
  ownDelayMs: number
  clockOffsetMs: number | null
  master: string
  /** Sound minus picture in milliseconds, positive when the sound is ahead. */
  avOffsetMs: number | null
  /** From drawing to the display, as far as the browser tells. */
  displayLagMs: number
  sound: {
    state: string
    transport: string
    rate: number
    driftMs: number
    reopened: number
    resumed: number
  }
  totals: {
    framesExpected: number
    framesPresented: number
    framesComplete: number
    framesLate: number
    framesMissing: number
    slicesReceived: number
    slicesLost: number
    slicesLate: number
    slicesRefused: number
    bytes: number
  }
}

const WAYS = { webrtc: 'WebRTC', websocket: 'WebSocket', none: 'none' } as const

const PACES = { full: 'everything', coarse: 'coarser', half: 'coarser, half the frames' } as const

export type StatsOverlayOptions = {
  shown: boolean
  /** Somebody wants them, or not any more. */
  onShow: (on: boolean) => void
}

/** A small table at the top right, and the button that brings it. */
export class StatsOverlay {
  readonly #list = element('stats', HTMLDListElement)
  readonly #button = element('stats-button', HTMLButtonElement)
  readonly #values = new Map<string, HTMLElement>()
  readonly #onShow: (on: boolean) => void

  constructor({ shown, onShow }: StatsOverlayOptions) {
    this.#onShow = onShow
    this.#show(shown)
    this.#button.addEventListener('click', () => this.toggle())
  }

  get shown(): boolean {
    return !this.#list.hidden
  }

  toggle(): void {
    this.#show(!this.shown)
    this.#onShow(this.shown)
  }

  /** Writes the figures; about twice a second. */
  draw(stats: ViewerStats): void {
    if (this.#list.hidden) return
    this.#set('Picture', `${stats.cols} × ${stats.rows}`)
    this.#set('Drawn by', `${stats.surface}, ${milliseconds(stats.drawMs)}`)
    this.#set('Frames / s', `${stats.fpsPresented.toFixed(1)} of ${stats.fpsNominal}`)
    this.#set('Lateness', milliseconds(stats.latenessMs.mean))
    this.#set('Loss', `${stats.lossPercent.toFixed(1)} %`)
    this.#set('Sound − picture', milliseconds(stats.avOffsetMs))
    this.#set('Sound', stats.sound.state)
    this.#set('Data', `${(stats.bytesPerSecond / 1000).toFixed(1)} kB/s`)
    this.#set('Way', WAYS[stats.transport])
    this.#set('Sent', PACES[stats.pace])
    this.#set('Round trip', milliseconds(stats.rttMs))
    this.#set('Later than others', milliseconds(stats.ownDelayMs))
    this.#set('Epoch', stats.epoch === null ? '–' : String(stats.epoch))
  }

  #show(on: boolean): void {
    this.#list.hidden = !on
    mark(this.#button, 'aria-pressed', String(on))
  }

  #set(name: string, text: string): void {
    let value = this.#values.get(name)
    if (value === undefined) {
      const term = document.createElement('dt')
      term.textContent = name
      value = document.createElement('dd')
      this.#list.append(term, value)
      this.#values.set(name, value)
    }
    if (value.textContent !== text) value.textContent = text
  }
}

function milliseconds(value: number | null): string {
  return value === null ? '–' : `${value.toFixed(1).replace('-', '−')} ms`
}
