// What the three processes of the transport bench say to each other: the bench itself, the server and the viewers. They are
// apart so that a viewer's decoding is not taken for the server's work.

import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Percentiles } from '../../client/playback/index.ts'
import type { PresetName } from '../../signaling/messages.ts'
import type { ViewerStats } from '../../src/transport/viewer.ts'
import type { Impairment } from './impaired-path.ts'

export type StageOptions = {
  clip: string
  preset: PresetName
  playoutDelayMs: number
}

export type ToServer =
  | { type: 'start'; options: StageOptions }
  | { type: 'open'; viewer: number }
  | { type: 'answer'; peer: string; sdp: string }
  | { type: 'measure' }
  | { type: 'report' }

export type ServerReport = {
  cpuSeconds: number
  seconds: number
  packetsPerSecond: number
  /** How late the server's own timers were: what a busy machine adds to every figure. */
  eventLoopLateMs: { p99: number; max: number }
  viewers: Pick<
    ViewerStats,
    'framesSent' | 'slicesSent' | 'dropped' | 'roundTripMs' | 'packetsLost' | 'resent'
  >[]
}

export type FromServerProcess =
  | { type: 'started' }
  | { type: 'offer'; viewer: number; peer: string; sdp: string; socket?: string }
  | { type: 'digest'; text: string }
  | { type: 'report'; report: ServerReport }

export type ToViewers =
  | {
      type: 'join'
      viewer: number
      peer: string
      sdp: string
      socket?: string
      direct: boolean
      seed: number
    }
  /** Both ways of this viewer's path change. */
  | { type: 'weather'; viewer: number; impairment: Impairment; cut?: boolean }
  | { type: 'digest'; text: string }
  | { type: 'measure' }
  | { type: 'report' }

export type ViewerRow = {
  framesExpected: number
  framesComplete: number
  framesCorrect: number
  latenessMs: Percentiles
  /** Longest time between two messages of the frames channel. */
  longestSilenceMs: number
  /** Longest time between two changes of the picture. */
  longestFreezeMs: number
  bytes: number
  /** Of the whole run: when the picture first changed after the path came back, if it was cut. */
  backAfterMs: number | undefined
  /** Frames presented that were older, by the server's clock, than the playout delay and 200 ms. */
  framesStale: number
}

export type FromViewers =
  | { type: 'answer'; peer: string; sdp: string }
  | { type: 'open'; viewer: number }
  | { type: 'rows'; rows: ViewerRow[] }

/** A process of the bench, with its messages typed. */
export class Actor<To extends { type: string }, From extends { type: string }> {
  readonly #child: ChildProcess
  readonly #waiting: { type: string; wake: (message: From) => void; fail: (error: Error) => void }[] = []
  on: (message: From) => void = () => {}

  /** `module` lies in this folder. */
  constructor(module: string) {
    this.#child = fork(fileURLToPath(new URL(module, import.meta.url)), { serialization: 'advanced' })
    this.#child.on('message', (raw) => {
      const message = raw as From
      this.on(message)
      const index = this.#waiting.findIndex(({ type }) => type === message.type)
      if (index >= 0) this.#waiting.splice(index, 1)[0].wake(message)
    })
    this.#child.on('exit', (code) => {
      for (const { fail } of this.#waiting.splice(0)) fail(new Error(`${module} ended with ${code}`))
    })
  }

  send(message: To): void {
    if (this.#child.connected) this.#child.send(message)
  }

  /** Rejects when the process ends first, or after 30 s. */
  next<Type extends From['type']>(type: Type): Promise<Extract<From, { type: Type }>> {
    return new Promise((resolve, reject) => {
      const deadline = setTimeout(() => reject(new Error(`no ${type} within 30 s`)), 30_000)
      this.#waiting.push({
        type,
        wake: (message) => {
          clearTimeout(deadline)
          resolve(message as Extract<From, { type: Type }>)
        },
        fail: reject,
      })
    })
  }

  close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return Promise.resolve()
    return new Promise((resolve) => {
      this.#child.once('exit', () => resolve())
      this.#child.kill('SIGKILL')
    })
  }
}
