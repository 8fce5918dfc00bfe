// `npm run view`: a session in a terminal.

import { emitKeypressEvents } from 'node:readline'
import { Door } from './door.ts'
import { actionOf } from './keys.ts'
import { findSoundPlayer } from './local-sound.ts'
import { readViewOptions, VIEW_HELP } from './options.ts'
import { TerminalViewer } from './viewer.ts'

/** A display refreshes every 16.7 ms; a frame is at most this late. */
const TICK_MS = 5
/** Another screen, no cursor, no line breaks at the edge; and back. */
const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l'
const LEAVE = '\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l'

async function main(): Promise<number> {
  const options = readViewOptions(process.argv.slice(2), process.env)
  if (options === 'help') {
    process.stdout.write(VIEW_HELP)
    return 0
  }
  const { stdin, stdout } = process
  if (!stdout.isTTY || !stdin.isTTY) throw new Error('a terminal is needed, not a pipe or a file')
  const door = new Door(options)
  await door.signIn()
  const quit = Promise.withResolvers<void>()
  const viewer = new TerminalViewer({
    door,
    style: options.style,
    soundPlayer: options.sound === 'on' ? findSoundPlayer(process.env.PATH ?? '') : undefined,
    write: (output) => stdout.write(output),
    size: () => ({ columns: Math.min(999, stdout.columns), lines: Math.min(999, stdout.rows) }),
    onQuit: () => quit.resolve(),
  })
  emitKeypressEvents(stdin)
  stdin.setRawMode(true)
  stdin.on('keypress', (_, key) => {
    const action = actionOf(key)
    if (action !== undefined) viewer.press(action)
  })
  stdout.on('resize', () => viewer.redraw())
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => quit.resolve())
  // Whatever ends the program, the terminal is left as it was found.
  process.on('exit', () => {
    stdin.setRawMode(false)
    stdout.write(LEAVE)
  })
  stdout.write(ENTER)
  viewer.redraw()
  viewer.open()
  const timer = setInterval(() => viewer.tick(), TICK_MS)
  await quit.promise
  clearInterval(timer)
  viewer.close()
  return 0
}

main().then(
  (code) => process.exit(code),
  (error: Error) => {
    process.stderr.write(`view: ${error.message}\n`)
    process.exit(2)
  },
)
