// What outlives a restart, and a kill.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { MAX_QUEUE, Store } from '../../../src/programme/store.ts'

let folder: string
let store: Store
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'asciline-store-'))
  store = new Store({ folder })
})
afterEach(() => {
  store.close()
  rmSync(folder, { recursive: true })
})

const titles = () => store.queue().map(({ title }) => title)
const fill = (...names: string[]) =>
  names.map((title) => store.enqueue({ query: title, title }) as { id: number })

describe('the queue', () => {
  test('keeps its order, takes in at both ends, and gives out at the head', () => {
    fill('a', 'b')
    store.enqueue({ query: 'c', title: 'c', first: true })
    expect(titles()).toEqual(['c', 'a', 'b'])
    expect(store.shift()?.title).toBe('c')
    expect(titles()).toEqual(['a', 'b'])
    store.clearQueue()
    expect(store.shift()).toBeUndefined()
  })

  test('is put in another order, also beyond its ends', () => {
    const [a, , c] = fill('a', 'b', 'c', 'd')
    expect(store.reorder(c.id, 0)).toBe(true)
    expect(titles()).toEqual(['c', 'a', 'b', 'd'])
    expect(store.reorder(a.id, 99)).toBe(true)
    expect(titles()).toEqual(['c', 'b', 'd', 'a'])
    expect(store.reorder(999, 0)).toBe(false)
    expect(store.unqueue(c.id)).toBe(true)
    expect(store.unqueue(c.id)).toBe(false)
    expect(titles()).toEqual(['b', 'd', 'a'])
  })

  test('is bounded', () => {
    fill(...Array.from({ length: MAX_QUEUE }, (_, index) => String(index)))
    expect(store.enqueue({ query: 'x', title: 'x' })).toBeUndefined()
    expect(titles()).toHaveLength(MAX_QUEUE)
  })

  test('takes words that look like SQL as words', () => {
    fill("x'); drop table queue; --")
    expect(titles()).toEqual(["x'); drop table queue; --"])
  })
})

test('the history has each thing once, newest first, and knows where to go on', () => {
  const seen = (query: string, position: number, watchedAt: number) =>
    store.watched({ query, title: query, duration: 100, position, watchedAt, live: false })
  seen('a', 10, 1)
  seen('b', 20, 2)
  seen('a', 50, 3)
  expect(store.history().map(({ query, position }) => [query, position])).toEqual([
    ['a', 50],
    ['b', 20],
  ])
  expect([store.resumeAt('a'), store.resumeAt('b'), store.resumeAt('c')]).toEqual([50, 20, 0])
  store.forget('a')
  expect(store.history()).toHaveLength(1)
  store.forget()
  expect(store.history()).toEqual([])
})

test('favourites are kept until they are not', () => {
  store.addFavourite({ query: 'a', title: 'A', addedAt: 1 })
  store.addFavourite({ query: 'b', title: 'B', addedAt: 2 })
  store.addFavourite({ query: 'a', title: 'A!', addedAt: 3 })
  expect(store.favourites().map(({ title }) => title)).toEqual(['A!', 'B'])
  expect(store.removeFavourite('a')).toBe(true)
  expect(store.removeFavourite('a')).toBe(false)
  expect(store.favourites()).toHaveLength(1)
})

test('a process that is killed right after its answer has lost nothing', async () => {
  store.close()
  const writer = join(folder, 'writer.ts')
  const module = fileURLToPath(new URL('../../../src/programme/store.ts', import.meta.url))
  writeFileSync(
    writer,
    `import { Store } from ${JSON.stringify(module)}
     const store = new Store({ folder: ${JSON.stringify(folder)} })
     for (let n = 0; n < 20; n++) store.enqueue({ query: String(n), title: String(n) })
     store.watched({ query: 'film', title: 'Film', duration: 100, position: 42, watchedAt: 1, live: false })
     console.log('done')
     setInterval(() => {}, 1000)`,
  )
  const child = spawn(process.execPath, [writer], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  child.kill('SIGKILL')
  await once(child, 'exit')
  store = new Store({ folder })
  expect(titles()).toHaveLength(20)
  expect(store.resumeAt('film')).toBe(42)
})

test('without a folder it works and leaves nothing', () => {
  const fleeting = new Store()
  fleeting.enqueue({ query: 'a', title: 'a' })
  expect(fleeting.queue()).toHaveLength(1)
  fleeting.close()
  fleeting.close()
  writeFileSync(join(folder, 'file'), '')
  expect(() => new Store({ folder: join(folder, 'file', 'below') })).toThrow()
})
