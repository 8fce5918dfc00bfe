// A rung in a worker: the page only hands over the slices of each display frame.

import type { GridSize, Picture, SurfaceLayout } from '../../../vendor/asciline/index.ts'
import { copyOf } from './page-rung.ts'
import type { Rung, RungFigures, RungName } from './rung.ts'
import type { FromWorker, ToWorker, WorkerSurface } from './worker-messages.ts'

const NOTHING: RungFigures = { drawn: 0, presented: 0, busyMs: 0 }

export type WorkerRungOptions = {
  name: RungName
  surface: WorkerSurface
  canvas: HTMLCanvasElement
  /** It cannot be had, or not any more. */
  onFailed: (reason: string) => void
}

/** True where a canvas can be drawn on by a worker. */
export function hasWorkerCanvas(): boolean {
  return (
    typeof Worker !== 'undefined' &&
    typeof OffscreenCanvas !== 'undefined' &&
    typeof HTMLCanvasElement.prototype.transferControlToOffscreen === 'function'
  )
}

/** Owns one worker and the canvas it draws on. */
export class WorkerRung implements Rung {
  readonly name: RungName
  readonly waits = true
  readonly #worker: Worker
  readonly #batch: ArrayBuffer[] = []
  /** Which of the batch only mend. */
  readonly #mends: number[] = []
  #gotPicture: ((picture: Picture | undefined) => void)[] = []
  #gotFigures: ((figures: RungFigures) => void)[] = []

  constructor({ name, surface, canvas, onFailed }: WorkerRungOptions) {
    this.name = name
    // Not a module: those came to workers a version after the oldest browser that is served.
    this.#worker = new Worker(new URL('./screen-worker.ts', import.meta.url))
    this.#worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      if (data.kind === 'failed') onFailed(data.reason)
      else if (data.kind === 'picture') this.#pictureCame(data.planes && copyOf(data.planes))
      else if (data.kind === 'figures') this.#gotFigures.shift()?.(data.figures)
    }
    this.#worker.onerror = ({ message }) => onFailed(message)
    const offscreen = canvas.transferControlToOffscreen()
    this.#say({ kind: 'open', canvas: offscreen, surface }, [offscreen])
  }

  begin(grid: GridSize, epoch: number, seed?: Picture): void {
    this.show()
    const planes = seed && { cols: seed.cols, rows: seed.rows, y: seed.y, cb: seed.cb, cr: seed.cr }
    this.#say({ kind: 'begin', grid, epoch, seed: planes })
  }

  arrange(layout: SurfaceLayout): void {
    this.#say({ kind: 'arrange', layout })
  }

  /** The worker judges later; what reaches it was well-formed and of this epoch. */
  paint(message: Uint8Array): boolean {
    const whole = message.byteOffset === 0 && message.byteLength === message.buffer.byteLength
    this.#batch.push((whole ? message.buffer : message.slice().buffer) as ArrayBuffer)
    return true
  }

  /** A copy: the memory goes to the worker when the slice's own time has come. */
  mend(message: Uint8Array): void {
    this.#mends.push(this.#batch.length)
    this.#batch.push(message.slice().buffer as ArrayBuffer)
  }

  /** Runs in every display frame: one message with the memory of a few slices, 0.1 ms. */
  show(at?: number, ms = 0): void {
    if (this.#batch.length === 0) return
    // Half way between the next refresh and the one after it: no rounding of either clock can make it another.
    const showAt = at === undefined ? undefined : performance.timeOrigin + at + 1.5 * ms
    this.#say({ kind: 'slices', messages: this.#batch, mends: this.#mends, showAt }, this.#batch)
    this.#batch.length = 0
    this.#mends.length = 0
  }

  picture(): Promise<Picture | undefined> {
    this.#say({ kind: 'ask-picture' })
    return new Promise((resolve) => this.#gotPicture.push(resolve))
  }

  figures(): Promise<RungFigures> {
    this.#say({ kind: 'ask-figures' })
    return new Promise((resolve) => this.#gotFigures.push(resolve))
  }

  close(): void {
    this.#worker.terminate()
    // Whoever still waits for an answer gets the only one there is.
    for (const got of this.#gotPicture.splice(0)) got(undefined)
    for (const got of this.#gotFigures.splice(0)) got(NOTHING)
  }

  #pictureCame(picture: Picture | undefined): void {
    this.#gotPicture.shift()?.(picture)
  }

  #say(message: ToWorker, transfer: Transferable[] = []): void {
    this.#worker.postMessage(message, transfer)
  }
}
