// The cookie that says "this browser knew the PIN": issue time and an HMAC over it, keyed by a secret file and the PIN.

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** How long a browser stays signed in, in seconds: 90 days, as a car is not asked for a PIN every week. */
export const COOKIE_MAX_AGE_S = 90 * 24 * 3600

/**
 * Reads the signing secret (32 bytes) or makes it, readable by this user only, so that a restart signs nobody out.
 * When the folder cannot be written the secret lives as long as the process.
 */
export function loadSecret(path: string): Buffer {
  try {
    const stored = readFileSync(path)
    if (stored.length === 32) return stored
  } catch {
    // Not there yet: made below.
  }
  const fresh = randomBytes(32)
  try {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, fresh, { mode: 0o600 })
    chmodSync(path, 0o600)
  } catch {
    // A read-only installation still runs; its viewers enter the PIN again after a restart.
  }
  return fresh
}

/** Signs and checks cookie values. A new PIN makes every old cookie worthless. */
export class CookieSigner {
  readonly #key: Buffer

  constructor(options: { secret: Buffer; pin: string }) {
    this.#key = createHmac('sha256', options.secret).update(`pin:${options.pin}`).digest()
  }

  /** `now` in milliseconds since 1970. */
  issue(now: number): string {
    const issuedAt = Math.floor(now / 1000).toString(36)
    return `v1.${issuedAt}.${this.#mac(issuedAt)}`
  }

  /** True for a value that this signer issued and that is not older than {@link COOKIE_MAX_AGE_S}. */
  verify(value: string | undefined, now: number): boolean {
    const parts = /^v1\.([0-9a-z]{1,10})\.([\w-]{43})$/.exec(value ?? '')
    if (parts === null) return false
    const [, issuedAt, mac] = parts
    const age = now / 1000 - Number.parseInt(issuedAt, 36)
    // The clock may have been set back a little since; a cookie from the far future is nobody's of ours.
    if (!(age > -3600 && age <= COOKIE_MAX_AGE_S)) return false
    return timingSafeEqual(Buffer.from(mac), Buffer.from(this.#mac(issuedAt)))
  }

  #mac(issuedAt: string): string {
    return createHmac('sha256', this.#key).update(`v1.${issuedAt}`).digest('base64url')
  }
}
