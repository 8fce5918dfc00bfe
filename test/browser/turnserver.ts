// A real TURN relay (coturn) on loopback, for the tests that have one to run.

import { type ChildProcess, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

const START_MS = 10_000

/** The program's path; undefined where it is not installed. */
export function turnserverPath(): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/usr/sbin', '/usr/local/bin']
  return folders.map((folder) => join(folder, 'turnserver')).find((path) => existsSync(path))
}

export type Turnserver = { port: number; close(): Promise<void> }

/** Starts it with further flags. Rejects with its output when it does not come up. */
export async function startTurnserver(path: string, flags: readonly string[]): Promise<Turnserver> {
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'asciline-turn-'))
  const child: ChildProcess = spawn(
    path,
    [
      ...['-n', '--no-tls', '--no-dtls', '--no-cli', '--realm', 'asciline', '--log-file', 'stdout'],
      ...['--listening-ip', '127.0.0.1', '--relay-ip', '127.0.0.1', '--listening-port', String(port)],
      // It refuses to lead anybody to its own machine, rightly; here everything is on it.
      ...['--allow-loopback-peers', '--pidfile', join(folder, 'pid'), '--userdb', join(folder, 'db')],
      ...flags,
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (part: Buffer) => (output += part.toString()))
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const close = async () => {
    child.kill('SIGKILL')
    await gone
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await answers(port, gone)
  } catch (error) {
    await close()
    throw new Error(`turnserver did not start: ${(error as Error).message}\n${output}`)
  }
  return { port, close }
}

async function freePort(): Promise<number> {
  const socket = createSocket('udp4')
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  const { port } = socket.address()
  await new Promise<void>((resolve) => socket.close(() => resolve()))
  return port
}

/** Asks it for our address, as STUN does, until it says something. */
async function answers(port: number, gone: Promise<void>): Promise<void> {
  const socket = createSocket('udp4')
  const request = Buffer.from('000100002112a442000102030405060708090a0b', 'hex')
  const asking = setInterval(() => socket.send(request, port, '127.0.0.1'), 100)
  try {
    await new Promise<void>((resolve, reject) => {
      const deadline = setTimeout(() => reject(new Error('no answer')), START_MS)
      socket.once('message', () => {
        clearTimeout(deadline)
        resolve()
      })
      void gone.then(() => {
        clearTimeout(deadline)
        reject(new Error('it has ended'))
      })
    })
  } finally {
    clearInterval(asking)
    socket.close()
  }
}
