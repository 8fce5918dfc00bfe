// Why a query did not become a programme, or a programme not pictures, in words a person can act on.

import type { ErrorCode } from '../../signaling/error-codes.ts'

/** `exitCode` and `stderr` (its last lines) are those of the tool that failed, for the log; absent when none ran. */
export class MediaError extends Error {
  override name = 'MediaError'
  readonly code: ErrorCode
  readonly exitCode: number | null
  readonly stderr: readonly string[]
  /** When what has not begun will, in milliseconds since 1970, as far as is known. */
  readonly startsAt: number | undefined

  constructor(
    code: ErrorCode,
    message: string,
    {
      exitCode = null,
      stderr = [],
      startsAt,
    }: { exitCode?: number | null; stderr?: readonly string[]; startsAt?: number | undefined } = {},
  ) {
    super(message)
    this.code = code
    this.exitCode = exitCode
    this.stderr = stderr
    this.startsAt = startsAt
  }
}
