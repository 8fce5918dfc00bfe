// What the page and the drawing worker say to each other. The same build made both, so nothing here is checked.

import type { GridSize, Picture, SurfaceLayout } from '../../../vendor/asciline/index.ts'
import type { RungFigures } from './rung.ts'

/** A picture as structured cloning brings it: the same fields, no longer of the class. */
export type Planes = Pick<Picture, 'cols' | 'rows' | 'y' | 'cb' | 'cr'>

export type WorkerSurface = 'webgl2' | 'webgl2-software' | 'direct' | 'bitmap'

export type ToWorker =
  | { kind: 'open'; canvas: OffscreenCanvas; surface: WorkerSurface }
  | { kind: 'begin'; grid: GridSize; epoch: number; seed: Planes | undefined }
  | { kind: 'arrange'; layout: SurfaceLayout }
  /**
   * Slices of one display frame, in the order to paint them; those with these numbers only mend. To be shown with the first
   * refresh from `showAt` on, in milliseconds of the clock that page and worker share (`performance.timeOrigin + performance.now()`).
   */
  | { kind: 'slices'; messages: ArrayBuffer[]; mends: number[]; showAt: number | undefined }
  | { kind: 'ask-picture' }
  | { kind: 'ask-figures' }

export type FromWorker =
  | { kind: 'opened' }
  /** This rung cannot be had, or not any more. */
  | { kind: 'failed'; reason: string }
  | { kind: 'picture'; planes: Planes | undefined }
  | { kind: 'figures'; figures: RungFigures }
