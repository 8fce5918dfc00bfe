// Offer and answer for browsers whose socket fails them, and the account of who was reached how.

import { z } from 'zod'
import type { HttpNegotiation } from '../../signaling/http-negotiation.ts'
import { answer, offer } from '../../signaling/messages.ts'
import type { HostDiagnostics } from '../transport/transport-host.ts'
import { type Route, route } from './route.ts'

export type TransportRoutesOptions = { negotiation: HttpNegotiation; diagnose(): Promise<HostDiagnostics> }

export function transportRoutes({ negotiation, diagnose }: TransportRoutesOptions): Route[] {
  return [
    route({
      method: 'POST',
      path: '/api/offer',
      summary:
        'A WebRTC offer with all candidates; the connection is forgotten when no answer comes within 10 s.',
      body: z.object({}),
      answer: offer,
      errors: ['rate-limited', 'too-many-viewers', 'no-candidates', 'peer-failed', 'transport-restarting'],
      handle: ({ request }) => negotiation.offer(request.ip),
    }),
    route({
      method: 'POST',
      path: '/api/answer',
      summary: 'The answer to an offer, once.',
      body: answer,
      status: 204,
      errors: ['peer-failed', 'transport-restarting'],
      handle: ({ body }) => negotiation.answer(body.peer, body.sdp),
    }),
    route({
      method: 'GET',
      path: '/api/diagnostics',
      summary:
        'The transport process, the addresses that are offered, and for each viewer, the last twenty gone included, what was tried.',
      handle: () => diagnose(),
    }),
  ]
}
