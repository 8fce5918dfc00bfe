// One child process and everything it starts, as one thing: one owner, one outcome, and its whole group dies with it.

import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { LineTail } from './line-tail.ts'

/** How a child ended. `failure` is set when it never started (ENOENT, EACCES). */
export type ProcessExit = {
  exitCode: number | null
  signal: NodeJS.Signals | null
  failure?: NodeJS.ErrnoException
}

export type ProcessGroupOptions = {
  command: string
  args: readonly string[]
  /** Extra pipes the child writes to, from fd 3 on. */
  extraPipes?: number
  env?: NodeJS.ProcessEnv
  /** From SIGTERM to SIGKILL; 0 for a child that has nothing to put in order. With the kernel's own time for the second this keeps `close` under 3 s. */
  patienceMs?: number
  /** Aborting it closes the group. */
  signal?: AbortSignal
}

/** A detached child: stdin is closed, stderr is kept as a bounded tail, the other pipes are the caller's to drain. */
export class ProcessGroup {
  readonly exited: Promise<ProcessExit>
  readonly #child: ChildProcess
  readonly #tail = new LineTail()
  readonly #patienceMs: number
  #gone = false
  #closing = false

  constructor({ command, args, extraPipes = 0, env, patienceMs = 2000, signal }: ProcessGroupOptions) {
    this.#patienceMs = patienceMs
    const stdio: StdioOptions = ['ignore', extraPipes > 0 ? 'ignore' : 'pipe', 'pipe']
    for (let index = 0; index < extraPipes; index++) stdio.push('pipe')
    // `detached` makes the child the leader of a group of its own, so that one kill reaches what it has started.
    this.#child = spawn(command, args, { stdio, detached: true, env: env ?? process.env })
    for (const stream of this.#child.stdio) {
      // A pipe torn down by `close` may report ECONNRESET; the outcome is told by `exited` alone.
      stream?.on('error', () => {})
    }
    const stderr = this.#child.stderr as Readable
    stderr.setEncoding('utf8')
    stderr.on('data', (text: string) => this.#tail.push(text))
    this.exited = new Promise((resolve) => {
      this.#child.on('error', (failure: NodeJS.ErrnoException) => {
        if (this.#child.pid !== undefined) return // a kill that failed, not a start that failed
        this.#gone = true
        resolve({ exitCode: null, signal: null, failure })
      })
      this.#child.once('exit', (exitCode, exitSignal) => {
        // Before anything else, while the group's id cannot have been given to someone new.
        this.#kill('SIGKILL')
        this.#gone = true
        resolve({ exitCode, signal: exitSignal })
      })
    })
    if (signal?.aborted) void this.close()
    const abort = () => void this.close()
    signal?.addEventListener('abort', abort, { once: true })
    void this.exited.then(() => signal?.removeEventListener('abort', abort))
  }

  /** undefined when the child never started. */
  get pid(): number | undefined {
    return this.#child.pid
  }

  /** The last lines of stderr, oldest first. */
  get stderr(): string[] {
    return this.#tail.lines
  }

  /** The reading end of stdout (1) or of an extra pipe (3 and up). */
  pipe(fd: number): Readable {
    return this.#child.stdio[fd] as Readable
  }

  /** SIGTERM to the group, SIGKILL when that is not enough; resolves when the child is gone. May be called twice. */
  async close(): Promise<ProcessExit> {
    if (!this.#closing && !this.#gone) {
      this.#closing = true
      // A child blocked on a full pipe does not look at signals it handles itself; breaking the pipe wakes it.
      for (const stream of this.#child.stdio.slice(3)) (stream as Readable).destroy()
      this.#kill(this.#patienceMs > 0 ? 'SIGTERM' : 'SIGKILL')
      const timer = setTimeout(() => this.#kill('SIGKILL'), this.#patienceMs)
      void this.exited.then(() => clearTimeout(timer))
    }
    return this.exited
  }

  #kill(signal: NodeJS.Signals): void {
    const { pid } = this.#child
    if (pid === undefined || this.#gone) return
    try {
      process.kill(-pid, signal)
    } catch {
      // ESRCH: the group has ended by itself.
    }
  }
}
