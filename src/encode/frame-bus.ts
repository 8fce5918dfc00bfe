// Carries every encoded frame from the one encoder to whoever sends it on.

import type { LocalTime } from '../../vendor/asciline/index.ts'

/** One frame, encoded once: all its slices, each a complete data-channel message. The bytes are never written again. */
export type EncodedFrame = {
  epoch: number
  index: number
  slices: readonly Uint8Array[]
  /** The same frame encoded coarser, while a viewer needs it. `isWhole`: needs nothing of the frames before it. */
  coarse?: { slices: readonly Uint8Array[]; isWhole: boolean }
  /** When the pacer meant it to leave. */
  dueAt: LocalTime
  /** The picture itself, rgb24 at grid size, in the process that encodes it; valid while the listener runs. */
  rgb?: Uint8Array
}

export type FrameListener = (frame: EncodedFrame) => void

/** In-process publish and subscribe; a listener must not throw and must not block. */
export class FrameBus {
  readonly #listeners = new Set<FrameListener>()
  /** Viewers who need coarse slices besides; the encoder looks at it with every frame. */
  coarseViewers = 0

  publish(frame: EncodedFrame): void {
    for (const listener of this.#listeners) listener(frame)
  }

  /** Returns the way to leave. */
  subscribe(listener: FrameListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
