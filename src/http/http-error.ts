// An answer that says no: a code of the list, its HTTP status, a text for a person.

import type { FastifyReply } from 'fastify'
import type { ErrorCode } from '../../signaling/error-codes.ts'

const STATUS: Partial<Record<ErrorCode, number>> = {
  'bad-request': 400,
  'query-refused': 400,
  'query-too-long': 400,
  'unknown-preset': 400,
  unauthorized: 401,
  'wrong-pin': 401,
  'host-refused': 403,
  'origin-refused': 403,
  'outside-media': 403,
  'not-found': 404,
  'file-not-found': 404,
  'no-results': 404,
  superseded: 409,
  'nothing-playing': 409,
  'not-seekable': 409,
  'queue-full': 409,
  gone: 410,
  'locked-out': 429,
  'rate-limited': 429,
  internal: 500,
  'too-many-viewers': 503,
  'transport-restarting': 503,
  timeout: 504,
}

/** The HTTP status of a code; what the server could not get from elsewhere is a 502. */
export const statusOf = (code: ErrorCode): number => STATUS[code] ?? 502

export class HttpError extends Error {
  override name = 'HttpError'
  readonly code: ErrorCode
  readonly retryAfterMs: number | undefined

  constructor(code: ErrorCode, message: string, retryAfterMs?: number) {
    super(message)
    this.code = code
    this.retryAfterMs = retryAfterMs
  }
}

/** Answers with `{ code, message }` and, where waiting helps, `retryAfterMs`. */
export function sendError(
  reply: FastifyReply,
  { code, message, retryAfterMs }: { code: ErrorCode; message: string; retryAfterMs?: number | undefined },
  status = statusOf(code),
): FastifyReply {
  if (retryAfterMs !== undefined) reply.header('retry-after', String(Math.ceil(retryAfterMs / 1000)))
  return reply.code(status).send({ code, message, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) })
}
