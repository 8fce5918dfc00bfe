// The life of the transport process: starts it, hears whether it lives, ends it when it is stuck, and starts it again when it
// has ended. What is said over the channel is its user's business.

import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Log } from '../log.ts'
import { RestartPace } from './restart-pace.ts'
import { clockOrigin } from './shared-clock.ts'
import type { FromWorker, ToWorker, WorkerOptions } from './worker-messages.ts'

const WORKER = fileURLToPath(new URL('./transport-worker.ts', import.meta.url))

/** A leak ends the process that leaks, and not the machine. 64 viewers need about 100 MB. */
const HEAP_LIMIT = '--max-old-space-size=512'

/** How often silence is looked for. Counted in looks and not in time, so that a machine that slept finds nobody guilty. */
const LOOK_MS = 500
/** Looks without a word after which it is stuck; it says something four times a second. */
const MAX_SILENT_LOOKS = 4
/** The same until its first word: loading takes 0.6 s, and several times that on a busy machine. */
const MAX_START_LOOKS = 40
/** After `close` it gets this long to say goodbye to its peers. */
const CLOSE_MS = 1000

/** How it stands, for the diagnostics. */
export type WorkerState = {
  state: 'starting' | 'ready' | 'ended' | 'closed'
  pid: number | null
  upMs: number
  restarts: number
  /** How it ended last. */
  lastEnd: string | null
}

/** No peer can be made on this machine; the message says why. */
export class TransportStartError extends Error {
  override name = 'TransportStartError'
}

export type WorkerProcessOptions = {
  options: WorkerOptions
  onReady(): void
  onMessage(message: FromWorker): void
  /** It has ended without having been told to; another one starts `againMs` from now. */
  onLost(reason: string, againMs: number): void
  log: Pick<Log, 'error'>
  /** Node's own flags for it. */
  execArgv?: readonly string[] | undefined
}

export class WorkerProcess {
  readonly #options: WorkerProcessOptions
  readonly #pace = new RestartPace()
  readonly #started = Promise.withResolvers<void>()
  readonly #looks: NodeJS.Timeout
  #child: ChildProcess | undefined
  #ended: Promise<void> = Promise.resolve()
  #state: WorkerState['state'] = 'starting'
  #since = performance.now()
  #silentLooks = 0
  #restarts = 0
  #lastEnd: string | undefined
  #refusal: string | undefined
  #again: NodeJS.Timeout | undefined
  #againAt = 0

  constructor(options: WorkerProcessOptions) {
    this.#options = options
    this.#looks = setInterval(() => this.#look(), LOOK_MS)
    this.#looks.unref()
    // Whoever does not wait for the start hears of its failure through onLost.
    this.#started.promise.catch(() => {})
    this.#start()
  }

  /** Resolves when it first is ready; rejects, saying why, when it cannot work here. */
  get started(): Promise<void> {
    return this.#started.promise
  }

  get ready(): boolean {
    return this.#state === 'ready'
  }

  /** Milliseconds until it is started again; 0 unless it waits for that. */
  get againInMs(): number {
    return this.#again === undefined ? 0 : Math.max(0, this.#againAt - performance.now())
  }

  describe(): WorkerState {
    return {
      state: this.#state,
      pid: this.#child?.pid ?? null,
      upMs: this.#child === undefined ? 0 : Math.round(performance.now() - this.#since),
      restarts: this.#restarts,
      lastEnd: this.#lastEnd ?? null,
    }
  }

  /** Says something, if anybody is there to hear it. */
  send(message: ToWorker): void {
    if (this.#child?.connected) this.#child.send(message, () => {})
  }

  /** Ends it, by force after a second. May be called twice. */
  async close(): Promise<void> {
    if (this.#state !== 'closed') {
      this.#state = 'closed'
      clearInterval(this.#looks)
      clearTimeout(this.#again)
      this.send({ type: 'close' })
      this.#started.reject(new TransportStartError('closed before it was ready'))
    }
    const child = this.#child
    const force = setTimeout(() => child?.kill('SIGKILL'), CLOSE_MS)
    await this.#ended
    clearTimeout(force)
  }

  #start(): void {
    this.#state = 'starting'
    this.#since = performance.now()
    this.#silentLooks = 0
    this.#refusal = undefined
    const child = fork(WORKER, {
      // Not ours: a debugger's port is taken, and a test runner's hooks are none of its business.
      execArgv: [...(this.#options.execArgv ?? [])],
      // Before what the operator says, so that it has the last word.
      env: { ...process.env, NODE_OPTIONS: `${HEAP_LIMIT} ${process.env.NODE_OPTIONS ?? ''}` },
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    this.#child = child
    this.#ended = new Promise((resolve) => {
      const onEnd = (reason: string) => {
        resolve()
        if (this.#child === child) this.#onEnd(reason)
      }
      child.once('exit', (code, signal) => onEnd(signal ?? `exit code ${code}`))
      // Not even started: no memory, no more processes.
      child.once('error', (error) => {
        if (child.pid === undefined) onEnd(error.message)
      })
    })
    child.on('message', (message) => this.#onMessage(message as FromWorker))
    const { options } = this.#options
    this.send({ type: 'start', clockOrigin: clockOrigin(), options })
  }

  #onMessage(message: FromWorker): void {
    this.#silentLooks = 0
    if (this.#state === 'closed') return
    if (message.type === 'refused') {
      this.#refusal = message.message
      this.#child?.kill('SIGKILL')
    } else if (message.type === 'ready') {
      this.#state = 'ready'
      this.#started.resolve()
      this.#options.onReady()
    } else this.#options.onMessage(message)
  }

  #onEnd(reason: string): void {
    const livedMs = performance.now() - this.#since
    this.#child = undefined
    if (this.#state === 'closed') return
    const wasStarting = this.#state === 'starting'
    this.#state = 'ended'
    this.#lastEnd = this.#refusal ?? reason
    if (wasStarting)
      this.#started.reject(
        new TransportStartError(this.#refusal ?? `the transport process ended at its start (${reason})`),
      )
    const againMs = this.#pace.afterMs(livedMs)
    this.#againAt = performance.now() + againMs
    this.#again = setTimeout(() => {
      this.#again = undefined
      this.#restarts += 1
      this.#start()
    }, againMs)
    this.#options.onLost(this.#lastEnd, againMs)
  }

  #look(): void {
    const child = this.#child
    if (child === undefined) return
    this.#silentLooks += 1
    if (this.#silentLooks <= (this.#state === 'starting' ? MAX_START_LOOKS : MAX_SILENT_LOOKS)) return
    this.#silentLooks = 0
    this.#options.log.error(`the transport process ${child.pid} is stuck; it is ended`)
    child.kill('SIGKILL')
  }
}
