// The HTTP door: commands go in here, everything that happens comes back over signaling.

import { ERROR_CODES, type ErrorCode } from '../../signaling/error-codes.ts'
import { type Offer, offer, type SessionStatus, sessionStatus } from '../../signaling/messages.ts'

/** How long an answer may take; `play` answers before it has resolved anything. */
const TIMEOUT_MS = 10_000

export type AskOptions = {
  /** What asks another site first takes longer. */
  timeoutMs?: number
  /** Nobody wants the answer any more. */
  signal?: AbortSignal
  /** The answer may come from the browser's memory, as long as the server said. */
  cache?: boolean
}

/** What the server, or the way to it, said no with. `message` is for the person at the screen. */
export class DoorError extends Error {
  readonly code: ErrorCode
  readonly retryAfterMs: number

  constructor(code: ErrorCode, message: string, retryAfterMs = 0) {
    super(message)
    this.code = code
    this.retryAfterMs = retryAfterMs
  }
}

/** The server's commands. Every method throws {@link DoorError}, `network` when there was no answer. */
export class Door {
  /** Sets the cookie that opens everything else. */
  async authenticate(proof: { pin: string } | { ticket: string }): Promise<void> {
    await this.ask('POST', '/api/auth', proof)
  }

  /** A ticket that lets one other device in without the PIN, within a minute. */
  async ticket(): Promise<string> {
    const answer = await this.ask('POST', '/api/ticket', {})
    return known(isRecord(answer) && typeof answer.ticket === 'string' ? answer.ticket : undefined)
  }

  async status(): Promise<SessionStatus> {
    return known(sessionStatus.safeParse(await this.ask('GET', '/api/status')).data)
  }

  /** Asks for a connection without a socket. */
  async offer(): Promise<Offer> {
    return known(offer.safeParse(await this.ask('POST', '/api/offer', {})).data)
  }

  /** Takes the offer up. */
  async answer(peer: string, sdp: string): Promise<void> {
    await this.ask('POST', '/api/answer', { peer, sdp })
  }

  /** One command: what it answers, or undefined when that is nothing. */
  async ask(
    method: 'GET' | 'POST',
    path: string,
    body?: object,
    { timeoutMs = TIMEOUT_MS, signal, cache = false }: AskOptions = {},
  ): Promise<unknown> {
    const abort = new AbortController()
    const timer = setTimeout(() => abort.abort(), timeoutMs)
    signal?.addEventListener('abort', () => abort.abort(), { once: true })
    try {
      const response = await fetch(path, {
        method,
        credentials: 'same-origin',
        cache: cache ? 'default' : 'no-store',
        signal: abort.signal,
        ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
      })
      const answer: unknown =
        response.status === 204 ? undefined : await response.json().catch(() => undefined)
      if (!response.ok) throw refusal(response.status, answer)
      return answer
    } catch (error) {
      if (error instanceof DoorError) throw error
      throw new DoorError('network', 'The server does not answer.')
    } finally {
      clearTimeout(timer)
    }
  }
}

function known<T>(data: T | undefined): T {
  if (data === undefined)
    throw new DoorError('internal', 'The server answered something this page does not know. Reload the page.')
  return data
}

function refusal(httpStatus: number, answer: unknown): DoorError {
  const { code, message, retryAfterMs } = isRecord(answer) ? answer : {}
  const known = ERROR_CODES.find((candidate) => candidate === code)
  return new DoorError(
    known ?? (httpStatus === 401 ? 'unauthorized' : 'internal'),
    typeof message === 'string' ? message : `The server answered with status ${httpStatus}.`,
    typeof retryAfterMs === 'number' && retryAfterMs > 0 ? retryAfterMs : 0,
  )
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
