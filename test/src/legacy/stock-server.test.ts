// Stock clients at a real socket: the door, the formats, and what a slow one costs the others.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { FrameBus } from '../../../src/encode/frame-bus.ts'
import { type StockGrid, StockServer } from '../../../src/legacy/stock-server.ts'
import { localTime } from '../../../vendor/asciline/index.ts'
import { StockClient } from './stock-client.ts'

const GRID = { epoch: 7, fps: 30, cols: 200, rows: 84 }
const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function house(options: { onAir?: StockGrid | undefined; maxViewers?: number } = {}) {
  const bus = new FrameBus()
  const tickets = new Set(['once'])
  const air: { grid: StockGrid | undefined } = { grid: 'onAir' in options ? options.onAir : GRID }
  const stock = new StockServer({
    bus,
    onAir: () => air.grid,
    preset: () => ({ fps: 24, cols: 120, rows: 50 }),
    isAuthenticated: (request) => request.headers.cookie === 'good',
    redeem: (ticket) => tickets.delete(ticket),
    allowOrigin: (request) => request.headers.origin !== 'https://elsewhere.example',
    otherPaths: ['/signal'],
    now: () => performance.now(),
    log: { info() {} },
    ...(options.maxViewers === undefined ? {} : { maxViewers: options.maxViewers }),
  })
  const server = createServer()
  stock.attach(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanups.push(async () => {
    await stock.close()
    server.closeAllConnections()
    server.close()
  })
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
  const join = async (query: string, headers: Record<string, string> = { cookie: 'good' }) => {
    const client = new StockClient(`${url}${query}`, headers)
    cleanups.push(() => client.close())
    await client.until(({ inits }) => inits.length > 0)
    return client
  }
  const show = (index: number, rgb: Uint8Array, epoch = GRID.epoch) =>
    bus.publish({ epoch, index, slices: [], dueAt: localTime(0), rgb })
  return { stock, air, url, join, show }
}

/** A picture in which `changing` cells differ from one frame to the next. */
function picture(frame: number, changing: number, { cols, rows } = GRID): Uint8Array {
  const rgb = new Uint8Array(cols * rows * 3)
  for (let at = 0; at < rgb.length; at += 1) rgb[at] = (at * 31 + (at >> 7)) & 0xff
  for (let cell = 0; cell < changing; cell += 1)
    rgb[((cell * 97) % (cols * rows)) * 3 + (cell % 3)] = frame * 11
  return rgb
}

/** R, G, B of each cell as a glyph cell carries them. */
function coloursOf(cells: Buffer): Buffer {
  return Buffer.from(cells.filter((_, at) => at % 4 !== 0))
}

test('INIT comes at once, and frames count from it though the programme is at frame 5000', async () => {
  const { join, show } = await house()
  const client = await join('/ws')
  expect(client.inits).toEqual([{ fps: 30, mode: 5, cols: 200, rows: 84, pixel: false }])
  expect(client.extensions).toBe('')
  for (const index of [5000, 5001, 5003]) show(index, picture(index, 50))
  await client.until(({ frames }) => frames.length === 3)
  expect(client.frames.map(({ index }) => index)).toEqual([0, 1, 3])
  for (const [at, index] of [5000, 5001, 5003].entries())
    expect(coloursOf(client.frames[at].cells).equals(picture(index, 50))).toBe(true)
})

test('adaptive clients see the same cells as raw ones, whenever they join', async () => {
  const { join, show } = await house()
  const raw = await join('/ws')
  const early = await join('/ws?codec=adaptive')
  let late: StockClient | undefined
  for (let index = 0; index < 60; index += 1) {
    if (index === 20) late = await join('/ws?codec=adaptive')
    if (index === 30) show(index, new Uint8Array(GRID.cols * GRID.rows * 3).fill(7))
    else show(index, picture(index, index === 40 ? 16_000 : 40))
    // Raw frames are 67 kB each: how many of them the system takes for somebody who has no time to read is its own affair.
    await raw.until(({ frames }) => frames.length === index + 1)
  }
  await early.until(({ frames }) => frames.length === 60)
  await late?.until(({ frames }) => frames.length === 40)
  for (const [at, { cells }] of raw.frames.entries()) {
    expect(early.frames[at].cells.equals(cells)).toBe(true)
    if (at >= 20) expect(late?.frames[at - 20].cells.equals(cells)).toBe(true)
  }
  expect(late?.frames[0].tag).not.toBe(2)
  // Whole at the start, when it is all of one colour, at the cut and when those are gone again; changes otherwise.
  const whole = early.frames.flatMap(({ tag }, at) => (tag === 2 ? [] : [at]))
  expect(whole).toEqual([0, 30, 31, 40, 41])
  expect(early.frames[30].tag).toBe(3)
})

test('text, pixels and cut colours are what they are called', async () => {
  const { join, show } = await house()
  const [text, pixels, cut] = await Promise.all([
    join('/ws?mode=1'),
    join('/ws?pixel=1'),
    join('/ws?mode=5&modes=6'),
  ])
  const rgb = picture(3, 100)
  show(3, rgb)
  for (const client of [text, pixels, cut]) await client.until(({ frames }) => frames.length === 1)
  expect(text.inits[0]).toMatchObject({ mode: 1 })
  expect(text.frames[0].text.map((row) => row.length)).toEqual(new Array(84).fill(200))
  expect(pixels.inits[0]).toMatchObject({ pixel: true })
  expect(pixels.frames[0].cells.subarray(0, 6)).toEqual(
    Buffer.of(rgb[2], rgb[1], rgb[0], rgb[5], rgb[4], rgb[3]),
  )
  expect(coloursOf(cut.frames[0].cells).equals(Buffer.from(rgb.map((value) => value & 0xfc)))).toBe(true)
})

test('a client that does not read loses frames, then gets a whole one; its neighbour loses none', async () => {
  const { stock, join, show } = await house()
  const slow = await join('/ws?codec=adaptive')
  const quick = await join('/ws?codec=adaptive')
  show(0, picture(0, 0))
  await slow.until(({ frames }) => frames.length === 1)
  slow.stall(true)
  // Noise, so that nothing deflates: 67 kB a frame fills what the system buffers on loopback in a few hundred.
  let seed = 1
  const noise = () =>
    Uint8Array.from({ length: 200 * 84 * 3 }, () => (seed = (seed * 48271) % 2147483647) & 0xff)
  const pool = [noise(), noise()]
  const FRAMES = 400
  for (let index = 1; index <= FRAMES; index += 1) {
    show(index, pool[index & 1])
    // Or it would be slow, too, where the system is late with handing over what was sent.
    await quick.until(({ frames }) => frames.length === index + 1)
  }
  slow.stall(false)
  const last = picture(9, 9)
  let index = FRAMES
  const caughtUp = slow.until(({ frames }) => coloursOf(frames[frames.length - 1].cells).equals(last))
  // Until what was queued has been read the slow one is passed over; then it is shown the picture whole.
  let caught = false
  void caughtUp.then(() => {
    caught = true
  })
  while (!caught) {
    index += 1
    show(index, last)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  await caughtUp
  expect(slow.frames.length).toBeLessThan(FRAMES)
  const indexes = slow.frames.map((frame) => frame.index)
  const gap = indexes.findIndex((value, at) => at > 0 && value > indexes[at - 1] + 1)
  expect(gap).toBeGreaterThan(0)
  expect(slow.frames[gap].tag).not.toBe(2)
  expect(stock.size).toBe(2)
})

test('a new programme with another grid is announced, and counts from 0', async () => {
  const { air, join, show } = await house()
  const client = await join('/ws?codec=adaptive')
  show(10, picture(10, 5))
  air.grid = { epoch: 8, fps: 24, cols: 120, rows: 50 }
  // A straggler of the old epoch is nobody's picture any more.
  show(11, picture(11, 5))
  show(0, picture(0, 5, { ...GRID, ...air.grid }), 8)
  await client.until(({ frames }) => frames.length === 2)
  expect(client.inits.at(-1)).toEqual({ fps: 24, mode: 5, cols: 120, rows: 50, pixel: false })
  expect(client.frames.map(({ index }) => index)).toEqual([0, 0])
})

test('while nothing plays INIT tells the grid to come', async () => {
  const { join } = await house({ onAir: undefined })
  expect((await join('/ws?mode=2')).inits).toEqual([{ fps: 24, mode: 2, cols: 120, rows: 50, pixel: false }])
})

test('the door: cookie or ticket, own origin, known modes, and not too many', async () => {
  const { join, url } = await house({ maxViewers: 2 })
  const refused = (query: string, headers = {}) =>
    expect(join(query, headers)).rejects.toThrow(/server response/)
  await expect(join('/ws', {})).rejects.toThrow('401')
  await expect(join('/ws?ticket=wrong', {})).rejects.toThrow('401')
  await expect(join('/ws', { cookie: 'good', origin: 'https://elsewhere.example' })).rejects.toThrow('403')
  await expect(join('/ws?mode=9')).rejects.toThrow('400')
  await expect(join('/elsewhere')).rejects.toThrow('404')
  await join('/ws?ticket=once', {})
  await refused('/ws?ticket=once', {})
  await join('/ws')
  await expect(join('/ws')).rejects.toThrow('503')
  expect(url).toMatch(/^ws:/)
})

test('commands of a stock client are read over, a flood of them ends its stay', async () => {
  const { stock, join, show } = await house()
  const client = await join('/ws')
  for (const command of ['pause', '{"seek":3}', 'playback-ready']) client.send(command)
  show(0, picture(0, 1))
  await client.until(({ frames }) => frames.length === 1)
  for (let at = 0; at < 200; at += 1) client.send('depth:3')
  await expect.poll(() => stock.size).toBe(0)
})

test('without a stock client nothing is packed', async () => {
  const { stock, join, show } = await house()
  const client = await join('/ws')
  client.close()
  await expect.poll(() => stock.size).toBe(0)
  // Nobody looks at the picture.
  show(0, new Proxy(new Uint8Array(0), { get: () => expect.unreachable('the picture was read') }))
})
