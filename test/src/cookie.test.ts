import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { COOKIE_MAX_AGE_S, CookieSigner, loadSecret } from '../../src/cookie.ts'

const secret = Buffer.alloc(32, 7)
const day = 24 * 3600 * 1000
const t0 = 1_800_000_000_000

test('a cookie is good for as long as it says, and not a second longer', () => {
  const signer = new CookieSigner({ secret, pin: '123456' })
  const value = signer.issue(t0)
  expect(signer.verify(value, t0)).toBe(true)
  expect(signer.verify(value, t0 + 89 * day)).toBe(true)
  expect(signer.verify(value, t0 + COOKIE_MAX_AGE_S * 1000 + 1000)).toBe(false)
  expect(signer.verify(value, t0 - 2 * day)).toBe(false)
})

test('a changed byte, another PIN, another secret and rubbish are worth nothing', () => {
  const signer = new CookieSigner({ secret, pin: '123456' })
  const value = signer.issue(t0)
  for (let at = 0; at < value.length; at++) {
    const other = value[at] === 'A' ? 'B' : 'A'
    const forged = value.slice(0, at) + other + value.slice(at + 1)
    // The last base64url digit of 32 bytes carries two unused bits, so a neighbour may decode alike; text is compared, not bytes.
    expect(signer.verify(forged, t0), `byte ${at}`).toBe(false)
  }
  expect(new CookieSigner({ secret, pin: '654321' }).verify(value, t0)).toBe(false)
  expect(new CookieSigner({ secret: Buffer.alloc(32, 8), pin: '123456' }).verify(value, t0)).toBe(false)
  for (const rubbish of [undefined, '', 'v1', 'v1..', `v1.zzzzzzzzzz.${'A'.repeat(43)}`, 'x'.repeat(100_000)])
    expect(signer.verify(rubbish, t0)).toBe(false)
})

test('the secret outlives a restart, is private, and is made anew when damaged', () => {
  const folder = mkdtempSync(join(tmpdir(), 'asciline-'))
  try {
    const path = join(folder, 'deep', 'secret')
    const first = loadSecret(path)
    expect(first).toHaveLength(32)
    expect(loadSecret(path)).toEqual(first)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    writeFileSync(path, 'short')
    expect(loadSecret(path)).toHaveLength(32)
    expect(readFileSync(path)).toHaveLength(32)
    // A folder that cannot be made: the secret still exists, for this process.
    expect(loadSecret(join(path, 'below', 'a-file'))).toHaveLength(32)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
