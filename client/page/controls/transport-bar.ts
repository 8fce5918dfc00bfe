// The buttons under the picture: what a remote control has, in a row for thumbs.

import type { PresetName } from '../../../signaling/messages.ts'
import { presetName } from '../../../signaling/messages.ts'
import { build, button, mark, write } from '../build.ts'
import { icon } from '../icon.ts'
import type { Commands } from '../programme/commands.ts'
import { type Facts, isActive, isOn } from '../programme/programme-state.ts'
import { ChoiceRow } from './choice-row.ts'
import { showPauseButton } from './pause-button.ts'
import { Popover } from './popover.ts'

const STEP_SECONDS = 10

export type TransportBarOptions = {
  parent: HTMLElement
  commands: Commands
  onPreset: (preset: PresetName) => void
  onStop: () => void
  onQueue: () => void
}

/** Shows what the state allows. `side` takes the further controls of the page: volume and subtitles. */
export class TransportBar {
  readonly side = build('div', { class: 'transport-side' })
  readonly subtitlesButton: HTMLButtonElement
  readonly #main: HTMLDivElement
  readonly #pause: HTMLButtonElement
  readonly #back: HTMLButtonElement
  readonly #forward: HTMLButtonElement
  readonly #previous: HTMLButtonElement
  readonly #next: HTMLButtonElement
  readonly #stop: HTMLButtonElement
  readonly #queue: HTMLButtonElement
  readonly #count = build('span', { class: 'badge', hidden: true })
  readonly #detail = build('button', { class: 'button detail', id: 'detail-button', type: 'button' })
  readonly #detailMenu: Popover
  readonly #presets: ChoiceRow<PresetName>
  #playing: boolean | undefined

  constructor({ parent, commands, onPreset, onStop, onQueue }: TransportBarOptions) {
    this.#previous = button(
      { id: 'previous-button', label: 'Previous', onPress: () => commands.previous() },
      icon('previous'),
    )
    this.#back = button(
      { id: 'back-button', label: 'Back 10 seconds', onPress: () => commands.seekBy(-STEP_SECONDS) },
      icon('back'),
    )
    this.#pause = button({
      id: 'pause-button',
      label: 'Pause',
      className: 'button icon primary round',
      onPress: () => commands.togglePause(),
    })
    this.#forward = button(
      { id: 'forward-button', label: 'Forward 10 seconds', onPress: () => commands.seekBy(STEP_SECONDS) },
      icon('forward'),
    )
    this.#next = button({ id: 'next-button', label: 'Next', onPress: () => commands.next() }, icon('next'))
    this.#stop = button({ id: 'stop-button', label: 'Stop', onPress: onStop }, icon('stop'))
    this.subtitlesButton = button(
      { id: 'subtitles-button', label: 'Subtitles', onPress: () => {} },
      icon('subtitles'),
    )
    this.#queue = button({ id: 'queue-button', label: 'Queue', onPress: onQueue }, icon('queue'), this.#count)
    this.#main = build(
      'div',
      { class: 'transport-main' },
      this.#previous,
      this.#back,
      this.#pause,
      this.#forward,
      this.#next,
      this.#stop,
    )
    this.side.append(this.subtitlesButton, this.#detail, this.#queue)
    parent.append(this.#main, this.side)
    this.#detailMenu = new Popover({ opener: this.#detail, label: 'Detail' })
    this.#presets = new ChoiceRow({
      label: 'Detail',
      choices: presetName.options.map((value) => ({ value, label: value.toUpperCase() })),
      onChoose: (preset) => {
        onPreset(preset)
        this.#detailMenu.show(false)
      },
    })
    this.#detailMenu.body.append(
      build('p', { class: 'popover-title' }, 'Detail'),
      this.#presets.element,
      build(
        'p',
        { class: 'quiet small' },
        'More detail needs a better connection. It is the same for everybody.',
      ),
    )
  }

  /** The grid that is shown as chosen. */
  selectPreset(preset: PresetName): void {
    this.#presets.select(preset)
    write(this.#detail, preset.toUpperCase())
    mark(this.#detail, 'aria-label', `Detail: ${preset}`)
  }

  draw({ status, queue }: Facts): void {
    const on = isOn(status)
    const active = isActive(status)
    this.#main.hidden = !active
    this.#pause.disabled = !on
    this.#drawPause(status?.state === 'playing')
    const movable = on && (status?.seekable === true || status?.seek_range !== undefined)
    this.#back.disabled = !movable
    this.#forward.disabled = !movable
    this.#stop.disabled = !active
    this.#next.disabled = queue.length === 0
    mark(this.#next, 'title', queue[0] === undefined ? 'Next' : `Next: ${queue[0].title}`)
    mark(this.side, 'data-on', String(on))
    this.#count.hidden = queue.length === 0
    write(this.#count, String(queue.length))
    mark(this.#queue, 'aria-label', queue.length === 0 ? 'Queue, empty' : `Queue, ${queue.length} entries`)
  }

  #drawPause(playing: boolean): void {
    if (playing === this.#playing) return
    this.#playing = playing
    showPauseButton(this.#pause, playing)
  }
}
