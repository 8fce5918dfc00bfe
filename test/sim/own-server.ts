// Starts the real program in its own process, on loopback, for the simulator, the benches and the browser tests.

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { HostDiagnostics } from '../../src/transport/transport-host.ts'

const main = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'src', 'main.ts')
const START_DEADLINE_MS = 20_000

export type OwnServer = {
  url: string
  pin: string
  pid: number
  /** Everything it has printed so far, both streams. */
  output: () => string
  /** Resolves with the exit code, or the signal's name. */
  exited: Promise<number | string>
  /** SIGTERM, and waits for the end. */
  close: () => Promise<number | string>
  /** The end a machine would give it. */
  kill: (signal: NodeJS.Signals) => void
}

/** Starts `npm start`'s program with further flags. Rejects with its output when it does not come up. */
export async function startOwnServer(flags: readonly string[] = [], pin = '481516'): Promise<OwnServer> {
  const data = mkdtempSync(join(tmpdir(), 'asciline-data-'))
  const child: ChildProcess = spawn(
    process.execPath,
    // What one server remembers is none of the next one's business; flags that come later win.
    [main, '--host', '127.0.0.1', '--port', '0', '--pin', pin, '--data', data, ...flags],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let output = ''
  child.stdout?.on('data', (part: Buffer) => (output += part.toString()))
  child.stderr?.on('data', (part: Buffer) => (output += part.toString()))
  const exited = new Promise<number | string>((resolve) =>
    child.on('exit', (code, signal) => {
      remove(data)
      resolve(code ?? signal ?? 'unknown')
    }),
  )
  const url = await new Promise<string>((resolve, reject) => {
    const deadline = setTimeout(
      () => reject(new Error(`the server did not start:\n${output}`)),
      START_DEADLINE_MS,
    )
    child.stdout?.on('data', () => {
      const found = /http:\/\/127\.0\.0\.1:\d+\//.exec(output)
      if (found === null) return
      clearTimeout(deadline)
      resolve(found[0])
    })
    void exited.then((code) => {
      clearTimeout(deadline)
      reject(new Error(`the server ended with ${code}:\n${output}`))
    })
  })
  return {
    url,
    pin,
    pid: child.pid as number,
    output: () => output,
    exited,
    close: () => {
      child.kill('SIGTERM')
      return exited
    },
    kill: (signal) => void child.kill(signal),
  }
}

/** A folder of its own that is gone after `use`. */
export async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'asciline-'))
  try {
    return await use(folder)
  } finally {
    remove(folder)
  }
}

/** Tries again for a while: what a server that was killed had started may still write there. */
function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 })
}

/** Enters the PIN; returns the cookie header for further requests. Throws with the server's answer. */
export async function signIn(url: string, pin: string): Promise<string> {
  const response = await fetch(new URL('/api/auth', url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ pin }),
  })
  if (response.status !== 204)
    throw new Error(`/api/auth answered ${response.status}: ${await response.text()}`)
  return (response.headers.get('set-cookie') ?? '').split(';')[0]
}

/** The process that holds the server's peers at present. Throws while there is none. */
export async function transportPid(server: OwnServer): Promise<number> {
  const cookie = await signIn(server.url, server.pin)
  const response = await fetch(new URL('/api/diagnostics', server.url), { headers: { cookie } })
  const { worker } = (await response.json()) as HostDiagnostics
  if (worker.pid === null) throw new Error('there is no transport process')
  return worker.pid
}
