// The door for stock ASCILINE clients: `WS /ws`. They get what plays in the format they ask for; nothing runs without one.

import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { refuseUpgrade } from '../../signaling/refuse-upgrade.ts'
import { parseStockQuery, type StockFormat } from '../../vendor/asciline/index.ts'
import type { EncodedFrame, FrameBus } from '../encode/frame-bus.ts'
import type { Log } from '../log.ts'
import { StockStream } from './stock-stream.ts'
import { StockViewer } from './stock-viewer.ts'

const PATH = '/ws'
const CLOSE_GOING_AWAY = 1001
/** How long a socket has to answer the close frame. */
const LINGER_MS = 500

/** The grid on the air; `fps` is also the rate of the frame indexes. */
export type StockGrid = { epoch: number; fps: number; cols: number; rows: number }

export type StockServerOptions = {
  bus: FrameBus
  /** What plays, or undefined. */
  onAir(): StockGrid | undefined
  /** The grid that the next programme will have; a client must know one at once. */
  preset(): { fps: number; cols: number; rows: number }
  /** True when the request carries a valid cookie. */
  isAuthenticated(request: IncomingMessage): boolean
  /** Takes a one-time ticket; true when it was good. */
  redeem(ticket: string): boolean
  /** False for a page of another site: browsers send cookies along with its sockets too. */
  allowOrigin(request: IncomingMessage): boolean
  /** Paths of the other upgrade listeners; for any other path this one answers that there is nothing. */
  otherPaths: readonly string[]
  now(): number
  log: Pick<Log, 'info'>
  /** Stock clients at once: each takes up to 16 Mbit/s, and one format up to 2 ms of every frame. */
  maxViewers?: number
  heartbeatMs?: number
}

export class StockServer {
  readonly #options: StockServerOptions
  readonly #webSockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    // Compression made upstream's stream lag by a growing 1.6 s (FACTS C1).
    perMessageDeflate: false,
    maxPayload: 16 * 1024,
  })
  readonly #viewers = new Set<StockViewer>()
  readonly #streams = new Map<string, StockStream>()
  readonly #heartbeat: NodeJS.Timeout
  #epoch: number | undefined
  #unsubscribe: (() => void) | undefined
  #server: Server | undefined
  #closed = false

  constructor(options: StockServerOptions) {
    this.#options = options
    this.#heartbeat = setInterval(() => {
      for (const viewer of [...this.#viewers]) viewer.beat()
    }, options.heartbeatMs ?? 15_000)
    this.#heartbeat.unref()
  }

  /** Stock clients that are connected. */
  get size(): number {
    return this.#viewers.size
  }

  /** Answers upgrades of this server on /ws, and those on paths that nobody has. */
  attach(server: Server): void {
    this.#server = server
    server.on('upgrade', this.#onUpgrade)
  }

  /** Closes every socket with 1001, those that do not answer after half a second by force. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#server?.off('upgrade', this.#onUpgrade)
    clearInterval(this.#heartbeat)
    const viewers = [...this.#viewers]
    for (const viewer of viewers) viewer.close(CLOSE_GOING_AWAY, 'The server is stopping.')
    const deadline = this.#options.now() + LINGER_MS
    while (this.#viewers.size > 0 && this.#options.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 20))
    for (const viewer of this.#viewers) viewer.terminate()
    this.#webSockets.close()
  }

  readonly #onUpgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    stream.on('error', () => {})
    const [path, search = ''] = (request.url ?? '').split('?')
    if (path !== PATH) {
      if (!this.#options.otherPaths.includes(path))
        refuseUpgrade(stream, 404, 'not-found', 'There is nothing here.')
      return
    }
    const query = new Map(new URLSearchParams(search))
    if (!this.#options.allowOrigin(request)) {
      refuseUpgrade(stream, 403, 'origin-refused', 'This request came from another site.')
      return
    }
    if (!this.#options.isAuthenticated(request) && !this.#options.redeem(query.get('ticket') ?? '')) {
      refuseUpgrade(stream, 401, 'unauthorized', 'Enter the PIN first, or bring a ticket.')
      return
    }
    const format = parseStockQuery(query)
    if (format === undefined) {
      refuseUpgrade(stream, 400, 'bad-request', 'There is no such colour mode.')
      return
    }
    if (this.#closed || this.#viewers.size >= (this.#options.maxViewers ?? 16)) {
      refuseUpgrade(stream, 503, 'too-many-viewers', 'Too many stock clients; try again later.')
      return
    }
    this.#webSockets.handleUpgrade(request, stream, head, (webSocket) => {
      const viewer: StockViewer = new StockViewer({
        webSocket,
        format,
        now: this.#options.now,
        onClosed: () => this.#leave(viewer),
      })
      this.#enter(viewer)
    })
  }

  #enter(viewer: StockViewer): void {
    const { bus, onAir, preset, log } = this.#options
    this.#viewers.add(viewer)
    this.#unsubscribe ??= bus.subscribe((frame) => this.#onFrame(frame))
    log.info(`stock client joined: ${viewer.format.key}, ${this.#viewers.size} in all`)
    const grid = onAir()
    if (grid !== undefined && this.#epoch === undefined) this.#epoch = grid.epoch
    viewer.init(grid ?? preset())
  }

  #leave(viewer: StockViewer): void {
    this.#viewers.delete(viewer)
    this.#options.log.info(
      `stock client left: ${viewer.dropped} frames left out, ${this.#viewers.size} remain`,
    )
    if (![...this.#viewers].some(({ format }) => format.key === viewer.format.key))
      this.#streams.delete(viewer.format.key)
    if (this.#viewers.size > 0) return
    this.#unsubscribe?.()
    this.#unsubscribe = undefined
    this.#epoch = undefined
  }

  #onFrame({ epoch, index, rgb }: EncodedFrame): void {
    const grid = this.#options.onAir()
    if (rgb === undefined || grid?.epoch !== epoch) return
    if (this.#epoch !== epoch) {
      this.#epoch = epoch
      this.#streams.clear()
      for (const viewer of this.#viewers) viewer.init(grid)
    }
    const packed = new Set<StockStream>()
    for (const viewer of this.#viewers) {
      const stream = this.#streamOf(viewer.format, grid)
      if (!packed.has(stream)) {
        stream.push(rgb)
        packed.add(stream)
      }
      viewer.send(index, stream)
    }
  }

  #streamOf(format: StockFormat, grid: StockGrid): StockStream {
    let stream = this.#streams.get(format.key)
    if (stream === undefined) {
      stream = new StockStream(format, grid)
      this.#streams.set(format.key, stream)
    }
    return stream
  }
}
