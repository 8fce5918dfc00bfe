// What the program can say, the docs say: a code or a flag without its line fails here.

import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { ERROR_CODES } from '../../signaling/error-codes.ts'
import { helpText } from '../../src/config.ts'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')

test('docs/errors.md has a row for every code', () => {
  const page = read('docs/errors.md')
  expect(ERROR_CODES.filter((code) => !page.includes(`| \`${code}\` |`))).toEqual([])
})

test('README names every flag', () => {
  const page = read('README.md')
  const flags = [...helpText().matchAll(/^ {2}(--[a-z-]+)/gm)]
    .map(([, flag]) => flag)
    .filter((flag) => flag !== '--help')
  expect(flags.length).toBeGreaterThan(10)
  expect(flags.filter((flag) => !page.includes(flag))).toEqual([])
})
