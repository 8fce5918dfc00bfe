// A terminal as far as the viewer uses one: reads its control sequences and remembers what each cell shows.

export type TerminalCell = { character: string; foreground: string; background: string }

const CONTROL = /\p{Cc}\[(\??[\d;]*)([A-Za-z])|(\P{Cc})/gu

/** Throws on a sequence the viewer has no business writing. */
export class TerminalCells {
  readonly cells = new Map<string, TerminalCell>()
  /** Characters written since the start. */
  written = 0
  #row = 1
  #col = 1
  #foreground = ''
  #background = ''

  write(output: Uint8Array | string): void {
    const text =
      typeof output === 'string' ? output : new TextDecoder('utf-8', { fatal: true }).decode(output)
    let read = 0
    for (const [whole, parameters, letter, character] of text.matchAll(CONTROL)) {
      read += whole.length
      if (character !== undefined) this.#print(character)
      else if (letter === 'H') [this.#row, this.#col] = parameters.split(';').map(Number)
      else if (letter === 'J') this.cells.clear()
      else if (letter === 'm') this.#colour(parameters.split(';').map(Number))
      else if (!(parameters.startsWith('?') && /[hl]/.test(letter)))
        throw new Error(`what is ${JSON.stringify(whole)}`)
    }
    if (read !== text.length) throw new Error('half a control sequence')
  }

  at(row: number, col: number): TerminalCell {
    return this.cells.get(`${row};${col}`) ?? { character: ' ', foreground: '', background: '' }
  }

  /** The characters of one row, from `col` on. */
  text(row: number, col: number, count: number): string {
    return Array.from({ length: count }, (_, index) => this.at(row, col + index).character).join('')
  }

  #print(character: string): void {
    this.cells.set(`${this.#row};${this.#col}`, {
      character,
      foreground: this.#foreground,
      background: this.#background,
    })
    this.#col += 1
    this.written += 1
  }

  #colour(parameters: number[]): void {
    for (let at = 0; at < parameters.length; at += 1) {
      const colour = parameters.slice(at + 2, at + 5).join(',')
      if (parameters[at] === 0) this.#foreground = this.#background = ''
      else if (parameters[at] === 38) this.#foreground = colour
      else if (parameters[at] === 48) this.#background = colour
      else continue
      if (parameters[at] !== 0) at += 4
    }
  }
}
