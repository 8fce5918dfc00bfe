// Why a query did not become a programme, or a programme not pictures, in words a person can act on.

import type { ErrorCode } from '../../signaling/error-codes.ts'

/** `exitCode` and `stderr` (its last lines) are those of the tool that failed, for the log; absent when none ran. */
export class MediaError extends Error {
  override name = 'MediaError'
  readonly code: ErrorCode
  readonly exitCode: number | null
  readonly stderr: readonly string[]

  constructor(
    code: ErrorCode,
    message: string,
    { exitCode = null, stderr = [] }: { exitCode?: number | null; stderr?: readonly string[] } = {},
  ) {
    super(message)
    this.code = code
    this.exitCode = exitCode
    this.stderr = stderr
  }
}
