// Where an evening begins: the search, its results, what was on lately, what was kept, what lies on the server.

import { build, write } from '../build.ts'
import { type Door, DoorError } from '../door.ts'
import { adviceFor } from '../programme/advice.ts'
import type { Commands } from '../programme/commands.ts'
import { type Entry, readEntries } from '../programme/listings.ts'
import { SearchBox } from './search-box.ts'
import { Shelf } from './shelf.ts'

const PAGE = 12
/** yt-dlp may have to start, and to wait for another one. */
const SEARCH_MS = 60_000
/** Rows of a shelf before "Show all". */
const FEW = 6

export type StartScreenOptions = {
  parent: HTMLElement
  door: Door
  commands: Commands
  /** Something was chosen to play. */
  onPlay: (query: string) => void
}

/** Fills `parent`; asks the server for its lists whenever it is opened. */
export class StartScreen {
  readonly #options: StartScreenOptions
  readonly #box: SearchBox
  readonly #news = build('p', { class: 'search-news', role: 'status', 'aria-live': 'polite' })
  readonly #hello: HTMLElement
  readonly #found: Shelf
  readonly #more: HTMLButtonElement
  readonly #back: HTMLButtonElement
  readonly #resume: Shelf
  readonly #recent: Shelf
  readonly #favourites: Shelf
  readonly #library: Shelf
  readonly #lists = build('div', { class: 'lists' })
  #search = new AbortController()
  #words = ''
  #next = 1

  constructor(options: StartScreenOptions) {
    this.#options = options
    const { parent, commands, onPlay } = options
    const shelf = (id: string, title: string, most?: number) =>
      new Shelf({
        door: options.door,
        id,
        title,
        ...(most === undefined ? {} : { most }),
        isFavourite: (query) => this.#favourites.entries.some((one) => one.query === query),
        onPlay: ({ query }) => onPlay(query),
        onEnqueue: (entry) => void commands.enqueue(entry),
        onFavourite: (entry, on) => void this.#keep(entry, on),
      })
    this.#found = shelf('found', 'Found')
    this.#resume = shelf('resume', 'Go on watching', FEW)
    this.#favourites = shelf('favourites', 'Favourites', FEW)
    this.#recent = shelf('recent', 'Recent', FEW)
    this.#library = shelf('library', 'On this server', 2 * FEW)
    this.#more = build(
      'button',
      { class: 'button more', id: 'more-button', type: 'button', hidden: true },
      'More results',
    )
    this.#more.addEventListener('click', () => void this.#ask())
    this.#back = build(
      'button',
      { class: 'button', id: 'clear-search', type: 'button', hidden: true },
      'Close',
    )
    this.#back.addEventListener('click', () => this.clear())
    this.#hello = hello(() => onPlay('demo:'))
    const column = build('div', { class: 'start-column' })
    parent.append(column)
    this.#box = new SearchBox({
      parent: column,
      isFile: (text) => this.#library.entries.some(({ query }) => query === text || query === `./${text}`),
      onPlay,
      onSearch: (words) => this.#begin(words),
    })
    this.#lists.append(
      this.#resume.element,
      this.#favourites.element,
      this.#recent.element,
      this.#library.element,
    )
    column.append(
      build('div', { class: 'search-line' }, this.#news, this.#back),
      this.#found.element,
      this.#more,
      this.#hello,
      this.#lists,
    )
  }

  /** Asks for the lists again: another device may have added to them. */
  async refresh(): Promise<void> {
    const { door } = this.#options
    const fetchList = async (path: string, name: Parameters<typeof readEntries>[1]) => {
      try {
        return readEntries(await door.ask('GET', path), name)
      } catch {
        return undefined
      }
    }
    const [favourites, history, files] = await Promise.all([
      fetchList('/api/favourites', 'favourites'),
      fetchList('/api/history?n=40', 'history'),
      fetchList('/api/library', 'files'),
    ])
    if (favourites !== undefined) this.#favourites.show(favourites)
    if (history !== undefined) {
      this.#resume.show(history.filter(({ from }) => from > 0))
      this.#recent.show(history.filter(({ from }) => from === 0))
    }
    if (files !== undefined) this.#library.show(files)
    this.#greet()
  }

  focus(): void {
    this.#box.field.focus()
    this.#box.field.select()
  }

  /** True while somebody types. */
  get typing(): boolean {
    return document.activeElement === this.#box.field
  }

  /** Back to the lists. */
  clear(): void {
    this.#search.abort()
    this.#words = ''
    this.#box.clear()
    this.#found.show([])
    this.#say('')
    this.#greet()
  }

  #begin(words: string): void {
    this.#words = words
    this.#next = 1
    this.#found.show([])
    void this.#ask()
  }

  async #ask(): Promise<void> {
    this.#search.abort()
    const search = new AbortController()
    this.#search = search
    const first = this.#next
    this.#more.disabled = true
    this.#say(first === 1 ? `Searching for “${this.#words}” …` : 'Searching for more …')
    this.#greet()
    try {
      const path = `/api/search?q=${encodeURIComponent(this.#words)}&n=${PAGE}&from=${first}`
      const answer = await this.#options.door.ask('GET', path, undefined, {
        timeoutMs: SEARCH_MS,
        signal: search.signal,
      })
      if (search.signal.aborted) return
      this.#show(readEntries(answer, 'videos'), first)
    } catch (error) {
      if (search.signal.aborted) return
      const refusal = error instanceof DoorError ? error : new DoorError('internal', String(error))
      this.#more.hidden = true
      this.#say(`${refusal.message} ${adviceFor(refusal.code)}`.trim(), true)
    }
    this.#more.disabled = false
  }

  #show(found: Entry[], first: number): void {
    if (first === 1) this.#found.show(found)
    else this.#found.add(found)
    this.#next = first + PAGE
    this.#more.hidden = found.length === 0
    if (found.length === 0)
      this.#say(
        first === 1 ? `Nothing was found for “${this.#words}”. Try fewer or other words.` : 'That is all.',
      )
    else this.#say(`Results for “${this.#words}”`)
    this.#greet()
  }

  #say(text: string, bad = false): void {
    write(this.#news, text)
    this.#news.classList.toggle('bad', bad)
  }

  /** While there are results or a search they have the page to themselves. */
  #greet(): void {
    const searching = this.#words !== ''
    this.#lists.hidden = searching
    this.#back.hidden = !searching
    if (!searching) this.#more.hidden = true
    const nothing = [this.#resume, this.#favourites, this.#recent, this.#library].every(
      ({ entries }) => entries.length === 0,
    )
    this.#hello.hidden = searching
    this.#hello.classList.toggle('alone', nothing)
  }

  async #keep({ query, title }: Entry, on: boolean): Promise<void> {
    const { commands, door } = this.#options
    const answer = await commands.attempt(() =>
      on
        ? door.ask('POST', '/api/favourites/add', { query, title: title.slice(0, 300) })
        : door.ask('POST', '/api/favourites/remove', { query }),
    )
    if (answer !== undefined) this.#favourites.show(readEntries(answer, 'favourites'))
  }
}

/** The empty state, and above the lists a line of it. */
function hello(onDemo: () => void): HTMLElement {
  const demo = build('button', { class: 'button', id: 'demo-button', type: 'button' }, 'Play the demo')
  demo.addEventListener('click', onDemo)
  return build(
    'div',
    { class: 'hello' },
    build('pre', { class: 'hello-art', 'aria-hidden': 'true' }, ART),
    build('p', { class: 'hello-words' }, 'Search, paste an address, or try the demo.'),
    demo,
  )
}

const ART = [
  ' .:-=+*#%@%#*+=-:.                 ',
  '.:-=+*#%@   asciline   @%#*+=-:.   ',
  '   .:-=+*#%@%#*+=-:.               ',
].join('\n')
