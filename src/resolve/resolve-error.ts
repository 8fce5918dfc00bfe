// Why a query did not become a programme, in words a person can act on.

import type { ErrorCode } from '../../signaling/error-codes.ts'

/** `exitCode` and `stderr` (its last lines) are yt-dlp's, for the log; absent when it never ran. */
export class ResolveError extends Error {
  readonly code: ErrorCode
  readonly exitCode: number | null
  readonly stderr: readonly string[]

  constructor(
    code: ErrorCode,
    message: string,
    { exitCode = null, stderr = [] }: { exitCode?: number | null; stderr?: readonly string[] } = {},
  ) {
    super(message)
    this.name = 'ResolveError'
    this.code = code
    this.exitCode = exitCode
    this.stderr = stderr
  }
}
