// What the three processes of the transport bench say to each other: the bench itself, the server and the viewers. They are
// apart so that a viewer's decoding is not taken for the server's work.

import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Percentiles } from '../../client/playback/index.ts'
import type { Pace, PresetName } from '../../signaling/messages.ts'
import type { ViewerStats } from '../../src/transport/viewer.ts'
import type { GridSize } from '../../vendor/asciline/index.ts'
import type { Impairment } from './impaired-path.ts'
import type { StackName } from './stack.ts'

/** The one epoch that is played. */
export const EPOCH = 1

export type StageOptions = {
  stack: StackName
  clip: string
  preset: PresetName
  playoutDelayMs: number
}

export type ToServer =
  | { type: 'start'; options: StageOptions }
  | { type: 'open'; viewer: number }
  | { type: 'answer'; peer: string; sdp: string }
  | { type: 'leave'; peer: string }
  | { type: 'measure' }
  | { type: 'report' }

export type ServerReport = {
  cpuSeconds: number
  seconds: number
  packetsPerSecond: number
  /** Payload that left for the viewers since the measurement began: repeated and lost slices too. */
  bytesSent: number
  /** Where this process' clock began, in ms of the machine's. */
  clockOrigin: number
  /** How late the server's own timers were: what a busy machine adds to every figure. */
  eventLoopLateMs: { p99: number; max: number }
  viewers: Pick<
    ViewerStats,
    'framesSent' | 'slicesSent' | 'bytesSent' | 'dropped' | 'roundTripMs' | 'packetsLost' | 'resent'
  >[]
}

export type FromServerProcess =
  | { type: 'started' }
  /** `socket` is where to connect to when there is nothing to negotiate. */
  | { type: 'offer'; viewer: number; peer: string; sdp: string; socket?: string }
  /** A frame as it was published, before any network. */
  | { type: 'frame'; frame: number; slices: readonly Uint8Array[] }
  | { type: 'report'; report: ServerReport }

export type ToViewers =
  | { type: 'start'; grid: GridSize }
  /** One more viewer, who asks for an offer when he wants one. */
  | {
      type: 'watch'
      viewer: number
      direct: boolean
      delayMs: number
      seed: number
      stack: StackName
      crowd: boolean
    }
  | { type: 'offer'; viewer: number; peer: string; sdp: string; socket?: string }
  /** Both ways of this viewer's path change. */
  | { type: 'weather'; viewer: number; impairment: Impairment; cut?: boolean }
  | { type: 'frame'; frame: number; slices: readonly Uint8Array[] }
  | { type: 'measure' }
  | { type: 'report' }

export type ViewerRow = {
  /** Frames whose time lay within the measurement, by their numbers; the correct ones are some of these. */
  framesExpected: number
  /** Of the crowd, which decodes nothing, the frames that were whole count as correct. */
  framesComplete: number
  framesCorrect: number
  latenessMs: Percentiles
  /** Share of blocks younger than 100 ms, looked at once for every frame that was due, against a viewer without loss. */
  blocksFreshPercent: number
  blockAgeMs: Percentiles
  /** Server's clock minus the viewer's, as the viewer believes, and where its own clock began. */
  clockOffsetMs: number | undefined
  clockOrigin: number
  /** Longest time between two messages of the frames channel. */
  longestSilenceMs: number
  /** Longest time between two changes of the picture. */
  longestFreezeMs: number
  bytes: number
  /** Slices made out of parity. */
  slicesRecovered: number
  /** What the server sends of the picture, at the end. */
  pace: Pace
  /** Of the whole run: when the picture first changed after the path came back, if it was cut. */
  backAfterMs: number | undefined
  /** Frames presented that were older, by the server's clock, than the playout delay and 200 ms. */
  framesStale: number
}

export type FromViewers =
  | { type: 'join'; viewer: number }
  | { type: 'leave'; peer: string }
  | { type: 'answer'; peer: string; sdp: string }
  | { type: 'open'; viewer: number }
  /** With how late the viewers' own loop was: what they add to every figure. */
  | { type: 'rows'; rows: ViewerRow[]; lateMs: { p99: number; max: number } }

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

  /** Rejects when the process ends first, or after `withinMs`. */
  next<Type extends From['type']>(type: Type, withinMs = 30_000): Promise<Extract<From, { type: Type }>> {
    return new Promise((resolve, reject) => {
      const deadline = setTimeout(() => reject(new Error(`no ${type} within ${withinMs} ms`)), withinMs)
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
