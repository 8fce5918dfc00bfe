// Text from strangers (titles, subtitles, messages) as a terminal may print it.

/** Characters that take two columns; combining marks, which take none, are rare enough to be counted as one. */
const WIDE =
  /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|\p{Emoji_Presentation}|[\uff01-\uff60]/u

/** `text` as one line without control characters: no escape sequence, no marks of direction. */
export function printable(text: string): string {
  return text.replace(/\s+/gu, ' ').replace(/\p{C}/gu, '')
}

/** Columns that printable text takes. */
export function columnsOf(text: string): number {
  let columns = 0
  for (const character of text) columns += WIDE.test(character) ? 2 : 1
  return columns
}

/** The longest beginning of `text` that fits. */
export function cutTo(text: string, columns: number): string {
  let taken = 0
  let end = 0
  for (const character of text) {
    taken += WIDE.test(character) ? 2 : 1
    if (taken > columns) break
    end += character.length
  }
  return text.slice(0, end)
}
