// The HTTP door: the page, the commands, the sound, the health. Everything but the page and /healthz's first word needs the cookie.

import { existsSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import fastifyCookie from '@fastify/cookie'
import fastifyStatic from '@fastify/static'
import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify'
import { z } from 'zod'
import type { ErrorCode } from '../signaling/error-codes.ts'
import { pin, presetName } from '../signaling/messages.ts'
import type { PinGate } from '../signaling/pin-gate.ts'
import type { TicketOffice } from '../signaling/tickets.ts'
import { serveAudio } from './audio/audio-stream.ts'
import { COOKIE_MAX_AGE_S, type CookieSigner } from './cookie.ts'
import type { LoadMeter } from './metrics.ts'
import type { Resolver } from './resolve/resolver.ts'
import type { Session } from './session/session.ts'

/** The longest command body: a query of 2,000 characters fits many times over. */
const BODY_LIMIT = 16 * 1024
const COOKIE = 'asciline'
const HOST_COOKIE = '__Host-asciline'

const HTTP_STATUS: Partial<Record<ErrorCode, number>> = {
  'bad-request': 400,
  'query-refused': 400,
  'query-too-long': 400,
  'unknown-preset': 400,
  unauthorized: 401,
  'wrong-pin': 401,
  'host-refused': 403,
  'origin-refused': 403,
  'not-found': 404,
  gone: 410,
  'locked-out': 429,
  'too-many-viewers': 503,
}

/** An answer that is an error; `code` decides the HTTP status. */
export class HttpError extends Error {
  override name = 'HttpError'
  readonly code: ErrorCode
  readonly retryAfterMs: number | undefined

  constructor(code: ErrorCode, message: string, retryAfterMs?: number) {
    super(message)
    this.code = code
    this.retryAfterMs = retryAfterMs
  }
}

export type ServerOptions = {
  session: Session
  resolver: Resolver
  gate: PinGate
  tickets: TicketOffice
  cookies: CookieSigner
  load: LoadMeter
  /** Reverse proxies in front whose X-Forwarded-* headers are believed. */
  trustProxy: number
  /** Folder of the built page. */
  page: string
  log: FastifyBaseLogger
}

const playBody = z.object({
  query: z.string().trim().min(1, 'must not be empty').max(2000),
  preset: z.string().max(16).optional(),
})
const authBody = z.union([z.strictObject({ pin }), z.strictObject({ ticket: z.string().min(1).max(128) })])
const audioQuery = z.object({
  epoch: z.coerce.number().int().nonnegative(),
  from: z.coerce.number().int().nonnegative(),
})

/** Builds the server; `listen` is the caller's. */
export async function buildServer(options: ServerOptions): Promise<FastifyInstance> {
  const { session, gate, tickets, cookies, load } = options
  const app: FastifyInstance = fastify({
    loggerInstance: options.log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT,
    // Hop 0 is the socket's own address: N proxies of ours are hops 0 to N - 1.
    trustProxy: options.trustProxy > 0 && ((_address: string, hop: number) => hop < options.trustProxy),
    forceCloseConnections: true,
  })
  await app.register(fastifyCookie)
  if (existsSync(options.page)) await app.register(fastifyStatic, { root: options.page, index: 'index.html' })

  const signedIn = (request: FastifyRequest) =>
    cookies.verify(request.cookies[HOST_COOKIE], Date.now()) ||
    cookies.verify(request.cookies[COOKIE], Date.now())

  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-content-type-options', 'nosniff')
    reply.header('referrer-policy', 'no-referrer')
    reply.header('x-frame-options', 'DENY')
    reply.header('content-security-policy', CONTENT_SECURITY_POLICY)
    const path = request.url.split('?')[0]
    const guarded = path.startsWith('/api/') || path === '/audio'
    if (!guarded) return
    reply.header('cache-control', 'no-store')
    if (!sameOrigin(request)) throw new HttpError('origin-refused', 'This request came from another site.')
    if (path !== '/api/auth' && !signedIn(request))
      throw new HttpError('unauthorized', 'Enter the PIN first.')
  })

  app.post('/api/auth', async (request, reply) => {
    const body = checked(authBody, request.body)
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
    return reply.code(204).send()
  })

  app.post('/api/play', async (request, reply) => {
    const raw = request.body as { query?: unknown } | undefined
    if (typeof raw?.query === 'string' && raw.query.length > 2000)
      throw new HttpError('query-too-long', 'A query has at most 2,000 characters.')
    const { query, preset } = checked(playBody, request.body)
    const chosen = presetName.optional().safeParse(preset)
    if (!chosen.success)
      throw new HttpError(
        'unknown-preset',
        `There is no preset ${JSON.stringify(preset)}; low, med, high and ultra exist.`,
      )
    return reply.code(202).send(session.play(query, { preset: chosen.data }))
  })
  app.post('/api/stop', async () => session.stop())
  app.get('/api/status', async () => session.status())
  app.get('/api/library', async () => ({ files: await options.resolver.library() }))

  app.get('/audio', async (request, reply) => {
    const { epoch, from } = checked(audioQuery, request.query)
    const ring = session.audio(epoch)
    if (ring === undefined) throw new HttpError('not-found', 'That programme is not on.')
    if (!serveAudio({ ring, from, response: reply.raw, log: options.log }))
      throw new HttpError('gone', `The sound before frame ${ring.first} is gone.`)
    return reply.hijack()
  })

  app.get('/healthz', async (request) => ({
    status: 'ok',
    ...(signedIn(request)
      ? { ...load.read(), viewers: session.status().viewers, state: session.status().state }
      : {}),
  }))

  app.setNotFoundHandler((_request, reply) =>
    sendError(reply, new HttpError('not-found', 'There is nothing here.')),
  )
  app.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    if (error instanceof HttpError) return sendError(reply, error)
    // Fastify's own refusals: malformed JSON, a body too large, an unknown content type.
    if (error.statusCode !== undefined && error.statusCode < 500)
      return sendError(reply, new HttpError('bad-request', error.message), error.statusCode)
    request.log.error({ err: error }, 'request failed')
    return sendError(
      reply,
      new HttpError('internal', 'Something went wrong in the server; its log says what.'),
    )
  })
  return app
}

// The page is ours alone: no foreign script, frame, image or connection. Canvas styles are set from script, hence style attributes.
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "media-src 'self' blob:",
  "worker-src 'self' blob:",
  "connect-src 'self' ws: wss:",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

function checked<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new HttpError('bad-request', `${issue.path.join('.') || 'body'}: ${issue.message}`)
}

function sendError(
  reply: FastifyReply,
  error: HttpError,
  status = HTTP_STATUS[error.code] ?? 500,
): FastifyReply {
  const { code, message, retryAfterMs } = error
  if (retryAfterMs !== undefined) reply.header('retry-after', String(Math.ceil(retryAfterMs / 1000)))
  return reply.code(status).send({ code, message, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) })
}

/** A browser names the page's origin on every POST; programs that are not browsers send none. */
function sameOrigin(request: FastifyRequest): boolean {
  return isOwnOrigin(request.headers.origin, request.host)
}

/** True when `origin` is absent or names the host that was asked. */
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
