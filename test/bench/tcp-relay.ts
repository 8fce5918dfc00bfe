// A TCP relay on loopback whose two directions are as slow as their models say (tcp-path.ts).

import { type AddressInfo, createConnection, createServer, type Server, type Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import type { Impairment } from './impaired-path.ts'
import { TcpPath } from './tcp-path.ts'

/** Bytes on their way to one end, in order. */
class Pipe {
  readonly path: TcpPath
  readonly #under: { at: number; bytes: Buffer }[] = []
  #timer: NodeJS.Timeout | undefined
  #to: Socket | undefined

  constructor(seed: number) {
    this.path = new TcpPath({}, seed)
  }

  lead(from: Socket, to: Socket): void {
    this.#to = to
    from.on('data', (bytes) => {
      this.#under.push({ at: this.path.push(bytes.length, performance.now()), bytes })
      this.#arm()
    })
  }

  #arm(): void {
    const next = this.#under[0]
    if (next === undefined || this.#timer !== undefined) return
    this.#timer = setTimeout(() => this.#deliver(), Math.max(0, next.at - performance.now()))
  }

  #deliver(): void {
    this.#timer = undefined
    const now = performance.now()
    while (this.#under.length > 0 && this.#under[0].at <= now) this.#to?.write(this.#under.shift()!.bytes)
    this.#arm()
  }
}

export class TcpRelay {
  readonly #down: Pipe
  readonly #up: Pipe
  #server: Server | undefined

  constructor(seed: number) {
    this.#down = new Pipe(seed)
    this.#up = new Pipe(seed + 1)
  }

  /** The address to connect to instead of `url`. */
  async through(url: string): Promise<string> {
    const { port, pathname } = new URL(url)
    const server = createServer({ noDelay: true }, (client) => {
      const inner = createConnection({ port: Number(port), host: '127.0.0.1', noDelay: true })
      this.#up.lead(client, inner)
      this.#down.lead(inner, client)
      for (const [end, other] of [
        [client, inner],
        [inner, client],
      ]) {
        end.on('error', () => {})
        end.on('close', () => other.destroy())
      }
    })
    this.#server = server
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return `ws://127.0.0.1:${(server.address() as AddressInfo).port}${pathname}`
  }

  /** From now on the weather is another. */
  change(down: Impairment, up: Impairment): void {
    this.#down.path.change(down)
    this.#up.path.change(up)
  }

  close(): void {
    this.#server?.close()
  }
}
