// The sound through a player of this machine, fed with the same ADTS stream the page hears.

import { type ChildProcess, spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { pipeline } from 'node:stream/promises'

/** Both read from a pipe, start at once and end with it. */
const PLAYERS: Record<string, readonly string[]> = {
  ffplay: '-nodisp -autoexit -loglevel error -nostats -probesize 32 -fflags nobuffer -f aac -i pipe:0'.split(
    ' ',
  ),
  mpv: '--no-video --no-terminal --cache=no --demuxer-lavf-format=aac -'.split(' '),
}
const MAX_STDERR_CHARS = 2000

export type SoundPlayer = { path: string; args: readonly string[] }

/** The first player on `path` (as in PATH); undefined when there is none. */
export function findSoundPlayer(path: string): SoundPlayer | undefined {
  for (const [name, args] of Object.entries(PLAYERS))
    for (const folder of path.split(delimiter))
      if (folder !== '' && isExecutable(join(folder, name))) return { path: join(folder, name), args }
  return undefined
}

export type LocalSoundOptions = {
  player: SoundPlayer
  /** The stream to play from; rejects when there is none. */
  open: (signal: AbortSignal) => Promise<ReadableStream<Uint8Array>>
  /** The player ended by itself, with what it said last. */
  onFailed: (reason: string) => void
}

/** One stream through one process, until `stop` or its end. */
export class LocalSound {
  readonly #abort = new AbortController()
  readonly #options: LocalSoundOptions
  #child: ChildProcess | undefined

  constructor(options: LocalSoundOptions) {
    this.#options = options
    void this.#play().catch((error: Error) => {
      if (!this.#abort.signal.aborted) options.onFailed(error.message)
    })
  }

  stop(): void {
    this.#abort.abort()
    this.#child?.kill('SIGKILL')
  }

  async #play(): Promise<void> {
    const { player, open } = this.#options
    const stream = await open(this.#abort.signal)
    if (this.#abort.signal.aborted) return
    const child = spawn(player.path, player.args, { stdio: ['pipe', 'ignore', 'pipe'] })
    this.#child = child
    let said = ''
    child.stderr.on('data', (part: Buffer) => {
      said = (said + part.toString()).slice(-MAX_STDERR_CHARS)
    })
    const ended = new Promise<void>((resolve, reject) => {
      child.on('error', reject)
      child.on('exit', (code) =>
        code === 0 ? resolve() : reject(new Error(said.trim().split('\n').pop() || `it ended with ${code}`)),
      )
    })
    const fed = pipeline(stream, child.stdin, { signal: this.#abort.signal })
    // A player that ends breaks the pipe; how it ended says more.
    await Promise.all([ended, fed.catch(() => undefined)])
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
