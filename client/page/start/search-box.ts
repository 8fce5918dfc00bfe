// The field that takes everything: an address, a video ID, a file's name, or words to search for.

import { build } from '../build.ts'
import { icon } from '../icon.ts'

export type SearchBoxOptions = {
  parent: HTMLElement
  /** Names a file of the library, so that it plays and is not searched for. */
  isFile: (text: string) => boolean
  onPlay: (query: string) => void
  onSearch: (words: string) => void
}

/** A form; its button says what it will do with what was typed. */
export class SearchBox {
  readonly field = build('input', {
    id: 'query',
    type: 'text',
    inputmode: 'search',
    enterkeyhint: 'go',
    maxlength: 2000,
    placeholder: 'Search, or paste an address',
    'aria-label': 'Search, address, video ID or file',
    autocapitalize: 'off',
    autocomplete: 'off',
    spellcheck: 'false',
  })
  readonly #options: SearchBoxOptions
  readonly #words = build('span', {}, 'Search')

  constructor(options: SearchBoxOptions) {
    this.#options = options
    const submit = build(
      'button',
      { id: 'play-button', class: 'button primary', type: 'submit' },
      this.#words,
    )
    const form = build(
      'form',
      { id: 'search', role: 'search', autocomplete: 'off' },
      build('span', { class: 'search-icon', 'aria-hidden': 'true' }, icon('search')),
      this.field,
      submit,
    )
    this.field.addEventListener('input', () => this.#name())
    form.addEventListener('submit', (event) => {
      event.preventDefault()
      const text = this.field.value.trim()
      if (text === '') {
        this.field.focus()
        return
      }
      this.field.blur()
      if (meansPlay(text) || options.isFile(text)) options.onPlay(text)
      else options.onSearch(text)
    })
    options.parent.append(form)
  }

  clear(): void {
    this.field.value = ''
    this.#name()
  }

  #name(): void {
    const text = this.field.value.trim()
    this.#words.textContent =
      text !== '' && (meansPlay(text) || this.#options.isFile(text)) ? 'Play' : 'Search'
  }
}

/**
 * True for what names one thing: an address of one, an ID, the demo. Words, playlists and channels are searched for instead.
 * The server decides for itself what it plays; this only chooses the button.
 */
export function meansPlay(text: string): boolean {
  if (/[?&]list=[\w-]{10,}/.test(text) && !/[?&]v=/.test(text)) return false
  if (/^(?:https?:\/\/)?(?:www\.|m\.)?youtube\.com\/(?:@|channel\/|c\/)/i.test(text)) return false
  if (/^[a-z][a-z0-9+.-]*:\S/i.test(text) || /^demo:$/i.test(text)) return true
  if (/^(?:www\.|m\.)?(?:youtube\.com|youtu\.be)\//i.test(text)) return true
  if (/^(?:\.{0,2}\/|~\/)/.test(text)) return true
  // Eleven letters are more likely a word ("documentary") than an ID.
  return /^[\w-]{11}$/.test(text) && !/^[A-Za-z]?(?:[a-z]{10}|[A-Z]{10})$/.test(text)
}
