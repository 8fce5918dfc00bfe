import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isOlder, ytDlpHealth } from '../../../src/resolve/yt-dlp-health.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'asciline-health-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function program(name: string, script: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, `#!/bin/sh\n${script}\n`)
  await chmod(path, 0o755)
  return path
}

test('versions compare as dates', () => {
  expect(isOlder('2023.03.04', '2025.11.12')).toBe(true)
  expect(isOlder('2025.11.11', '2025.11.12')).toBe(true)
  expect(isOlder('2025.11.12', '2025.11.12')).toBe(false)
  expect(isOlder('2025.11.12.232845', '2025.11.12')).toBe(false)
  expect(isOlder('2026.01.01', '2025.11.12')).toBe(false)
})

test('the one of Debian 12 is too old, and the advice says how to get a newer one', async () => {
  const ytDlp = await program('old', 'echo 2023.03.04')
  const health = await ytDlpHealth({ ytDlp })
  expect(health).toMatchObject({ version: '2023.03.04', tooOld: true, runtime: [] })
  expect(health.advice).toMatch(/2023\.03\.04 is too old.*pip install -U/)
})

test('a new one is told of our Node, unless deno is there', async () => {
  const ytDlp = await program('new', 'echo 2026.07.04')
  expect(await ytDlpHealth({ ytDlp, searchPath: folder, node: '/opt/node' })).toEqual({
    version: '2026.07.04',
    tooOld: false,
    runtime: ['--js-runtimes', 'node:/opt/node'],
  })
  await program('deno', 'exit 0')
  expect((await ytDlpHealth({ ytDlp, searchPath: `/nowhere:${folder}` })).runtime).toEqual([])
})

test('one that is missing, fails, or says something else is told apart from an old one', async () => {
  expect(await ytDlpHealth({ ytDlp: '/nowhere/yt-dlp' })).toMatchObject({ tooOld: false, advice: /ENOENT/ })
  const broken = await program('broken', 'exit 9')
  expect((await ytDlpHealth({ ytDlp: broken })).advice).toMatch(/exit code 9/)
  const chatty = await program('chatty', 'yes')
  expect((await ytDlpHealth({ ytDlp: chatty })).version).toBeUndefined()
})
