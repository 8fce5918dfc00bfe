// node test/vendor/conformance/write.ts: makes vendor/asciline/conformance anew, after a change of the wire that is meant.

import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { makeVectors } from './vectors.ts'

const folder = join(
  dirname(fileURLToPath(import.meta.url)),
  '..',
  '..',
  '..',
  'vendor',
  'asciline',
  'conformance',
)
mkdirSync(folder, { recursive: true })
for (const old of readdirSync(folder).filter((name) => /\.(json|cells)$/.test(name)))
  rmSync(join(folder, old))
for (const { vector, cells } of makeVectors()) {
  writeFileSync(join(folder, `${vector.name}.json`), `${JSON.stringify(vector, null, 2)}\n`)
  writeFileSync(join(folder, `${vector.name}.cells`), cells)
}
// As the check wants it: short lists on one line.
spawnSync('node_modules/.bin/biome', ['format', '--write', folder], { stdio: 'inherit' })
