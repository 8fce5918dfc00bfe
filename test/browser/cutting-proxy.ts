// A TCP proxy that forwards everything, until a test cuts the connections that carry what it names, or holds everything up.

import { createConnection, createServer, type Socket } from 'node:net'

export type CuttingProxy = {
  port: number
  /** Destroys both ends of every connection whose first request starts with `request`; returns how many. */
  cut: (request: string) => number
  /** Nothing gets through, old connections or new, until `release`. */
  hold: () => void
  release: () => void
  close: () => Promise<void>
}

/** Listens on 127.0.0.1 in front of the port of another server there. */
export async function startCuttingProxy(to: number): Promise<CuttingProxy> {
  const pairs = new Map<Socket, { server: Socket; request: string }>()
  let held = false
  const each = (act: (socket: Socket) => void) => {
    for (const [client, { server }] of pairs) for (const socket of [client, server]) act(socket)
  }
  const proxy = createServer((client) => {
    const server = createConnection(to, '127.0.0.1')
    const pair = { server, request: '' }
    pairs.set(client, pair)
    // A browser reuses connections: the latest request is what a connection carries.
    client.on('data', (bytes) => {
      const head = bytes.toString('latin1', 0, 64)
      if (/^[A-Z]+ \//.test(head)) pair.request = head
    })
    client.pipe(server).pipe(client)
    if (held) for (const socket of [client, server]) socket.pause()
    const end = () => {
      pairs.delete(client)
      client.destroy()
      server.destroy()
    }
    for (const socket of [client, server]) socket.on('error', end).on('close', end)
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const address = proxy.address()
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port')
  return {
    port: address.port,
    cut: (request) => {
      const carrying = [...pairs].filter(([, pair]) => pair.request.startsWith(request))
      for (const [client, { server }] of carrying) {
        client.destroy()
        server.destroy()
      }
      return carrying.length
    },
    hold: () => {
      held = true
      each((socket) => socket.pause())
    },
    release: () => {
      held = false
      each((socket) => socket.resume())
    },
    close: async () => {
      each((socket) => socket.destroy())
      await new Promise((resolve) => proxy.close(resolve))
    },
  }
}
