// Writes characters with their places and colours as the control sequences of ECMA-48, each only where it changes.
// A frame is bracketed as one synchronized update (DEC private mode 2026), so that terminals that know it never show half of one.

const encode = (text: string) => new TextEncoder().encode(text)
const BEGIN = encode('\x1b[?2026h')
const END = encode('\x1b[0m\x1b[?2026l')
const FOREGROUND = encode('\x1b[38;2;')
const BACKGROUND = encode('\x1b[48;2;')
const NUMBERS = Array.from({ length: 1000 }, (_, number) => encode(String(number)))
const SEMICOLON = 0x3b
const LETTER_M = 0x6d
const LETTER_H = 0x48
/** A move, two colours and a character: 10 + 19 + 19 + 4 bytes. */
const MOST_BYTES_PER_CHARACTER = 52

/** Bytes for at most `characters` characters a frame. Coordinates above 999 are not written. */
export class EscapeWriter {
  readonly #bytes: Uint8Array
  #at = 0
  #row = 0
  #col = 0
  #foreground = -1
  #background = -1

  constructor(characters: number) {
    this.#bytes = new Uint8Array(characters * MOST_BYTES_PER_CHARACTER + BEGIN.length + END.length)
  }

  begin(): void {
    this.#at = 0
    this.#put(BEGIN)
    this.#row = 0
    this.#foreground = -1
    this.#background = -1
  }

  /** The frame's bytes, lent until the next `begin`; empty when nothing was written. */
  end(): Uint8Array {
    if (this.#at === BEGIN.length) return this.#bytes.subarray(0, 0)
    this.#put(END)
    return this.#bytes.subarray(0, this.#at)
  }

  /** Rows and columns count from 1. */
  moveTo(row: number, col: number): void {
    if (row === this.#row && col === this.#col) return
    this.#row = row
    this.#col = col
    this.#bytes[this.#at++] = 0x1b
    this.#bytes[this.#at++] = 0x5b
    this.#put(NUMBERS[row])
    this.#bytes[this.#at++] = SEMICOLON
    this.#put(NUMBERS[col])
    this.#bytes[this.#at++] = LETTER_H
  }

  /** `bgr` is 0xBBGGRR, as {@link CellShader} gives it. */
  foreground(bgr: number): void {
    if (bgr === this.#foreground) return
    this.#foreground = bgr
    this.#colour(FOREGROUND, bgr)
  }

  background(bgr: number): void {
    if (bgr === this.#background) return
    this.#background = bgr
    this.#colour(BACKGROUND, bgr)
  }

  /** One character, one column wide, in UTF-8. */
  character(utf8: Uint8Array): void {
    this.#put(utf8)
    this.#col += 1
  }

  #colour(introducer: Uint8Array, bgr: number): void {
    this.#put(introducer)
    this.#put(NUMBERS[bgr & 255])
    this.#bytes[this.#at++] = SEMICOLON
    this.#put(NUMBERS[(bgr >> 8) & 255])
    this.#bytes[this.#at++] = SEMICOLON
    this.#put(NUMBERS[(bgr >> 16) & 255])
    this.#bytes[this.#at++] = LETTER_M
  }

  #put(bytes: Uint8Array): void {
    // `set` costs more than these few bytes.
    for (let from = 0; from < bytes.length; from += 1) this.#bytes[this.#at++] = bytes[from]
  }
}
