// vendor/asciline as a stranger gets it: packed, installed by itself, and used without our sources.

import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const folder = mkdtempSync(join(tmpdir(), 'asciline-package-'))
const unpacked = join(folder, 'node_modules', 'asciline-wire')
const tsc = join(root, 'node_modules', '.bin', 'tsc')

beforeAll(() => {
  const npm = (args: string[]) =>
    execFileSync('npm', args, { cwd: join(root, 'vendor', 'asciline'), encoding: 'utf8' })
  const [{ files }] = JSON.parse(npm(['pack', '--dry-run', '--json']).replace(/^[^[{]*/, '')) as [
    { files: { path: string }[] },
  ]
  for (const { path } of files)
    cpSync(join(root, 'vendor', 'asciline', path), join(unpacked, path), { recursive: true })
})
afterAll(() => rmSync(folder, { recursive: true }))

test('it has no dependency and holds what was built, its page and the vectors', () => {
  const manifest = JSON.parse(readFileSync(join(unpacked, 'package.json'), 'utf8'))
  expect(Object.keys(manifest).filter((key) => /dependencies/i.test(key))).toEqual([])
  for (const path of ['README.md', 'dist/index.js', 'dist/index.d.ts', 'conformance/flat.json'])
    expect(readFileSync(join(unpacked, path)).length).toBeGreaterThan(0)
})

test('a program that only knows the package decodes a vector', () => {
  writeFileSync(
    join(folder, 'use.mjs'),
    `import { readFileSync } from 'node:fs'
import { SliceDecoder } from 'asciline-wire'
const { cols, rows, epoch, messages } = JSON.parse(readFileSync('node_modules/asciline-wire/conformance/flat.json'))
const decoder = new SliceDecoder({ cols, rows })
decoder.epoch(epoch)
for (const message of messages) decoder.decode(Buffer.from(message, 'hex'))
process.stdout.write(String(decoder.picture.y[0]))
`,
  )
  expect(execFileSync(process.execPath, ['use.mjs'], { cwd: folder, encoding: 'utf8' })).toBe('200')
})

test('its types are complete by themselves', () => {
  writeFileSync(
    join(folder, 'use.ts'),
    `import { type GridSize, SliceEncoder, type Surface } from 'asciline-wire'
const grid: GridSize = { cols: 16, rows: 8 }
export const messages: Uint8Array[] = new SliceEncoder({ ...grid, fps: 30, bytesPerSecond: 1e5 }).encode(new Uint8Array(384), 0, 0)
export type { Surface }
`,
  )
  const flags = ['--noEmit', '--strict', '--lib', 'ES2023', '--types', '', '--module', 'NodeNext', 'use.ts']
  expect(execFileSync(tsc, flags, { cwd: folder, encoding: 'utf8' })).toBe('')
})
