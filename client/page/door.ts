// The HTTP door: commands go in here, everything that happens comes back over signaling.

import { ERROR_CODES, type ErrorCode } from '../../signaling/error-codes.ts'
import {
  type Offer,
  offer,
  type PresetName,
  type SessionStatus,
  sessionStatus,
} from '../../signaling/messages.ts'

/** How long an answer may take; `play` answers before it has resolved anything. */
const TIMEOUT_MS = 10_000
const MAX_LIBRARY_FILES = 500

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

export type LibraryFile = { path: string; title: string }

/** The server's commands. Every method throws {@link DoorError}, `network` when there was no answer. */
export class Door {
  /** Sets the cookie that opens everything else. */
  async authenticate(pin: string): Promise<void> {
    await this.#ask('POST', '/api/auth', { pin })
  }

  async play(query: string, preset: PresetName | undefined): Promise<SessionStatus> {
    return this.#status(await this.#ask('POST', '/api/play', { query, preset }))
  }

  /** Another grid for what plays, for everybody. */
  async changePreset(preset: PresetName): Promise<SessionStatus> {
    return this.#status(await this.#ask('POST', '/api/preset', { preset }))
  }

  async stop(): Promise<SessionStatus> {
    return this.#status(await this.#ask('POST', '/api/stop', {}))
  }

  async status(): Promise<SessionStatus> {
    return this.#status(await this.#ask('GET', '/api/status'))
  }

  /** Files the server offers, at most 500. */
  async library(): Promise<LibraryFile[]> {
    const answer = await this.#ask('GET', '/api/library')
    const files = isRecord(answer) && Array.isArray(answer.files) ? answer.files : []
    return files.slice(0, MAX_LIBRARY_FILES).filter(isLibraryFile)
  }

  /** Asks for a connection without a socket. */
  async offer(): Promise<Offer> {
    return known(offer.safeParse(await this.#ask('POST', '/api/offer', {})).data)
  }

  /** Takes the offer up. */
  async answer(peer: string, sdp: string): Promise<void> {
    await this.#ask('POST', '/api/answer', { peer, sdp })
  }

  #status(answer: unknown): SessionStatus {
    return known(sessionStatus.safeParse(answer).data)
  }

  async #ask(method: 'GET' | 'POST', path: string, body?: object): Promise<unknown> {
    const abort = new AbortController()
    const timer = setTimeout(() => abort.abort(), TIMEOUT_MS)
    try {
      const response = await fetch(path, {
        method,
        credentials: 'same-origin',
        cache: 'no-store',
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

function isLibraryFile(value: unknown): value is LibraryFile {
  return isRecord(value) && typeof value.path === 'string' && typeof value.title === 'string'
}
