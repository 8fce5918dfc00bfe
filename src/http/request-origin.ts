// Where a request comes from: which site's page, which address, which browser that once knew the PIN.

import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import type { CookieSigner } from '../cookie.ts'

export const COOKIE = 'asciline'
/** The name over https, which a browser gives to this host alone. */
export const HOST_COOKIE = '__Host-asciline'

/** True when `origin` is absent or names the host that was asked: browsers send it on every POST, programs do not. */
export function isOwnOrigin(origin: string | undefined, host: string | undefined): boolean {
  if (origin === undefined) return true
  try {
    return new URL(origin).host === host
  } catch {
    return false
  }
}

/** The address a request came from: the one that the outermost of our own `hops` proxies saw, or the socket's. */
export function clientAddress(request: IncomingMessage, hops: number): string {
  const direct = request.socket.remoteAddress ?? ''
  if (hops === 0) return direct
  const forwarded = [request.headers['x-forwarded-for'] ?? []]
    .flat()
    .join(',')
    .split(',')
    .map((part) => part.trim())
  const named = forwarded.at(-hops) ?? forwarded[0]
  return named !== undefined && isIP(named) !== 0 ? named : direct
}

/** The cookie check for requests that do not pass through fastify (the WebSocket upgrade). */
export function hasCookie(header: string | undefined, cookies: CookieSigner, now: number): boolean {
  return (header ?? '')
    .slice(0, 8192)
    .split(';')
    .map((pair) => pair.trim().split('='))
    .some(
      ([name, ...value]) => (name === COOKIE || name === HOST_COOKIE) && cookies.verify(value.join('='), now),
    )
}
