// The terminal viewer against a real server: what the terminal shows, what the keys do, over WebRTC and without UDP.

import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test } from 'vitest'
import { Door } from '../../client/terminal/door.ts'
import { LocalSound } from '../../client/terminal/local-sound.ts'
import { TerminalViewer } from '../../client/terminal/viewer.ts'
import type { SessionStatus } from '../../signaling/messages.ts'
import { TerminalCells } from '../client/terminal/terminal-cells.ts'
import { type OwnServer, signIn, startOwnServer, withFolder } from '../sim/own-server.ts'

const here = dirname(fileURLToPath(import.meta.url))
const faults = join(here, '..', 'browser', 'udp-faults.ts')
const COLUMNS = 80
const LINES = 25

const open: { close(): unknown }[] = []
const keep = <T extends { close(): unknown }>(thing: T): T => {
  open.push(thing)
  return thing
}
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close()
})

async function watch(server: OwnServer, soundPlayer?: { path: string; args: string[] }) {
  const terminal = new TerminalCells()
  const door = new Door(server)
  await door.signIn()
  const viewer = new TerminalViewer({
    door,
    style: 'halves',
    soundPlayer,
    write: (output) => terminal.write(output),
    size: () => ({ columns: COLUMNS, lines: LINES }),
    onQuit: () => undefined,
  })
  const timer = setInterval(() => viewer.tick(), 5)
  keep({
    close: () => {
      clearInterval(timer)
      viewer.close()
    },
  })
  viewer.open()
  return { viewer, terminal, line: () => terminal.text(LINES, 1, COLUMNS) }
}

async function until(what: string, holds: () => boolean | Promise<boolean>, deadlineMs = 30_000) {
  for (const end = performance.now() + deadlineMs; !(await holds()); await sleep(20))
    if (performance.now() > end) throw new Error(`never: ${what}`)
}

async function status(server: OwnServer): Promise<SessionStatus> {
  const headers = { cookie: await signIn(server.url, server.pin) }
  return (await (await fetch(new URL('/api/status', server.url), { headers })).json()) as SessionStatus
}

/** The demo's colour bars are in it: strong red, green and blue somewhere on the screen. */
function showsBars({ cells }: TerminalCells): boolean {
  const strongest = [0, 0, 0]
  for (const { foreground } of cells.values()) {
    const channels = foreground.split(',').map(Number)
    channels.forEach((value, index) => {
      const others = channels.reduce((sum, each) => sum + each, 0) - value
      if (value > 120 && others < 90) strongest[index] += 1
    })
  }
  return strongest.every((count) => count > 5)
}

describe('the terminal viewer', () => {
  test('shows what plays, and its keys command the session', async () => {
    const server = keep(await startOwnServer(['--play', 'demo:', '--preset', 'low']))
    const { viewer, terminal, line } = await watch(server)
    await until('colour bars', () => showsBars(terminal))
    await until('title and place', () => /^Demo .*0:\d\d *$/.test(line()))
    expect(line()).not.toContain('TCP')
    viewer.press('pause-or-resume')
    await until('paused', async () => (await status(server)).state === 'paused')
    await until('the line says so', () => line().startsWith('paused: Demo'))
    await until('the picture stands', async () => {
      const { written } = terminal
      await sleep(300)
      return terminal.written === written
    })
    viewer.press('pause-or-resume')
    await until('playing', async () => (await status(server)).state === 'playing')
    viewer.press('style')
    await until('glyphs', () => [...terminal.cells.values()].some(({ character }) => character === '@'))
  })

  test('a server that is killed and comes back is found again', async () => {
    const first = keep(await startOwnServer(['--play', 'demo:', '--preset', 'low']))
    const port = new URL(first.url).port
    const { terminal, line } = await watch(first)
    await until('colour bars', () => showsBars(terminal))
    first.kill('SIGKILL')
    await first.exited
    await until('trouble is told', () => !line().startsWith('Demo'))
    keep(await startOwnServer(['--play', 'demo:', '--preset', 'low', '--port', port]))
    await until('it plays again', () => line().startsWith('Demo'))
    const { written } = terminal
    await until('the picture moves', () => terminal.written > written + 200)
  }, 120_000)

  test('without UDP the frames come over the socket, and the line says so', async () => {
    Object.assign(process.env, { NODE_OPTIONS: `--import=${faults}`, UDP_FAULT: 'blocked' })
    const starting = startOwnServer(['--play', 'demo:', '--preset', 'low'])
    delete process.env.NODE_OPTIONS
    delete process.env.UDP_FAULT
    const { terminal, line } = await watch(keep(await starting))
    await until('colour bars', () => showsBars(terminal))
    expect(line()).toContain('over TCP')
  })
})

describe('its sound', () => {
  test('is what a player hears that is fed by it', async () => {
    const server = keep(await startOwnServer(['--play', 'demo:', '--preset', 'low']))
    await withFolder(async (folder) => {
      const wav = join(folder, 'heard.wav')
      const args = `-v error -f aac -i pipe:0 -t 2 -f s16le -y ${wav}`.split(' ')
      const { terminal } = await watch(server, { path: 'ffmpeg', args })
      await until('colour bars', () => showsBars(terminal))
      const heard = () => {
        try {
          return readFileSync(wav).length
        } catch {
          return 0
        }
      }
      await until('two seconds of sound', () => heard() > 2 * 40_000 * 2)
    })
  })

  test('a player that cannot play is reported with its own words', async () => {
    const failed = Promise.withResolvers<string>()
    const sound = new LocalSound({
      player: { path: process.execPath, args: ['-e', 'console.error("no audio device"); process.exit(3)'] },
      open: async () => new ReadableStream(),
      onFailed: failed.resolve,
    })
    expect(await failed.promise).toBe('no audio device')
    sound.stop()
  })
})

describe('its command', () => {
  const run = async (...flags: string[]) => {
    const child = spawn(process.execPath, [join(here, '..', '..', 'client', 'terminal', 'main.ts'), ...flags])
    let said = ''
    child.stdout.on('data', (part: Buffer) => (said += part.toString()))
    child.stderr.on('data', (part: Buffer) => (said += part.toString()))
    return new Promise<{ code: number | null; said: string }>((resolve) =>
      child.on('close', (code) => resolve({ code, said })),
    )
  }

  test('says what is wrong and ends with 2', async () => {
    expect(await run('--pin', 'abc')).toMatchObject({ code: 2, said: expect.stringContaining('--pin') })
    expect(await run('--pin', '1234')).toMatchObject({
      code: 2,
      said: expect.stringContaining('a terminal is needed'),
    })
  })

  test('a wrong PIN is the server’s answer', async () => {
    const server = keep(await startOwnServer())
    await expect(new Door({ url: server.url, pin: '000000' }).signIn()).rejects.toMatchObject({
      code: 'wrong-pin',
    })
    await expect(new Door({ url: 'http://127.0.0.1:9', pin: '000000' }).signIn()).rejects.toMatchObject({
      code: 'network',
    })
  })
})
