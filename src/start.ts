// The program: reads the flags, puts the rooms together, serves until a signal, and leaves no child behind.

import { execFile } from 'node:child_process'
import { networkInterfaces } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { renderUnicodeCompact } from 'uqr'
import { startApp } from './app.ts'
import { type Config, helpText, readConfig, UsageError } from './config.ts'
import { openLog } from './log.ts'
import { TransportStartError } from './transport/worker-process.ts'

const run = promisify(execFile)

function lanAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flat()
    .filter((found) => found !== undefined && found.family === 'IPv4' && !found.internal)
    .map((found) => (found as { address: string }).address)
}

function banner(config: Config, port: number): string {
  const everywhere = config.host === '0.0.0.0' || config.host === '::'
  const hosts = everywhere ? ['localhost', ...lanAddresses()] : [config.host]
  const addresses = hosts.map((host) => `http://${host.includes(':') ? `[${host}]` : host}:${port}/`)
  const lines = ['', '  asciline-rtc is on the air', '']
  for (const address of addresses) lines.push(`  ${address}`)
  lines.push(
    '',
    `  PIN  ${config.pin}${config.pinGiven ? '' : '   (new at every start; --pin keeps one)'}`,
    '',
  )
  // A phone or a car cannot reach localhost, so the code shows the first address that they can.
  lines.push(renderUnicodeCompact(addresses[1] ?? addresses[0]))
  return `${lines.join('\n')}\n`
}

async function checkFfmpeg(path: string): Promise<void> {
  try {
    await run(path, ['-version'], { timeout: 10_000 })
  } catch {
    throw new UsageError(
      `ffmpeg-missing: ${path} does not run. Install ffmpeg 5.1 or later, or name yours with --ffmpeg.`,
    )
  }
}

async function main(): Promise<void> {
  const config = readConfig(process.argv.slice(2), process.env)
  if (config === 'help') {
    process.stdout.write(helpText())
    return
  }
  await checkFfmpeg(config.ffmpeg)
  const log = openLog(config.logLevel)
  const loopback = config.host === 'localhost' || config.host.startsWith('127.') || config.host === '::1'
  if (config.pinGiven && config.pin.length < 6 && !loopback)
    log.warn(
      `the PIN has only ${config.pin.length} digits and other machines can reach this server; 6 or more are safer`,
    )

  const root = join(dirname(fileURLToPath(import.meta.url)), '..')
  const app = await startApp({ config, log, page: join(root, 'client', 'dist'), state: join(root, '.cache') })
  let leaving = false
  const leave = async (signal: string) => {
    // A second Ctrl+C is somebody who does not want to wait.
    if (leaving) process.exit(1)
    leaving = true
    log.info(`${signal}: closing`)
    await app.close()
    process.exit(0)
  }
  process.on('SIGINT', () => void leave('SIGINT'))
  process.on('SIGTERM', () => void leave('SIGTERM'))

  // Behind the handlers: whoever has read the address may end the program at once, and nothing may be left of it then.
  process.stdout.write(banner(config, app.port))
  if (config.play !== undefined) app.session.play(config.play)
}

main().catch((error: unknown) => {
  if (error instanceof UsageError) process.stderr.write(`${error.message}\n`)
  else if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE')
    process.stderr.write('port-taken: another program listens on this port. Choose one with --port.\n')
  else if (error instanceof TransportStartError)
    process.stderr.write(`transport-failed: ${error.message}. Run npm ci in this folder and start again.\n`)
  else process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
  process.exit(error instanceof UsageError ? 2 : 1)
})
