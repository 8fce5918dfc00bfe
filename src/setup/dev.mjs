// `npm run dev`: the server restarts when its code changes, the page is rebuilt when its own does. Ctrl+C ends both.

import { spawn } from 'node:child_process'

const children = [
  spawn('node', ['node_modules/vite/bin/vite.js', 'build', '--watch', '--logLevel', 'warn'], {
    stdio: 'inherit',
  }),
  spawn('node', ['--watch', 'src/main.ts', ...process.argv.slice(2)], { stdio: 'inherit' }),
]
for (const child of children)
  child.on('exit', (code) => {
    for (const other of children) other.kill('SIGTERM')
    process.exitCode = code ?? 1
  })
for (const signal of ['SIGINT', 'SIGTERM'])
  process.on(signal, () => {
    for (const child of children) child.kill(signal)
  })
