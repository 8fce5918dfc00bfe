// Puts the rooms together: one session, its viewers, the two doors. Tests and the simulator start the same program through here.

import { join } from 'node:path'
import { HttpNegotiation } from '../signaling/http-negotiation.ts'
import { PinGate } from '../signaling/pin-gate.ts'
import { SignalingServer } from '../signaling/server.ts'
import { TicketOffice } from '../signaling/tickets.ts'
import { localTime } from '../vendor/asciline/index.ts'
import type { Config } from './config.ts'
import { CookieSigner, loadSecret } from './cookie.ts'
import { FrameBus } from './encode/frame-bus.ts'
import { PRESETS } from './encode/preset.ts'
import { clientAddress, hasCookie, isOwnOrigin } from './http/request-origin.ts'
import { Thumbnails } from './http/thumbnails.ts'
import { StockServer } from './legacy/stock-server.ts'
import type { openLog } from './log.ts'
import { addLoads, LoadMeter } from './metrics.ts'
import { MediaCache } from './programme/media-cache.ts'
import { Programme } from './programme/programme.ts'
import { Shelf, stillPath } from './programme/shelf.ts'
import { Store } from './programme/store.ts'
import { Resolver } from './resolve/resolver.ts'
import { buildServer } from './server.ts'
import { Session } from './session/session.ts'
import { ownYtDlp } from './setup/yt-dlp.mjs'
import { EgressProxy } from './source/egress-proxy.ts'
import { TransportHost } from './transport/transport-host.ts'

export type App = {
  port: number
  session: Session
  /** Ends every viewer, child process and socket; safe to call twice. */
  close: () => Promise<void>
}

export type AppOptions = {
  config: Config
  log: ReturnType<typeof openLog>
  /** Folder of the built page. */
  page: string
  /** Folder of what must outlive a restart (the cookie secret). */
  state: string
}

const now = () => localTime(performance.now())

/** Starts listening. Rejects when the port is taken, and with a TransportStartError when no peer could be made. */
export async function startApp({ config, log, page, state }: AppOptions): Promise<App> {
  const bus = new FrameBus()
  const load = new LoadMeter()
  const gate = new PinGate({ pin: config.pin })
  const tickets = new TicketOffice()
  const cookies = new CookieSigner({ secret: loadSecret(join(state, 'cookie-secret')), pin: config.pin })
  // Somebody who has a proxy of their own has a reason: ffmpeg then goes through that, which decides.
  const egress = process.env.http_proxy
    ? undefined
    : await EgressProxy.open({ allowHosts: config.allowHosts, log })
  const ytDlp = config.ytDlp ?? ownYtDlp(state)
  const resolver = new Resolver({
    ...(egress === undefined ? {} : { proxy: egress.url }),
    allowHosts: config.allowHosts,
    maxSourceHeight: config.maxSourceHeight,
    log,
    account: { cookies: config.cookies, cookiesFromBrowser: config.cookiesFromBrowser },
    ...(ytDlp === undefined ? {} : { ytDlp }),
    ...(config.media === undefined ? {} : { mediaDir: config.media }),
  })
  const ffprobe = config.ffmpeg.replace(/ffmpeg([^/\\]*)$/, 'ffprobe$1')
  const session = new Session({
    resolve: (query, signal, options) => resolver.resolve(query, signal, options),
    wallNow: Date.now,
    onStarted: (run) => programme.started(run),
    onOver: (run, end) => programme.over(run, end),
    upcoming: () => programme.upcoming(),
    stillOf: ({ programme: found, query }) =>
      found?.media.kind === 'file' && found.info.hasVideo ? stillPath(query) : undefined,
    ffmpeg: config.ffmpeg,
    ffprobe,
    known: (query) => shelf.known(query),
    maxSourceHeight: config.maxSourceHeight,
    preset: config.preset,
    playoutDelayMs: config.playoutDelayMs,
    bus,
    announce: (message) => transport.announce(message),
    onStatus: (status) => signaling.broadcast({ type: 'status', status }),
    viewers: () => transport.size + stock.size,
    now,
    log,
  })
  const data = config.data ?? join(state, 'data')
  const store = kept((folder) => new Store(folder), data, log)
  const cache = kept((folder) => new MediaCache(folder), data, log)
  const onQueue = () => signaling.broadcast({ type: 'queue', length: store.queue().length })
  const shelf = new Shelf({
    files: () => resolver.library(),
    find: (query) => resolver.file(query),
    ffmpeg: config.ffmpeg,
    ffprobe,
    maxSourceHeight: config.maxSourceHeight,
    cache,
    onNews: () => signaling.broadcast({ type: 'library' }),
  })
  const programme = new Programme({ store, session, wallNow: Date.now, now, onQueue })
  const transport = new TransportHost({
    bus,
    join: () => ({ timeline: session.timeline(), slices: session.joinSlices() }),
    playoutDelayMs: config.playoutDelayMs,
    now,
    log,
    onTally: ({ verify, coarse }) => {
      session.verify(verify > 0)
      bus.coarseViewers = coarse
    },
    announce: config.announce,
    udpPorts: config.udpPorts,
    iceTcp: config.iceTcp,
    lan: config.lan,
    stun: config.stun,
    turn: config.turn,
    turnLogin: config.turnLogin,
  })
  const signaling = new SignalingServer({
    gate,
    tickets,
    isAuthenticated: (request) => hasCookie(request.headers.cookie, cookies, Date.now()),
    addressOf: (request) => clientAddress(request, config.trustProxy),
    allowOrigin: (request) => isOwnOrigin(request.headers.origin, request.headers.host),
    peers: transport,
    status: () => session.status(),
    now,
    log,
  })
  const stock = new StockServer({
    bus,
    onAir: () => session.timeline(),
    preset: () => PRESETS[session.status().preset],
    isAuthenticated: (request) => hasCookie(request.headers.cookie, cookies, Date.now()),
    redeem: (ticket) => tickets.redeem(ticket, now()),
    allowOrigin: (request) => isOwnOrigin(request.headers.origin, request.headers.host),
    otherPaths: ['/signal'],
    now,
    log,
  })
  const server = await buildServer({
    session,
    resolver,
    thumbnails: new Thumbnails(),
    shelf,
    negotiation: new HttpNegotiation({ peers: transport, now }),
    signaling,
    diagnose: () => transport.diagnose(),
    store,
    programme,
    gate,
    tickets,
    cookies,
    load: { read: () => addLoads(load.read(), transport.load) },
    trustProxy: config.trustProxy,
    page,
    log,
  })
  signaling.attach(server.server)
  stock.attach(server.server)
  // An old yt-dlp is told now, not at the first film that does not play; the first play finds the answer ready.
  void resolver.health().then(({ advice }) => {
    if (advice !== undefined) log.warn(advice)
  })
  let closing: Promise<void> | undefined
  const close = async () => {
    programme.close()
    await Promise.all([session.close(), shelf.close(), signaling.close(), stock.close(), transport.close()])
    await Promise.all([server.close(), egress?.close()])
    store.close()
    cache.close()
    load.close()
  }
  try {
    await transport.started
    await server.listen({ host: config.host, port: config.port })
  } catch (error) {
    await close()
    throw error
  }
  const address = server.server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : config.port,
    session,
    close: () => {
      closing ??= close()
      return closing
    },
  }
}

/** A folder that cannot be written costs the memory of what was watched, not the evening. */
function kept<T>(open: (options: { folder?: string }) => T, folder: string, log: AppOptions['log']): T {
  try {
    return open({ folder })
  } catch (error) {
    log.warn(`what is kept in ${folder} will not outlive this run: ${(error as Error).message}`)
    return open({})
  }
}
