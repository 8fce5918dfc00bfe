// Decodes slices into a picture and draws it on a surface: what a rung does, in the page or in a worker.

import type { GridSize, Picture, Surface, SurfaceLayout } from '../../../vendor/asciline/index.ts'
import { RepairingDecoder } from '../../playback/repairing-decoder.ts'

/** One surface and the picture on it. Grid, layout and slices may come in any order. */
export class Easel {
  readonly #surface: Surface
  #decoder: RepairingDecoder | undefined
  #layout: SurfaceLayout | undefined
  /** The layout is not on the surface yet: the first picture of its grid has not come. */
  #pending = false
  #painted = false
  /** Something of the present grid has been painted, so that drawing it is no flash of black. */
  #hasPicture = false

  constructor(surface: Surface) {
    this.#surface = surface
  }

  /** What is decoded so far, lent. */
  get picture(): Picture | undefined {
    return this.#decoder?.picture
  }

  /** Another epoch, perhaps of another grid; `seed` is what an earlier easel had of it. The old picture stays on screen. */
  begin(grid: GridSize, epoch: number, seed?: Picture): void {
    const { picture } = this
    if (picture?.cols !== grid.cols || picture.rows !== grid.rows) {
      this.#decoder = new RepairingDecoder(grid)
      this.#painted = false
      this.#hasPicture = false
    }
    this.#decoder?.epoch(epoch)
    if (seed === undefined || this.picture?.cols !== seed.cols || this.picture.rows !== seed.rows) return
    this.picture.y.set(seed.y)
    this.picture.cb.set(seed.cb)
    this.picture.cr.set(seed.cr)
    this.#painted = this.#hasPicture = true
  }

  /** Lays out anew, and draws at once when there is something of that grid to draw. */
  arrange(layout: SurfaceLayout): void {
    this.#layout = layout
    this.#pending = true
    if (this.#fits() && this.#hasPicture) this.#draw()
  }

  /** Decodes one slice; false when it is refused. */
  paint(message: Uint8Array): boolean {
    if (this.#decoder?.decode(message) !== true) return false
    this.#painted = this.#hasPicture = true
    return true
  }

  /** Paints what a slice of the next frame holds in place of the present one. */
  mend(message: Uint8Array): void {
    if (!this.#hasPicture || this.#decoder?.mend(message) !== true) return
    this.#painted = true
  }

  /** Draws what was painted since the last time; false when that was nothing. */
  show(): boolean {
    if (!this.#painted || !this.#fits()) return false
    this.#draw()
    return true
  }

  close(): void {
    this.#surface.close()
  }

  #fits(): boolean {
    return this.#layout?.cols === this.picture?.cols && this.#layout?.rows === this.picture?.rows
  }

  #draw(): void {
    if (this.#layout === undefined || this.#decoder === undefined) return
    if (this.#pending) this.#surface.resize(this.#layout)
    this.#pending = false
    this.#painted = false
    this.#surface.draw(this.#decoder.picture)
  }
}
