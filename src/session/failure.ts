// What went wrong, as a state and an answer can carry it.

import { ERROR_CODES, type ErrorCode } from '../../signaling/error-codes.ts'

/** `starts_at` in milliseconds since 1970: when what has not begun will. */
export type Failure = { code: ErrorCode; message: string; starts_at?: number }

/** A command that had no effect: `superseded` by a later one, or nothing was there to act on. */
export class CommandError extends Error {
  override name = 'CommandError'
  readonly code: ErrorCode
  readonly startsAt: number | undefined

  constructor({ code, message, starts_at }: Failure) {
    super(message)
    this.code = code
    this.startsAt = starts_at
  }
}

export const superseded = (): CommandError =>
  new CommandError({ code: 'superseded', message: 'Somebody chose something else in the meantime.' })

const known: ReadonlySet<string> = new Set(ERROR_CODES)

/** The code and text of an error that was made for a person; `internal` for every other. */
export function describeFailure(error: unknown): Failure {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string' && known.has(error.code)) {
    const startsAt = 'startsAt' in error && typeof error.startsAt === 'number' ? error.startsAt : undefined
    return {
      code: error.code as ErrorCode,
      message: error.message,
      ...(startsAt !== undefined && { starts_at: startsAt }),
    }
  }
  return { code: 'internal', message: 'Something went wrong in the server; its log says what.' }
}
