// What makes slices visible once their time has come: a decoder right here, or one in a worker that owns the screen.

import type { GridSize, Picture } from '../../vendor/asciline/index.ts'
import { RepairingDecoder } from './repairing-decoder.ts'

export interface SlicePainter {
  /** Grid and epoch of the slices to come. What is shown stays until the first of them. */
  begin(grid: GridSize, epoch: number): void
  /** Paints a slice and may keep or give away its memory after the present task; false when it is refused. */
  paint(message: Uint8Array): boolean
  /**
   * Paints what a slice of the next frame holds in place of the one just painted, which has not come whole. The slice
   * is painted in its own time all the same, so its memory stays the caller's.
   */
  mend(message: Uint8Array): void
}

/** Decodes on the spot, for whoever wants to look at the picture itself. */
export class PicturePainter implements SlicePainter {
  #decoder: RepairingDecoder | undefined

  /** What has been painted of the present grid; undefined before the first `begin`. */
  get picture(): Picture | undefined {
    return this.#decoder?.picture
  }

  begin(grid: GridSize, epoch: number): void {
    const { picture } = this
    if (picture?.cols !== grid.cols || picture.rows !== grid.rows) this.#decoder = new RepairingDecoder(grid)
    this.#decoder?.epoch(epoch)
  }

  paint(message: Uint8Array): boolean {
    return this.#decoder?.decode(message) ?? false
  }

  mend(message: Uint8Array): void {
    this.#decoder?.mend(message)
  }
}
