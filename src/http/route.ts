// One command of the HTTP door as data: what it takes, what it answers, what it does. The server mounts it, the OpenAPI
// document describes it; neither can say something the other does not.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { ErrorCode } from '../../signaling/error-codes.ts'
import { HttpError } from './http-error.ts'

export type RouteInput<Body, Query> = {
  body: Body
  query: Query
  request: FastifyRequest
  reply: FastifyReply
}

export type Route<Body = unknown, Query = unknown> = {
  method: 'GET' | 'POST'
  path: `/${string}`
  /** One line for the document. */
  summary: string
  body?: z.ZodType<Body>
  query?: z.ZodType<Query>
  /** What a success answers; absent when that is not JSON. */
  answer?: z.ZodType
  /** Of a success; 200. */
  status?: number
  /** Codes it can answer besides those of every route. */
  errors?: readonly ErrorCode[]
  /** Needs no cookie. */
  open?: true
  /** Returns the answer, or nothing when it has taken the reply over. Throws errors that carry a code. */
  handle: (input: RouteInput<Body, Query>) => unknown
}

/** Checks a route's types against each other and forgets them, so that routes of all kinds fit one list. */
export function route<Body = unknown, Query = unknown>(definition: Route<Body, Query>): Route {
  return definition as Route
}

/** Who gave a command, for the other viewers to see. */
export const who = z.string().trim().max(40).optional()

/** Registers the routes. */
export function mount(app: FastifyInstance, routes: readonly Route[]): void {
  for (const { method, path, body, query, status = 200, handle } of routes) {
    app.route({
      method,
      url: path,
      handler: async (request, reply) => {
        const answer = await handle({
          // A command without arguments may come without a body.
          body: body === undefined ? undefined : checked(body, request.body ?? {}),
          query: query === undefined ? undefined : checked(query, request.query),
          request,
          reply,
        })
        return reply.sent ? reply : reply.code(status).send(answer)
      },
    })
  }
}

function checked<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const issue = deepest(parsed.error.issues)
  throw new HttpError('bad-request', `${issue.path.join('.') || 'body'}: ${issue.message}`)
}

/** Of a union the first alternative's complaint says more than "invalid input". */
function deepest(issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue {
  const [first] = issues as [z.core.$ZodIssue, ...z.core.$ZodIssue[]]
  if (first.code !== 'invalid_union') return first
  const inner = first.errors.find((errors) => errors.length > 0)
  return inner === undefined ? first : deepest(inner)
}
