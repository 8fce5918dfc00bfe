// The answer to a WebSocket upgrade that is not to be: plain HTTP, with a code the docs list.

import type { Duplex } from 'node:stream'
import type { ErrorCode } from './error-codes.ts'

const REASONS = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  503: 'Service Unavailable',
} as const

/** Answers with `{ code, message }` and closes the connection. */
export function refuseUpgrade(
  stream: Duplex,
  status: keyof typeof REASONS,
  code: ErrorCode,
  message: string,
): void {
  const body = JSON.stringify({ code, message })
  stream.end(
    `HTTP/1.1 ${status} ${REASONS[status]}\r\nConnection: close\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}
