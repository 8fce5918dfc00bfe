// Pictures through this server: what is fetched, what is refused, what is asked only once.

import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Thumbnails } from '../../../src/http/thumbnails.ts'

let server: Server
let base: string
const asked: string[] = []

beforeAll(async () => {
  server = createServer((request, response) => {
    const id = request.url?.split('/')[2] ?? ''
    asked.push(request.url ?? '')
    if (id === 'picture_001') response.writeHead(200, { 'content-type': 'image/jpeg' }).end('JPEG')
    else if (id === 'webpage_001') response.writeHead(200, { 'content-type': 'text/html' }).end('<script>')
    else if (id === 'drawing_001') response.writeHead(200, { 'content-type': 'image/svg+xml' }).end('<svg>')
    else if (id === 'endless_001') {
      response.writeHead(200, { 'content-type': 'image/jpeg' })
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536)));
      }
      response.on('drain', more)
      more()
    } else if (id === 'redirect_01') response.writeHead(302, { location: `${base}/vi/picture_001/x` }).end()
    else response.writeHead(404).end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

test('a picture is fetched once and then kept', async () => {
  const thumbnails = new Thumbnails({ base })
  expect(await thumbnails.get('picture_001')).toMatchObject({ type: 'image/jpeg' })
  expect((await thumbnails.get('picture_001')).bytes.toString()).toBe('JPEG')
  expect(asked).toEqual(['/vi/picture_001/mqdefault.jpg'])
})

test('what is no picture, has no end, or lies elsewhere is refused', async () => {
  const thumbnails = new Thumbnails({ base })
  for (const id of ['webpage_001', 'drawing_001', 'missing_001', 'endless_001'])
    await expect(thumbnails.get(id), id).rejects.toMatchObject({ code: 'not-found' })
  await expect(thumbnails.get('redirect_01')).rejects.toMatchObject({ code: 'network' })
  await expect(new Thumbnails({ base: 'http://127.0.0.1:1' }).get('picture_001')).rejects.toMatchObject({
    code: 'network',
  })
})
