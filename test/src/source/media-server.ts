// A web server on 127.0.0.1 with one media file and several ways to misbehave; it remembers what it was asked.

import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename, join } from 'node:path'

/** Paths: /ok.mp4 and any other name plays; /cut.mp4 breaks off for good half-way; /reset.mp4 resets the connection and /stall.mp4 falls silent there; /truncated.mp4 ends there as if that were all; /status/403; /redirect leads to another host. */
export class MediaServer {
  readonly requests: { url: string; headers: IncomingMessage['headers'] }[] = []
  readonly #server: Server
  readonly #file: Buffer
  readonly #folder: string | undefined
  /** Everything is answered with 403 from now on. */
  refusing = false

  constructor(server: Server, file: Buffer, folder: string | undefined) {
    this.#server = server
    this.#file = file
    this.#folder = folder
    server.on('request', (request: IncomingMessage, response: ServerResponse) =>
      this.#answer(request, response),
    )
  }

  /** With a `folder`, what lies in it goes before the one file. */
  static async open(path: string, { folder }: { folder?: string } = {}): Promise<MediaServer> {
    const server = createServer()
    const media = new MediaServer(server, await readFile(path), folder)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return media
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  url(path: string): string {
    return `http://127.0.0.1:${this.port}${path}`
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = request.url ?? ''
    this.requests.push({ url, headers: request.headers })
    const status = this.refusing ? '403' : /^\/status\/(\d{3})$/.exec(url)?.[1]
    if (status !== undefined) {
      response.writeHead(Number(status)).end()
      return
    }
    if (url === '/redirect') {
      response.writeHead(302, { location: `http://localhost:${this.port}/ok.mp4` }).end()
      return
    }
    if (url.startsWith('/page')) {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html><title>No film here</title></html>')
      return
    }
    const own = this.#folder === undefined ? undefined : join(this.#folder, basename(url))
    if (own !== undefined && existsSync(own)) {
      response.writeHead(200, {
        'content-type': own.endsWith('.m3u8') ? 'application/vnd.apple.mpegurl' : 'video/mp2t',
      })
      response.end(readFileSync(own))
      return
    }
    const size = url.startsWith('/truncated') ? Math.floor(this.#file.length / 2) : this.#file.length
    const [, start = '0', end = ''] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? []
    const from = Number(start)
    const to = end === '' ? size - 1 : Math.min(Number(end), size - 1)
    if (from >= size) {
      response.writeHead(416, { 'content-range': `bytes */${size}` }).end()
      return
    }
    response.writeHead(request.headers.range === undefined ? 200 : 206, {
      'content-type': 'video/mp4',
      'content-length': to - from + 1,
      'accept-ranges': 'bytes',
      ...(request.headers.range === undefined ? {} : { 'content-range': `bytes ${from}-${to}/${size}` }),
    })
    if (request.method === 'HEAD') {
      response.end()
      return
    }
    const half = Math.floor(size / 2)
    if (url.startsWith('/reset')) {
      response.write(this.#file.subarray(from, Math.max(from, half)), () => request.socket.resetAndDestroy())
      return
    }
    if (url.startsWith('/cut')) {
      response.write(this.#file.subarray(from, Math.max(from, half)), () => response.destroy())
    } else if (url.startsWith('/stall')) {
      response.write(this.#file.subarray(from, Math.max(from, half)))
    } else {
      response.end(this.#file.subarray(from, to + 1))
    }
  }
}
