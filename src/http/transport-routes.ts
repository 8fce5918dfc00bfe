// Offer and answer for browsers whose socket fails them, and the account of who was reached how.

import { z } from 'zod'
import type { HttpNegotiation } from '../../signaling/http-negotiation.ts'
import { answer, offer } from '../../signaling/messages.ts'
import type { SignalingServer } from '../../signaling/server.ts'
import { streamWords } from '../../signaling/stream-envelope.ts'
import type { HostDiagnostics } from '../transport/transport-host.ts'
import { HttpError } from './http-error.ts'
import { type Route, route } from './route.ts'

export type TransportRoutesOptions = {
  negotiation: HttpNegotiation
  signaling: Pick<SignalingServer, 'stream' | 'hear'>
  diagnose(): Promise<HostDiagnostics>
}

export function transportRoutes({ negotiation, signaling, diagnose }: TransportRoutesOptions): Route[] {
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
      path: '/api/signal',
      summary:
        'What the signaling socket would say, frames included, as a response that never ends (signaling/stream-envelope.ts).',
      errors: ['too-many-viewers'],
      handle: ({ request, reply }) => {
        signaling.stream(reply.raw, request.ip)
        // Not returned: a reply is a thenable that settles only when the stream is over.
        reply.hijack()
      },
    }),
    route({
      method: 'POST',
      path: '/api/signal',
      summary:
        'What a page says to the signaling socket that is such a response; `x-stream` of its head names it.',
      body: streamWords,
      status: 204,
      errors: ['gone'],
      handle: ({ body }) => {
        if (!signaling.hear(body)) throw new HttpError('gone', 'This connection has ended.')
      },
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
