// What comes next: a drawer with the entries, to be played, moved and taken out.

import { build, button, empty, mark } from '../build.ts'
import { icon } from '../icon.ts'
import type { Commands } from '../programme/commands.ts'
import type { QueueEntry } from '../programme/listings.ts'
import type { Facts } from '../programme/programme-state.ts'

export type QueueDrawerOptions = { body: HTMLElement; commands: Commands }

/** Fills `body` with the list. Moves by dragging the grip, or by the arrows for those who cannot drag. */
export class QueueDrawer {
  readonly #commands: Commands
  readonly #list = build('ol', { class: 'queue-list', id: 'queue-list' })
  readonly #nothing = build(
    'p',
    { class: 'queue-empty' },
    'Nothing is waiting. The button with the plus on a card puts it here.',
  )
  readonly #clear = build('button', { class: 'button', id: 'queue-clear', type: 'button' }, 'Empty the queue')
  readonly #said = build('p', { class: 'visually-hidden', 'aria-live': 'polite' })
  #shown: readonly QueueEntry[] | undefined
  #drag:
    | { row: HTMLElement; id: number; from: number; to: number; startY: number; height: number }
    | undefined

  constructor({ body, commands }: QueueDrawerOptions) {
    this.#commands = commands
    this.#clear.addEventListener('click', () => void commands.clearQueue())
    body.append(this.#nothing, this.#list, this.#clear, this.#said)
  }

  draw({ queue }: Pick<Facts, 'queue'>): void {
    // A list that changes under a finger would drop what it drags.
    if (this.#drag !== undefined || JSON.stringify(queue) === JSON.stringify(this.#shown)) return
    const focused = focusOf(this.#list)
    this.#shown = queue
    empty(this.#list)
    this.#list.append(...queue.map((entry, index) => this.#row(entry, index, queue.length)))
    this.#nothing.hidden = queue.length > 0
    this.#clear.hidden = queue.length === 0
    if (focused !== undefined) this.#focus(focused)
  }

  #row({ id, title }: QueueEntry, index: number, length: number): HTMLElement {
    const grip = build('span', { class: 'queue-grip', 'aria-hidden': 'true' }, icon('grip'))
    const play = build(
      'button',
      { class: 'queue-play', type: 'button', 'aria-label': `Play now: ${title}`, title },
      build('span', { class: 'queue-index' }, String(index + 1)),
      build('span', { class: 'queue-title' }, title),
    )
    play.addEventListener('click', () => void this.#commands.playQueued(id))
    const up = button({ label: `Up: ${title}`, onPress: () => this.#move(id, index - 1, title) }, icon('up'))
    const down = button(
      { label: `Down: ${title}`, onPress: () => this.#move(id, index + 1, title) },
      icon('down'),
    )
    const remove = button(
      { label: `Remove: ${title}`, onPress: () => void this.#commands.unqueue(id) },
      icon('close'),
    )
    up.disabled = index === 0
    down.disabled = index === length - 1
    for (const [name, one] of Object.entries({ up, down, remove })) mark(one, 'data-act', name)
    const row = build('li', { class: 'queue-row', 'data-id': id }, grip, play, up, down, remove)
    grip.addEventListener('pointerdown', (event) => this.#grab(event, row, id, index))
    grip.addEventListener('pointermove', (event) => this.#carry(event))
    grip.addEventListener('pointerup', () => this.#drop())
    grip.addEventListener('pointercancel', () => this.#drop(true))
    return row
  }

  #move(id: number, index: number, title: string): void {
    this.#said.textContent = `${title}: now number ${index + 1}`
    void this.#commands.move(id, index)
  }

  #grab(event: PointerEvent, row: HTMLElement, id: number, index: number): void {
    if (event.button !== 0) return
    event.preventDefault()
    if (event.currentTarget instanceof Element) event.currentTarget.setPointerCapture(event.pointerId)
    const height = row.getBoundingClientRect().height
    this.#drag = { row, id, from: index, to: index, startY: event.clientY, height }
    row.classList.add('dragged')
  }

  #carry({ clientY }: PointerEvent): void {
    const drag = this.#drag
    if (drag === undefined) return
    const rows = [...this.#list.children] as HTMLElement[]
    const moved = clientY - drag.startY
    drag.to = Math.min(rows.length - 1, Math.max(0, drag.from + Math.round(moved / drag.height)))
    for (const [index, row] of rows.entries()) {
      // Rows between the old and the new place make room.
      const shift = index > drag.from && index <= drag.to ? -1 : index < drag.from && index >= drag.to ? 1 : 0
      row.style.transform =
        row === drag.row ? `translateY(${moved}px)` : `translateY(${shift * drag.height}px)`
    }
  }

  #drop(undone = false): void {
    const drag = this.#drag
    if (drag === undefined) return
    this.#drag = undefined
    drag.row.classList.remove('dragged')
    for (const row of this.#list.children) if (row instanceof HTMLElement) row.style.transform = ''
    if (!undone && drag.to !== drag.from) void this.#commands.move(drag.id, drag.to)
  }

  /** The button of the same kind on the same entry, or what is next to it. */
  #focus({ id, act }: { id: string; act: string }): void {
    const row = this.#list.querySelector(`[data-id="${id}"]`) ?? this.#list.lastElementChild
    const same = row?.querySelector<HTMLButtonElement>(act === '' ? '.queue-play' : `[data-act="${act}"]`)
    const target = same?.disabled === false ? same : row?.querySelector<HTMLButtonElement>('.queue-play')
    target?.focus()
  }
}

function focusOf(list: HTMLElement): { id: string; act: string } | undefined {
  const { activeElement } = document
  if (!(activeElement instanceof HTMLElement) || !list.contains(activeElement)) return undefined
  const id = activeElement.closest<HTMLElement>('[data-id]')?.dataset.id
  return id === undefined ? undefined : { id, act: activeElement.dataset.act ?? '' }
}
