// The PIN or a ticket goes in, the cookie comes out.

import { z } from 'zod'
import { pin } from '../../signaling/messages.ts'
import type { PinGate } from '../../signaling/pin-gate.ts'
import type { TicketOffice } from '../../signaling/tickets.ts'
import { COOKIE_MAX_AGE_S, type CookieSigner } from '../cookie.ts'
import { HttpError } from './http-error.ts'
import { COOKIE, HOST_COOKIE } from './request-origin.ts'
import { type Route, route } from './route.ts'

export type AuthRoutesOptions = { gate: PinGate; tickets: TicketOffice; cookies: CookieSigner }

export function authRoutes({ gate, tickets, cookies }: AuthRoutesOptions): Route[] {
  return [
    route({
      method: 'POST',
      path: '/api/auth',
      summary: 'Enter the PIN, or a one-time ticket; answers with the cookie that everything else needs.',
      body: z.union([z.strictObject({ pin }), z.strictObject({ ticket: z.string().min(1).max(128) })]),
      status: 204,
      errors: ['wrong-pin', 'unauthorized', 'locked-out'],
      open: true,
      handle: ({ body, request, reply }) => {
        if ('pin' in body) {
          const attempt = gate.attempt(body.pin, request.ip, performance.now())
          if (!attempt.ok)
            throw new HttpError(
              attempt.code,
              attempt.code === 'wrong-pin' ? 'That is not the PIN.' : 'Too many wrong PINs. Wait a little.',
              attempt.retryAfterMs,
            )
        } else if (!tickets.redeem(body.ticket, performance.now())) {
          throw new HttpError('unauthorized', 'This ticket was used before or is too old. Enter the PIN.')
        }
        // Secure only when the request came over https: over plain http the browser would not send it to /audio.
        const secure = request.protocol === 'https'
        reply.setCookie(secure ? HOST_COOKIE : COOKIE, cookies.issue(Date.now()), {
          httpOnly: true,
          sameSite: 'lax',
          path: '/',
          secure,
          maxAge: COOKIE_MAX_AGE_S,
        })
      },
    }),
    route({
      method: 'POST',
      path: '/api/ticket',
      summary: 'A one-time ticket (60 s) that lets another device in without the PIN, e.g. in a QR code.',
      answer: z.object({ ticket: z.string() }),
      handle: () => ({ ticket: tickets.issue(performance.now()) }),
    }),
  ]
}
