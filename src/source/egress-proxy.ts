// The only way from ffmpeg to the network: an HTTP proxy on loopback that checks every host a redirect or a playlist leads to.
// A name is looked up once and the connection goes to the address that was checked, so a second answer of its DNS is of no use.

import { lookup } from 'node:dns/promises'
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import { pipeline } from 'node:stream'
import type { Log } from '../log.ts'
import { hostAllowed, isYouTubeMediaHost } from '../resolve/host-rules.ts'
import { isPublicAddress, isStandIn } from './public-address.ts'

export type EgressProxyOptions = {
  /** Hosts that may lie anywhere, e.g. on this network; all others must be on the internet. */
  allowHosts: readonly string[]
  /** All addresses of a name. */
  resolve?: (host: string) => Promise<readonly string[]>
  log: Pick<Log, 'warn'>
}

// Of the few answers that ffmpeg tells apart in its messages (400, 401, 403, 404) the one that media servers hardly give.
const REFUSED = 400

const CONNECT_MS = 15_000
const HOP_BY_HOP = /^(?:proxy-.*|connection|keep-alive|te|trailer|upgrade)$/i

export class EgressProxy {
  readonly #options: EgressProxyOptions
  readonly #server: Server
  readonly #tunnels = new Set<Duplex>()

  constructor(options: EgressProxyOptions) {
    this.#options = options
    this.#server = createServer((incoming, answer) => void this.#forward(incoming, answer))
    this.#server.on('connect', (incoming, socket, head) => void this.#tunnel(incoming, socket, head))
    this.#server.on('clientError', (_error, socket) => socket.destroy())
  }

  /** Listens on a port of 127.0.0.1 that is free. */
  static async open(options: EgressProxyOptions): Promise<EgressProxy> {
    const proxy = new EgressProxy(options)
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve))
    return proxy
  }

  /** As `-http_proxy` takes it. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    for (const socket of this.#tunnels) socket.destroy()
    this.#server.closeAllConnections()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  /** The address to connect to for `url`; undefined when it may not be reached. Rejects when the name is not known. */
  async admit(url: URL): Promise<string | undefined> {
    const { allowHosts, resolve = lookUp } = this.#options
    const host = url.hostname.replace(/^\[|\]$/g, '')
    const addresses = isIP(host) === 0 ? await resolve(host) : [host]
    const free = hostAllowed(url, allowHosts)
    const site = isYouTubeMediaHost(host)
    return addresses.find((one) => free || isPublicAddress(one) || (site && isStandIn(one)))
  }

  async #forward(incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
    incoming.on('error', () => answer.destroy())
    // Only what is meant for a proxy: a page that talks to this port by its address names no host to go to.
    const url = URL.parse(incoming.url ?? '')
    if (url?.protocol !== 'http:') return void answer.writeHead(400).end()
    const address = await this.#check(url)
    if (typeof address === 'number') return void answer.writeHead(address).end()
    const headers = Object.entries(incoming.headers).filter(([name]) => !HOP_BY_HOP.test(name))
    const onward = request({
      host: address,
      port: url.port || 80,
      method: incoming.method ?? 'GET',
      path: `${url.pathname}${url.search}`,
      headers: { ...Object.fromEntries(headers), host: url.host },
      agent: false,
    })
    // What cannot be reached is told, what breaks off is broken off: ffmpeg knows what to do about each.
    onward.on('error', () => (answer.headersSent ? answer.destroy() : answer.writeHead(502).end()))
    onward.on('response', (response) => {
      const passed = Object.entries(response.headers).filter(([name]) => !HOP_BY_HOP.test(name))
      answer.writeHead(response.statusCode ?? 502, Object.fromEntries(passed))
      pipeline(response, answer, () => {})
    })
    onward.setTimeout(CONNECT_MS, () => onward.socket?.connecting && onward.destroy())
    answer.on('close', () => onward.destroy())
    onward.end()
  }

  async #tunnel(incoming: IncomingMessage, client: Duplex, head: Buffer): Promise<void> {
    client.on('error', () => client.destroy())
    this.#tunnels.add(client)
    client.once('close', () => this.#tunnels.delete(client))
    const refuse = (status: number) => client.end(`HTTP/1.1 ${status} Refused\r\nContent-Length: 0\r\n\r\n`)
    const url = URL.parse(`https://${incoming.url}`)
    if (url === null) return void refuse(400)
    const address = await this.#check(url)
    if (typeof address === 'number') return void refuse(address)
    const onward = connect({ host: address, port: Number(url.port || 443) })
    onward.setTimeout(CONNECT_MS, () => onward.connecting && onward.destroy())
    let open = false
    onward.once('connect', () => {
      open = true
      client.write('HTTP/1.1 200 Connected\r\n\r\n')
      onward.write(head)
      pipeline(onward, client, () => {})
      pipeline(client, onward, () => {})
    })
    onward.on('error', () => (open ? client.destroy() : refuse(502)))
    client.once('close', () => onward.destroy())
  }

  /** The address, or the status of a refusal. */
  async #check(url: URL): Promise<string | number> {
    try {
      const address = await this.admit(url)
      if (address !== undefined) return address
      this.#options.log.warn(
        `source: ${url.host} is not on the internet and not among --allow-host; not followed`,
      )
      return REFUSED
    } catch {
      return 502
    }
  }
}

async function lookUp(host: string): Promise<string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address)
}
