// Where a run should be. The last command wins, and whoever gave one learns what became of it.

import type { PresetName } from '../../signaling/messages.ts'
import { type CommandError, superseded } from './failure.ts'

/** Programme seconds on a grid. `edge`: of a live stream not the place, but its newest. */
export type Aim = { from: number; preset: PresetName; edge: boolean }

/** The first command is to play. */
export class Course {
  #aim: Aim
  #waiting: PromiseWithResolvers<void> | undefined = patient()
  #move = new AbortController()

  constructor(aim: Aim) {
    this.#aim = aim
  }

  get aim(): Aim {
    return this.#aim
  }

  /** A command is not carried out before the next picture is on the air. */
  get underway(): boolean {
    return this.#waiting !== undefined
  }

  /** Resolves when that is on the air. Throws CommandError `superseded`, or what the run failed with. */
  go(aim: Aim): Promise<void> {
    this.#waiting?.reject(superseded())
    const waiting = patient()
    this.#waiting = waiting
    this.#aim = aim
    this.#move.abort()
    return waiting.promise
  }

  /** What turns out on the way, or is wanted before there is one: nobody moves for it. */
  amend(part: Partial<Aim>): void {
    this.#aim = { ...this.#aim, ...part }
  }

  /** Resolves when the last command has been carried out. Throws like {@link go}. */
  async settled(): Promise<void> {
    await this.#waiting?.promise
  }

  /** A leg begins: aborted when the next command comes. */
  depart(): AbortSignal {
    this.#move = new AbortController()
    return this.#move.signal
  }

  /** To be called when the picture is there that carries out what has been asked for up to now. */
  arrival(): () => void {
    const waiting = this.#waiting
    return () => {
      waiting?.resolve()
      if (this.#waiting === waiting) this.#waiting = undefined
    }
  }

  fail(error: CommandError): void {
    this.#waiting?.reject(error)
  }

  /** The run is superseded, and with it what was asked of it. */
  close(): void {
    this.#waiting?.reject(superseded())
    this.#waiting = undefined
  }
}

/** Somebody may have given the command and gone. */
function patient(): PromiseWithResolvers<void> {
  const waiting = Promise.withResolvers<void>()
  waiting.promise.catch(() => {})
  return waiting
}
