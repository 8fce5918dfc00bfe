// The HTTP door: the page, the commands, the sound, the health. Everything but the page and /healthz's first word needs the cookie.

import { existsSync } from 'node:fs'
import fastifyCookie from '@fastify/cookie'
import fastifyStatic from '@fastify/static'
import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyRequest,
  LogController,
} from 'fastify'
import { PeerRefusal } from '../signaling/negotiation.ts'
import type { PinGate } from '../signaling/pin-gate.ts'
import type { TicketOffice } from '../signaling/tickets.ts'
import type { CookieSigner } from './cookie.ts'
import { authRoutes } from './http/auth-routes.ts'
import { HttpError, sendError } from './http/http-error.ts'
import { libraryRoutes } from './http/library-routes.ts'
import { openApi } from './http/openapi.ts'
import { programmeRoutes } from './http/programme-routes.ts'
import { COOKIE, HOST_COOKIE, isOwnOrigin } from './http/request-origin.ts'
import { mount, type Route, route } from './http/route.ts'
import { sessionRoutes } from './http/session-routes.ts'
import { subtitleRoutes } from './http/subtitle-routes.ts'
import type { Thumbnails } from './http/thumbnails.ts'
import { type TransportRoutesOptions, transportRoutes } from './http/transport-routes.ts'
import type { ServerLoad } from './metrics.ts'
import type { Programme } from './programme/programme.ts'
import type { Shelf } from './programme/shelf.ts'
import type { Store } from './programme/store.ts'
import type { Resolver } from './resolve/resolver.ts'
import { describeFailure } from './session/failure.ts'
import type { Session } from './session/session.ts'

/** The longest command body: a query of 2,000 characters fits many times over. The connection of a longer one is closed unread. */
export const BODY_LIMIT = 16 * 1024
const API_VERSION = '1'

export type ServerOptions = TransportRoutesOptions & {
  session: Session
  resolver: Resolver
  thumbnails: Thumbnails
  shelf: Shelf
  store: Store
  programme: Programme
  gate: PinGate
  tickets: TicketOffice
  cookies: CookieSigner
  load: { read(): ServerLoad }
  /** Reverse proxies in front whose X-Forwarded-* headers are believed. */
  trustProxy: number
  /** Folder of the built page. */
  page: string
  log: FastifyBaseLogger
}

/** Every command there is, in the order of the document. */
export function apiRoutes(options: Omit<ServerOptions, 'load' | 'trustProxy' | 'page'>): Route[] {
  const routes = [
    ...authRoutes(options),
    ...sessionRoutes(options),
    ...programmeRoutes(options),
    ...libraryRoutes(options),
    ...subtitleRoutes(options),
    ...transportRoutes(options),
  ]
  const document = route({
    method: 'GET',
    path: '/api/openapi.json',
    summary: 'This document.',
    handle: () => openApi(routes, API_VERSION),
  })
  routes.push(document)
  return routes
}

/** Builds the server; `listen` is the caller's. */
export async function buildServer(options: ServerOptions): Promise<FastifyInstance> {
  const { session, cookies, load } = options
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

  const routes = apiRoutes(options)
  const open = new Set(routes.filter((one) => one.open).map(({ path }) => path as string))
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
    if (!isOwnOrigin(request.headers.origin, request.host))
      throw new HttpError('origin-refused', 'This request came from another site.')
    if (!open.has(path) && !signedIn(request)) throw new HttpError('unauthorized', 'Enter the PIN first.')
  })

  mount(app, routes)
  app.get('/healthz', async (request) => ({
    status: 'ok',
    ...(signedIn(request)
      ? { ...load.read(), viewers: session.status().viewers, state: session.status().state }
      : {}),
  }))

  app.setNotFoundHandler((_request, reply) =>
    sendError(reply, { code: 'not-found', message: 'There is nothing here.' }),
  )
  app.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    if (error instanceof HttpError || error instanceof PeerRefusal) return sendError(reply, error)
    const failure = describeFailure(error)
    if (failure.code !== 'internal') return sendError(reply, failure)
    // Fastify's own refusals: malformed JSON, a body too large, an unknown content type.
    if (error.statusCode !== undefined && error.statusCode < 500)
      return sendError(reply, { code: 'bad-request', message: error.message }, error.statusCode)
    request.log.error({ err: error }, 'request failed')
    return sendError(reply, failure)
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
