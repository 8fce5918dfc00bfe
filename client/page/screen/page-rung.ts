// A rung on the page's own thread.

import { type GridSize, Picture, type Surface, type SurfaceLayout } from '../../../vendor/asciline/index.ts'
import { Easel } from './easel.ts'
import { EaselMeter } from './easel-meter.ts'
import type { Rung, RungFigures, RungName } from './rung.ts'

/** Decodes and draws where it is called. */
export class PageRung implements Rung {
  readonly name: RungName
  readonly waits = false
  readonly #easel: Easel
  readonly #meter = new EaselMeter()
  #decodeMs = 0

  constructor({ name, surface }: { name: RungName; surface: Surface }) {
    this.name = name
    this.#easel = new Easel(surface)
  }

  begin(grid: GridSize, epoch: number, seed?: Picture): void {
    this.#easel.begin(grid, epoch, seed)
  }

  arrange(layout: SurfaceLayout): void {
    this.#easel.arrange(layout)
  }

  paint(message: Uint8Array): boolean {
    const began = performance.now()
    const taken = this.#easel.paint(message)
    this.#decodeMs += performance.now() - began
    return taken
  }

  mend(message: Uint8Array): void {
    const began = performance.now()
    this.#easel.mend(message)
    this.#decodeMs += performance.now() - began
  }

  show(): void {
    this.#meter.refresh()
    const began = performance.now()
    if (!this.#easel.show()) return
    this.#meter.drew(performance.now() - began + this.#decodeMs)
    this.#decodeMs = 0
  }

  async picture(): Promise<Picture | undefined> {
    const { picture } = this.#easel
    return picture === undefined ? undefined : copyOf(picture)
  }

  async figures(): Promise<RungFigures> {
    return this.#meter.take()
  }

  close(): void {
    this.#easel.close()
  }
}

/** The same planes in memory of their own. */
export function copyOf(picture: Pick<Picture, 'cols' | 'rows' | 'y' | 'cb' | 'cr'>): Picture {
  const copy = new Picture(picture)
  copy.y.set(picture.y)
  copy.cb.set(picture.cb)
  copy.cr.set(picture.cr)
  return copy
}
