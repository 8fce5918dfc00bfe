// `npm run check`: the types of every folder under that folder's own lib, then lint and format.

import { spawnSync } from 'node:child_process'

const FOLDERS = [
  'vendor/asciline',
  'signaling',
  'client/playback',
  'client/page',
  'client/terminal',
  'src',
  'test',
]
const commands = [
  ...FOLDERS.map((folder) => ['tsc', '-p', folder]),
  ['biome', 'check', '--error-on-warnings', '.'],
]
let failed = 0
for (const [command, ...args] of commands) {
  process.stdout.write(`${command} ${args.join(' ')}\n`)
  const { status } = spawnSync(`node_modules/.bin/${command}`, args, { stdio: 'inherit' })
  if (status !== 0) failed += 1
}
process.exit(failed === 0 ? 0 : 1)
