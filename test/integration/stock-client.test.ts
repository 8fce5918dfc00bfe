// The real program, watched by stock ASCILINE clients while it plays.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { GLYPH_OF_LUMA, luma, RAMP } from '../../vendor/asciline/index.ts'
import { type OwnServer, signIn, startOwnServer } from '../sim/own-server.ts'
import { StockClient } from '../src/legacy/stock-client.ts'

let server: OwnServer
let cookie: string
const clients: StockClient[] = []

beforeAll(async () => {
  server = await startOwnServer(['--preset', 'low'])
  cookie = await signIn(server.url, server.pin)
})
afterAll(async () => {
  for (const client of clients) client.close()
  await server?.close()
})

function open(query: string, headers: Record<string, string> = { cookie }): StockClient {
  const client = new StockClient(`${server.url.replace('http', 'ws')}ws${query}`, headers)
  clients.push(client)
  return client
}

test('a programme reaches raw, adaptive, text and pixel clients alike, and its glyphs follow its colours', async () => {
  const [raw, adaptive, text, pixels] = ['', '?codec=adaptive', '?mode=1', '?pixel=1'].map((query) =>
    open(query),
  )
  for (const client of [raw, adaptive, text, pixels]) await client.until(({ inits }) => inits.length === 1)
  const answer = await fetch(new URL('/api/play', server.url), {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie },
    body: JSON.stringify({ query: 'demo:' }),
  })
  expect(answer.status).toBe(202)
  for (const client of [raw, adaptive, text, pixels]) await client.until(({ frames }) => frames.length >= 30)
  expect(raw.inits.at(-1)).toEqual({ fps: 24, mode: 5, cols: 120, rows: 50, pixel: false })
  const indexes = raw.frames.map(({ index }) => index)
  expect(indexes[0]).toBe(0)
  expect(indexes.every((index, at) => at === 0 || index > indexes[at - 1])).toBe(true)
  for (let at = 0; at < 30; at += 1) {
    const { index, cells } = raw.frames[at]
    const same = (client: StockClient) => client.frames.find((frame) => frame.index === index)
    expect(same(adaptive)?.cells.equals(cells), `frame ${index}`).toBe(true)
    const glyphs = text.frames.find((frame) => frame.index === index)?.text.join('') ?? ''
    for (let cell = 0; cell < 120 * 50; cell += 1) {
      const [glyph, red, green, blue] = cells.subarray(cell * 4)
      const wanted = RAMP.charCodeAt(GLYPH_OF_LUMA[luma(red, green, blue)])
      if (glyph !== wanted || glyphs.charCodeAt(cell) !== wanted) expect.fail(`frame ${index} cell ${cell}`)
      const pixel = same(pixels)?.cells.readUIntBE(cell * 3, 3)
      if (pixel !== (blue << 16) + (green << 8) + red) expect.fail(`frame ${index} pixel ${cell}`)
    }
  }
  expect(adaptive.frames.some(({ tag }) => tag === 2)).toBe(true)
})

test('who has no cookie comes in with a ticket, once', async () => {
  await expect(open('', {}).until(() => false)).rejects.toThrow('401')
  const answer = await fetch(new URL('/api/ticket', server.url), { method: 'POST', headers: { cookie } })
  const { ticket } = (await answer.json()) as { ticket: string }
  const guest = open(`?ticket=${ticket}`, {})
  await guest.until(({ frames }) => frames.length >= 2)
  await expect(open(`?ticket=${ticket}`, {}).until(() => false)).rejects.toThrow('401')
})

test('a socket on a path that nobody has is told so, and signaling still answers on its own', async () => {
  const elsewhere = new StockClient(`${server.url.replace('http', 'ws')}nowhere`)
  await expect(elsewhere.until(() => false)).rejects.toThrow('404')
  const signaling = new WebSocket(`${server.url.replace('http', 'ws')}signal`)
  await new Promise<void>((resolve, reject) => {
    signaling.onopen = () => resolve()
    signaling.onerror = () => reject(new Error('no signaling'))
  })
  signaling.close()
})
