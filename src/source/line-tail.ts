// Remembers the last lines a child wrote to stderr, and no more than that, however much it writes.

const MAX_LINES = 20
// yt-dlp's longest single error (the bot check with its advice) is about 450 characters.
const MAX_LINE_CHARS = 1000

/** The newest 20 lines of a text stream, each cut to 1000 characters. */
export class LineTail {
  readonly #lines: string[] = []
  #open = ''

  /** Takes the next piece of text, wherever it happens to be cut. */
  push(text: string): void {
    const pieces = text.split(/\r\n|\r|\n/)
    for (const [index, piece] of pieces.entries()) {
      if (this.#open.length < MAX_LINE_CHARS) this.#open += piece.slice(0, MAX_LINE_CHARS - this.#open.length)
      if (index < pieces.length - 1) this.#closeLine()
    }
  }

  /** Oldest first; a last line without its newline counts. */
  get lines(): string[] {
    return this.#open.trim() === '' ? [...this.#lines] : [...this.#lines, this.#open.trimEnd()]
  }

  #closeLine(): void {
    if (this.#open.trim() !== '') this.#lines.push(this.#open.trimEnd())
    if (this.#lines.length > MAX_LINES) this.#lines.shift()
    this.#open = ''
  }
}
