/** Path of the yt-dlp that set-up has put into `cache`, or undefined. */
export function ownYtDlp(cache: string): string | undefined

/** Puts a current yt-dlp into `cache` unless the one on PATH is new enough. Never throws; `say` has what went wrong. */
export function provideYtDlp(options: {
  cache: string
  onPath: (name: string) => string | undefined
  say: (line: string) => void
  /** Makes Python's venv module available; false where that is not possible. */
  installVenv: () => boolean
  /** Milliseconds since 1970. */
  now?: number
}): void
