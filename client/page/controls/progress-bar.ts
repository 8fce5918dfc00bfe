// The line of the programme: where it stands, where it can be gone to, and what is there.

import { build, mark, write } from '../build.ts'
import { clockText, type Progress, spokenTime } from '../programme/position.ts'
import type { SeekPreview } from './seek-preview.ts'

const STEP_SECONDS = 10
const LEAP_SECONDS = 60
/** A seek shows where it goes until its picture is there, or until it has had its time. */
const HOLD_MS = 4000
const ARRIVED_SECONDS = 2

export type ProgressBarOptions = {
  parent: HTMLElement
  /** Absent where there is no room for one. */
  preview?: SeekPreview
  onSeek: (second: number) => void
  onLive: () => void
}

/** Shows what it is told; reports where a finger, a mouse or a key wants to go. */
export class ProgressBar {
  readonly #options: ProgressBarOptions
  readonly #time = build('output', { class: 'progress-time', id: 'position', 'aria-label': 'Position' })
  readonly #end = build('output', { class: 'progress-time', id: 'duration', 'aria-label': 'Duration' })
  readonly #live = build('button', { class: 'live-button', id: 'live-button', type: 'button', hidden: true })
  readonly #fill = build('span', { class: 'progress-fill' })
  readonly #thumb = build('span', { class: 'progress-thumb' })
  readonly #bubbleTime = build('output', { class: 'bubble-time' })
  readonly #bubble = build('div', { class: 'bubble', hidden: true, 'aria-hidden': 'true' })
  readonly #bar: HTMLDivElement
  #progress: Progress = { position: undefined, range: undefined, behind: undefined }
  #dragged: number | undefined
  #held: { second: number; until: number } | undefined

  constructor(options: ProgressBarOptions) {
    this.#options = options
    const track = build('span', { class: 'progress-track' }, this.#fill)
    this.#bar = build(
      'div',
      { class: 'progress-bar', id: 'progress-bar', role: 'slider', tabindex: 0, 'aria-label': 'Position' },
      track,
      this.#thumb,
      this.#bubble,
    )
    if (options.preview !== undefined) this.#bubble.append(options.preview.canvas)
    this.#bubble.append(this.#bubbleTime)
    options.parent.append(this.#time, this.#bar, this.#end, this.#live)
    this.#live.addEventListener('click', options.onLive)
    this.#bar.addEventListener('pointerdown', (event) => this.#grab(event))
    this.#bar.addEventListener('pointermove', (event) => this.#hover(event))
    this.#bar.addEventListener('pointerup', (event) => this.#drop(event))
    this.#bar.addEventListener('pointercancel', () => this.#letGo())
    this.#bar.addEventListener('pointerleave', () => this.#dragged === undefined && this.#hide())
    this.#bar.addEventListener('keydown', (event) => this.#key(event))
  }

  /** Shows the progress at `now`, in milliseconds. */
  draw(progress: Progress, now: number): void {
    this.#progress = progress
    const { range, behind } = progress
    const position = this.#shownPosition(now)
    const seekable = range !== undefined && range.end > range.start
    this.#bar.hidden = !seekable
    this.#time.hidden = position === undefined || behind !== undefined
    this.#end.hidden = !seekable || behind !== undefined
    this.#drawLive(behind)
    if (position === undefined) return
    write(this.#time, clockText(position))
    if (!seekable) return
    write(this.#end, clockText(range.end))
    const share = Math.min(1, Math.max(0, (position - range.start) / (range.end - range.start)))
    this.#fill.style.transform = `scaleX(${share})`
    this.#thumb.style.left = `${share * 100}%`
    mark(this.#bar, 'aria-valuemin', String(Math.floor(range.start)))
    mark(this.#bar, 'aria-valuemax', String(Math.floor(range.end)))
    mark(this.#bar, 'aria-valuenow', String(Math.floor(position)))
    mark(
      this.#bar,
      'aria-valuetext',
      behind === undefined
        ? `${spokenTime(position)} of ${spokenTime(range.end)}`
        : behind < 1
          ? 'live'
          : `${spokenTime(behind)} behind live`,
    )
  }

  #drawLive(behind: number | undefined): void {
    this.#live.hidden = behind === undefined
    if (behind === undefined) return
    const atEdge = behind < ARRIVED_SECONDS
    mark(this.#live, 'data-edge', String(atEdge))
    mark(this.#live, 'aria-label', atEdge ? 'Live' : `${spokenTime(behind)} behind. Jump to live`)
    write(this.#live, atEdge ? 'LIVE' : `−${clockText(behind)} · Go live`)
  }

  /** Where a finger or a command is going, or where the programme stands. */
  #shownPosition(now: number): number | undefined {
    const { position } = this.#progress
    if (this.#dragged !== undefined) return this.#dragged
    const held = this.#held
    if (held === undefined) return position
    const arrived = position !== undefined && Math.abs(position - held.second) < ARRIVED_SECONDS
    if (arrived || now > held.until) this.#held = undefined
    return this.#held?.second ?? position
  }

  #go(second: number): void {
    const { range } = this.#progress
    if (range === undefined) return
    const to = Math.min(range.end, Math.max(range.start, second))
    this.#held = { second: to, until: performance.now() + HOLD_MS }
    this.#options.onSeek(to)
    this.draw(this.#progress, performance.now())
  }

  #grab(event: PointerEvent): void {
    if (event.button !== 0) return
    this.#bar.setPointerCapture(event.pointerId)
    this.#dragged = this.#secondAt(event)
    this.#show(event)
  }

  #hover(event: PointerEvent): void {
    if (this.#dragged !== undefined) {
      this.#dragged = this.#secondAt(event)
      this.draw(this.#progress, performance.now())
    } else if (event.pointerType !== 'mouse') return
    this.#show(event)
  }

  #drop(event: PointerEvent): void {
    if (this.#dragged === undefined) return
    const second = this.#secondAt(event)
    this.#letGo()
    if (second !== undefined) this.#go(second)
  }

  #letGo(): void {
    this.#dragged = undefined
    this.#hide()
  }

  #secondAt(event: PointerEvent): number | undefined {
    const { range } = this.#progress
    const { left, width } = this.#bar.getBoundingClientRect()
    if (range === undefined || width === 0) return undefined
    const share = Math.min(1, Math.max(0, (event.clientX - left) / width))
    return range.start + share * (range.end - range.start)
  }

  #show(event: PointerEvent): void {
    const second = this.#secondAt(event)
    const { range } = this.#progress
    if (second === undefined || range === undefined) return
    const { left, width } = this.#bar.getBoundingClientRect()
    this.#bubble.hidden = false
    write(
      this.#bubbleTime,
      this.#progress.behind === undefined ? clockText(second) : `−${clockText(range.end - second)}`,
    )
    this.#options.preview?.show(second)
    // Never over the edge of the display.
    const half = this.#bubble.offsetWidth / 2
    const at = Math.min(width, Math.max(0, event.clientX - left))
    const most = document.documentElement.clientWidth - left - half - 8
    this.#bubble.style.left = `${Math.min(most, Math.max(half + 8 - left, at))}px`
  }

  #hide(): void {
    this.#bubble.hidden = true
  }

  #key(event: KeyboardEvent): void {
    const { range } = this.#progress
    const position = this.#shownPosition(performance.now())
    if (range === undefined || position === undefined) return
    const by = KEYS[event.key]
    const to =
      by !== undefined
        ? position + by
        : event.key === 'Home'
          ? range.start
          : event.key === 'End'
            ? range.end
            : undefined
    if (to === undefined) return
    event.preventDefault()
    // Else the page's own shortcut would do it again.
    event.stopPropagation()
    this.#go(to)
  }
}

const KEYS: Readonly<Record<string, number>> = {
  ArrowRight: STEP_SECONDS,
  ArrowUp: STEP_SECONDS,
  ArrowLeft: -STEP_SECONDS,
  ArrowDown: -STEP_SECONDS,
  PageUp: LEAP_SECONDS,
  PageDown: -LEAP_SECONDS,
}
