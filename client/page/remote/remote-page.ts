// The remote control: the same programme, without its picture. A pad, the start screen and the queue, one below the other's tab.

import { localTime } from '../../../vendor/asciline/index.ts'
import { build, mark, write } from '../build.ts'
import { listenToKeys, type Shortcut } from '../controls/keyboard.ts'
import { element } from '../element.ts'
import { icon } from '../icon.ts'
import { loadPreferences } from '../preferences.ts'
import { ProgrammePage } from '../programme/programme-page.ts'
import { RemoteLink } from './remote-link.ts'
import { RemotePad } from './remote-pad.ts'

const WHO = 'Remote'
const DRAW_MS = 200

/** Wires the parts together and starts them. */
export function openRemotePage(): void {
  const preferences = loadPreferences()
  const screen = element('remote-screen', HTMLElement)
  document.body.classList.add('remote')
  document.title = 'asciline remote'
  const padView = build('div', { class: 'remote-view', id: 'remote-pad' })
  const startView = build('div', { class: 'remote-view start', id: 'start' })
  // The picture's bars are not for here, and their names are given anew below.
  element('player-screen', HTMLElement).remove()
  const toast = build('p', { class: 'toast', role: 'status', hidden: true })
  const page = new ProgrammePage({
    who: WHO,
    preset: () => preferences.preset,
    start: startView,
    onPlay: () => show('pad'),
    onEnter: () => {
      screen.hidden = false
      link.open()
      page.refresh()
    },
    onLocked: () => {
      link.close()
      screen.hidden = true
    },
  })
  const { door, state, commands } = page
  const link = new RemoteLink({
    door,
    onLink: (next) => {
      if (next.kind === 'locked') page.lock()
      else state.change({ link: next })
      if (next.kind === 'connected') page.refresh()
    },
    onMessage: (message) => page.hear(message),
  })
  const pad = new RemotePad({ parent: padView, commands })
  const tabs = { pad: tab('screen', 'Pad', 'tab-pad'), search: tab('search', 'Search', 'tab-search') }
  const queueTab = tab('queue', 'Queue', 'tab-queue')
  const count = build('span', { class: 'badge', hidden: true })
  queueTab.append(count)
  tabs.pad.addEventListener('click', () => show('pad'))
  tabs.search.addEventListener('click', () => show('search'))
  queueTab.addEventListener('click', () => page.queue.show(!page.queue.shown))
  screen.append(
    padView,
    startView,
    toast,
    build('nav', { class: 'tabs', 'aria-label': 'Remote control' }, tabs.pad, tabs.search, queueTab),
  )

  function show(view: 'pad' | 'search'): void {
    padView.hidden = view !== 'pad'
    startView.hidden = view !== 'search'
    page.queue.show(false)
    for (const [name, one] of Object.entries(tabs)) mark(one, 'aria-pressed', String(name === view))
    if (view === 'search') void page.start.refresh()
  }

  function draw(): void {
    const { facts } = state
    pad.draw(facts, localTime(performance.now()))
    count.hidden = facts.queue.length === 0
    write(count, String(facts.queue.length))
    const said = facts.notice ?? facts.refusal?.message
    toast.hidden = said === undefined
    write(toast, said ?? '')
  }

  const shortcuts: Shortcut[] = [
    { keys: [' '], shown: 'Space', does: 'Pause or go on', run: () => commands.togglePause() },
    { keys: ['ArrowLeft'], shown: '←', does: 'Back 10 seconds', run: () => commands.seekBy(-10) },
    { keys: ['ArrowRight'], shown: '→', does: 'Forward 10 seconds', run: () => commands.seekBy(10) },
    { keys: ['n'], shown: 'N', does: 'Next of the queue', run: () => commands.next() },
    {
      keys: ['/'],
      shown: '/',
      does: 'Search',
      run: () => {
        show('search')
        page.start.focus()
      },
    },
  ]
  listenToKeys(shortcuts, () => !screen.hidden)
  state.onChange(draw)
  // The programme goes on between two statuses.
  setInterval(draw, DRAW_MS)
  show('pad')
  draw()
  void page.open()
}

function tab(name: Parameters<typeof icon>[0], label: string, id: string): HTMLButtonElement {
  return build('button', { class: 'tab', type: 'button', id }, icon(name), build('span', {}, label))
}
