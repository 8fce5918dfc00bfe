// A TCP proxy that forwards everything, until a test cuts the connections that carry what it names.

import { createConnection, createServer, type Socket } from 'node:net'

export type CuttingProxy = {
  port: number
  /** Destroys both ends of every connection whose first request starts with `request`; returns how many. */
  cut: (request: string) => number
  close: () => Promise<void>
}

/** Listens on 127.0.0.1 in front of the port of another server there. */
export async function startCuttingProxy(to: number): Promise<CuttingProxy> {
  const pairs = new Map<Socket, { server: Socket; request: string }>()
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
    close: async () => {
      for (const [client, { server }] of pairs) {
        client.destroy()
        server.destroy()
      }
      await new Promise((resolve) => proxy.close(resolve))
    },
  }
}
