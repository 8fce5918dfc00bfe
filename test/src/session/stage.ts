// A session with real sources, its pictures and words collected, for tests that need no viewer.

import { execFileSync } from 'node:child_process'
import type { ControlFromServer, SessionStatus, Timeline } from '../../../signaling/messages.ts'
import { type EncodedFrame, FrameBus } from '../../../src/encode/frame-bus.ts'
import { openLog } from '../../../src/log.ts'
import type { Media } from '../../../src/resolve/media.ts'
import { Session, type SessionOptions } from '../../../src/session/session.ts'
import { localTime } from '../../../vendor/asciline/index.ts'

export const demo: Media = {
  kind: 'demo',
  title: 'Demo',
  live: false,
  video: { url: 'demo:', format: 'lavfi' },
}

export const file = (path: string): Media => ({
  kind: 'file',
  title: 'File',
  live: false,
  video: { url: path },
})

export type Sent = EncodedFrame & { sentAt: number }

export class Stage {
  readonly session: Session
  readonly frames: Sent[] = []
  readonly said: ControlFromServer[] = []
  readonly statuses: SessionStatus[] = []
  readonly #wakes = new Set<() => void>()

  constructor(options: Partial<SessionOptions> & Pick<SessionOptions, 'resolve'>) {
    const bus = new FrameBus()
    bus.subscribe((frame) => {
      this.frames.push({ ...frame, sentAt: performance.now() })
      this.#wake()
    })
    this.session = new Session({
      ffmpeg: 'ffmpeg',
      ffprobe: 'ffprobe',
      maxSourceHeight: 720,
      preset: 'low',
      playoutDelayMs: 120,
      bus,
      announce: (message) => {
        this.said.push(message)
        this.#wake()
      },
      onStatus: (status) => {
        this.statuses.push(status)
        this.#wake()
      },
      viewers: () => 0,
      now: () => localTime(performance.now()),
      wallNow: Date.now,
      log: openLog('fatal'),
      ...options,
    })
  }

  get timelines(): Timeline[] {
    return this.said.filter((message) => message.type === 'timeline')
  }

  /** Resolves when `done` holds after something has happened; the deadline is the test's. */
  async until(done: () => boolean): Promise<void> {
    while (!done()) {
      await new Promise<void>((resolve) => {
        const wake = () => {
          clearTimeout(timer)
          this.#wakes.delete(wake)
          resolve()
        }
        const timer = setTimeout(wake, 50)
        this.#wakes.add(wake)
      })
    }
  }

  async state(name: SessionStatus['state']): Promise<SessionStatus> {
    await this.until(() => this.session.status().state === name)
    return this.session.status()
  }

  /** Resolves when a frame later than all so far has left. */
  async nextFrame(): Promise<Sent> {
    const { length } = this.frames
    await this.until(() => this.frames.length > length)
    return this.frames[length] as Sent
  }

  #wake(): void {
    for (const wake of [...this.#wakes]) wake()
  }
}

/** Process ids of the ffmpegs that this process has started and that live. */
export function ownFfmpegs(): number[] {
  return execFileSync('ps', ['-o', 'pid=,stat=,comm=', '--ppid', String(process.pid)], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes('ffmpeg') && !/ Z/.test(line))
    .map((line) => Number.parseInt(line, 10))
}
