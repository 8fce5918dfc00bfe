// DESIGN's import table, enforced: what each room may see. A wrong import fails here with its line.

import { readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join, normalize, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

type Room = { folder: string; may: (specifier: string, target: string | undefined) => boolean }

const within = (target: string | undefined, ...folders: string[]) =>
  target !== undefined && folders.some((folder) => target === folder || target.startsWith(`${folder}/`))
const isNode = (specifier: string) => specifier.startsWith('node:') || builtinModules.includes(specifier)
const SERVER = ['src', 'vendor/asciline', 'signaling']
const SCHEMAS = [
  'signaling/messages.ts',
  'signaling/error-codes.ts',
  'signaling/media-envelope.ts',
  'signaling/stream-envelope.ts',
]

/** Deepest folder first: a file belongs to the first room that holds it. */
const ROOMS: Room[] = [
  { folder: 'vendor/asciline', may: (_, target) => within(target, 'vendor/asciline') },
  {
    folder: 'signaling',
    may: (specifier, target) =>
      within(target, 'signaling') || isNode(specifier) || specifier === 'zod' || specifier === 'ws',
  },
  {
    folder: 'client/playback',
    may: (_, target) => within(target, 'client/playback', 'vendor/asciline', ...SCHEMAS),
  },
  {
    folder: 'client/page',
    may: (specifier, target) =>
      within(target, 'client/page', 'client/playback', 'vendor/asciline', ...SCHEMAS) || specifier === 'uqr',
  },
  {
    folder: 'client/terminal',
    may: (specifier, target) =>
      isNode(specifier) ||
      specifier === 'zod' ||
      specifier === 'ws' ||
      within(
        target,
        'client/terminal',
        'client/playback',
        'client/page/back-off.ts',
        'src/transport/answering-peer.ts',
        'vendor/asciline',
        ...SCHEMAS,
      ),
  },
  { folder: 'src/transport', may: (_, target) => target === undefined || within(target, ...SERVER) },
  {
    folder: 'src',
    may: (specifier, target) => (target === undefined ? specifier !== 'werift' : within(target, ...SERVER)),
  },
  { folder: 'test', may: () => true },
]

const IMPORT =
  /^\s*(?:import|export)\b[^'"]*?\bfrom\s+['"]([^'"]+)['"]|^\s*import\s+['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.m?ts$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((path) => !path.includes('node_modules') && !path.startsWith('client/dist'))
}

function imports(text: string): string[] {
  return [...text.matchAll(IMPORT)].map((found) => found[1] ?? found[2] ?? found[3])
}

const roomOf = (path: string) => ROOMS.find(({ folder }) => path.startsWith(`${folder}/`))

function violations(path: string, text: string): string[] {
  const room = roomOf(path)
  if (room === undefined) return [`${path} is in no room`]
  return imports(text)
    .filter((specifier) => {
      const target = specifier.startsWith('.') ? normalize(join(dirname(path), specifier)) : undefined
      return !room.may(specifier, target)
    })
    .map((specifier) => `${path} imports ${specifier}`)
}

test('every import stays within the table', () => {
  const all = ['vendor', 'signaling', 'client', 'src', 'test'].flatMap(sources)
  expect(all.length).toBeGreaterThan(20)
  expect(all.flatMap((path) => violations(path, readFileSync(join(root, path), 'utf8')))).toEqual([])
})

test('only src/transport names werift', () => {
  const naming = sources('src').filter((path) =>
    /['"]werift['"/]/.test(readFileSync(join(root, path), 'utf8')),
  )
  expect(naming.length).toBeGreaterThan(0)
  expect(naming.filter((path) => !path.startsWith('src/transport/'))).toEqual([])
})

test('the table refuses what it should', () => {
  expect(violations('vendor/asciline/a.ts', "import { z } from 'zod'")).toHaveLength(1)
  expect(violations('vendor/asciline/a.ts', "import { x } from '../../src/x.ts'")).toHaveLength(1)
  expect(violations('client/playback/a.ts', "import { x } from '../../signaling/server.ts'")).toHaveLength(1)
  expect(violations('client/page/a.ts', "import fs from 'node:fs'")).toHaveLength(1)
  expect(violations('client/terminal/a.ts', "import { x } from '../../src/app.ts'")).toHaveLength(1)
  expect(violations('src/a.ts', "export { x } from '../client/playback/player.ts'")).toHaveLength(1)
  expect(violations('src/server.ts', "const w = await import('werift')")).toHaveLength(1)
  expect(violations('client/playback/a.ts', "import type { T } from '../../signaling/messages.ts'")).toEqual(
    [],
  )
})

test('the pure folders compile without the DOM and without Node', () => {
  for (const folder of ['vendor/asciline', 'client/playback']) {
    const { compilerOptions } = JSON.parse(readFileSync(join(root, folder, 'tsconfig.json'), 'utf8'))
    expect(compilerOptions).toMatchObject({ lib: ['ES2023'], types: [] })
    for (const path of sources(folder))
      expect(readFileSync(join(root, path), 'utf8'), path).not.toMatch(/<reference\s+(lib|types)/)
  }
})

test('nothing but what is prescribed lives at the top', () => {
  const folders = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => name)
    .filter((name) => name !== 'node_modules' && name !== 'test-results')
  expect(folders.sort()).toEqual(['client', 'docs', 'signaling', 'src', 'test', 'vendor'])
})
