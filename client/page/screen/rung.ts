// One way of getting slices onto the screen. All rungs of the ladder have this face, so that the page can change between them
// while a programme plays.

import type { GridSize, Picture, SurfaceLayout } from '../../../vendor/asciline/index.ts'

/** Fastest first; `text` is the reference and only taken by hand. */
export const RUNGS = ['webgl2', 'worker', 'worker-bitmap', 'page', 'text'] as const
export type RungName = (typeof RUNGS)[number]

/** What a rung did since it was asked last. */
export type RungFigures = {
  /** Pictures drawn. */
  drawn: number
  /** Display refreshes that had a new picture to show. */
  presented: number
  /** Decoding and drawing, summed over the pictures. */
  busyMs: number
}

export interface Rung {
  readonly name: RungName
  /** Pictures that come with every refresh are drawn with the next but one: see RefreshQueue. */
  readonly waits: boolean
  begin(grid: GridSize, epoch: number, seed?: Picture): void
  arrange(layout: SurfaceLayout): void
  /** Takes one slice whose time has come, and its memory; false when it is refused. */
  paint(message: Uint8Array): boolean
  /** Paints what a slice of the next frame holds in place of the present one; its memory stays the caller's. */
  mend(message: Uint8Array): void
  /**
   * End of a display frame, that of the refresh `at` on the clock of `performance.now()`, with one every `ms`: what was painted in
   * it is shown, at once where no refresh is given.
   */
  show(at?: number, ms?: number): void
  /** A copy of what is on the screen; undefined while there is nothing. */
  picture(): Promise<Picture | undefined>
  figures(): Promise<RungFigures>
  close(): void
}
