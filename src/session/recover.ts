// What is done about a source that was lost or never came: another try, with new addresses or not, or an error in the end. Pure
// but for the count of tries.

import { CommandError, describeFailure, type Failure } from './failure.ts'
import type { Retries } from './retries.ts'

export type Loss = {
  error: unknown
  /** Programme seconds at which it broke off. */
  at: number
  /** Seconds that were played of it. */
  played: number
  /** Something of the programme has been on the screens. */
  shown: boolean
  /** It lies with somebody else, who may have moved it. */
  remote: boolean
  /** A programme that has not been shown yet was tried before. */
  secondTry: boolean
  retries: Retries
}

/** `trouble` is what viewers see meanwhile. */
export type Recovery = { waitMs: number; fresh: boolean; trouble?: Failure }

/** Throws what the programme has failed with when there is nothing left to try. */
export function recover({ error, at, played, shown, remote, secondTry, retries }: Loss): Recovery {
  const failure = describeFailure(error)
  if (!shown) {
    // The addresses of an answer from the cache may have died since; those of a new one have not.
    if (remote && failure.code === 'source-failed' && !secondTry) return { waitMs: 0, fresh: true }
    throw new CommandError(failure)
  }
  if (failure.code === 'internal') throw error
  const waitMs = retries.next(played)
  if (waitMs === undefined) {
    throw new CommandError({
      code: failure.code,
      message: `It broke off at ${clock(at)} and could not be opened again in ${retries.used} tries. ${failure.message}`,
    })
  }
  const message = `${failure.message} Trying again (${retries.used} of 3).`
  return { waitMs, fresh: remote, trouble: { code: failure.code, message } }
}

/** 3:07 or 1:02:03. */
function clock(seconds: number): string {
  const whole = Math.floor(seconds)
  const fields = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  if (fields[0] === 0) fields.shift()
  return fields
    .map((field, index) => (index === 0 ? String(field) : String(field).padStart(2, '0')))
    .join(':')
}
