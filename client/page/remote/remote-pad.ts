// The pad of the remote control: what is on, where it stands, and buttons for a thumb that does not look.

import type { LocalTime } from '../../../vendor/asciline/index.ts'
import { build, button, mark, write } from '../build.ts'
import { showPauseButton } from '../controls/pause-button.ts'
import { ProgressBar } from '../controls/progress-bar.ts'
import { icon } from '../icon.ts'
import type { Commands } from '../programme/commands.ts'
import { progressAt } from '../programme/position.ts'
import { type Facts, isActive, isOn } from '../programme/programme-state.ts'
import { describe } from '../status-line.ts'

const STEP_SECONDS = 10

export type RemotePadOptions = { parent: HTMLElement; commands: Commands }

/** Shows what is on the screen elsewhere. */
export class RemotePad {
  readonly #title = build('h1', { class: 'remote-title' })
  readonly #dot = build('p', { class: 'status', role: 'status', id: 'status' })
  readonly #words = build('span', { id: 'status-text' })
  readonly #progress: ProgressBar
  readonly #pause: HTMLButtonElement
  readonly #steps: HTMLButtonElement[]
  readonly #next: HTMLButtonElement
  readonly #stop: HTMLButtonElement
  readonly #upNext = build('p', { class: 'remote-next' })
  readonly #again: HTMLButtonElement
  readonly #callOff: HTMLButtonElement
  #playing: boolean | undefined

  constructor({ parent, commands }: RemotePadOptions) {
    const line = build('div', { class: 'progress', id: 'progress' })
    this.#progress = new ProgressBar({
      parent: line,
      onSeek: (second) => commands.seekTo(second),
      onLive: () => commands.goLive(),
    })
    this.#pause = button({
      id: 'pause-button',
      label: 'Pause',
      className: 'button icon primary pad-pause',
      onPress: () => commands.togglePause(),
    })
    const back = button(
      {
        id: 'back-button',
        label: 'Back 10 seconds',
        className: 'button icon pad-step',
        onPress: () => commands.seekBy(-STEP_SECONDS),
      },
      icon('back'),
    )
    const forward = button(
      {
        id: 'forward-button',
        label: 'Forward 10 seconds',
        className: 'button icon pad-step',
        onPress: () => commands.seekBy(STEP_SECONDS),
      },
      icon('forward'),
    )
    this.#steps = [back, forward]
    const previous = button(
      {
        id: 'previous-button',
        label: 'Previous',
        className: 'button icon pad-wide',
        onPress: () => commands.previous(),
      },
      icon('previous'),
    )
    this.#next = button(
      { id: 'next-button', label: 'Next', className: 'button icon pad-wide', onPress: () => commands.next() },
      icon('next'),
    )
    this.#stop = button(
      { id: 'stop-button', label: 'Stop', className: 'button icon pad-wide', onPress: () => commands.stop() },
      icon('stop'),
    )
    this.#again = build(
      'button',
      { class: 'button primary', type: 'button', id: 'again-button', hidden: true },
      'Try again',
    )
    this.#again.addEventListener('click', () => commands.tryAgain())
    this.#callOff = build(
      'button',
      { class: 'button', type: 'button', id: 'upcoming-cancel', hidden: true },
      'Cancel',
    )
    this.#callOff.addEventListener('click', () => commands.callOff())
    this.#dot.append(build('span', { class: 'dot' }), this.#words)
    parent.append(
      build(
        'div',
        { class: 'remote-head' },
        this.#dot,
        this.#title,
        this.#upNext,
        this.#again,
        this.#callOff,
      ),
      line,
      build('div', { class: 'pad' }, back, this.#pause, forward),
      build('div', { class: 'pad-row' }, previous, this.#stop, this.#next),
    )
  }

  draw(facts: Facts, now: LocalTime): void {
    const { status, statusAt, queue } = facts
    const on = isOn(status)
    const playing = status?.state === 'playing'
    const { tone, text } = describe({ ...facts, picture: on })
    mark(this.#dot, 'data-tone', tone)
    write(
      this.#words,
      STATES[status?.state ?? ''] !== undefined && SAID.has(tone)
        ? (STATES[status?.state ?? ''] as string)
        : text,
    )
    write(
      this.#title,
      isActive(status) || status?.state === 'error' ? (status?.title ?? '') : 'Nothing is on',
    )
    this.#drawPause(playing)
    this.#pause.disabled = !on
    const movable = on && (status?.seekable === true || status?.seek_range !== undefined)
    for (const step of this.#steps) step.disabled = !movable
    this.#next.disabled = queue.length === 0
    this.#stop.disabled = !isActive(status)
    const upcoming = status?.upcoming
    write(
      this.#upNext,
      upcoming !== undefined
        ? `Next in ${Math.max(0, Math.ceil((upcoming.in_ms - (now - statusAt)) / 1000))} s: ${upcoming.title}`
        : queue[0] === undefined
          ? ''
          : `Up next: ${queue[0].title}`,
    )
    this.#callOff.hidden = upcoming === undefined
    this.#again.hidden = status?.state !== 'error'
    this.#progress.draw(progressAt({ status, statusAt, shown: undefined }, now), now)
  }

  #drawPause(playing: boolean): void {
    if (playing === this.#playing) return
    this.#playing = playing
    showPauseButton(this.#pause, playing)
  }
}

/** Where the title stands below, the line above need not repeat it. */
const STATES: Readonly<Record<string, string>> = {
  idle: 'Ready',
  resolving: 'Opening …',
  playing: 'Playing on the screen',
  paused: 'Paused',
}
const SAID = new Set(['ready', 'calm', 'playing', 'live'])
