// What the viewer sees: hands slices to whoever paints them, and knows which frame is on the screen. The old picture stays until
// another grid has something to show: frozen, never blank.

import type { GridSize, Picture } from '../../vendor/asciline/index.ts'
import { TAG_SLICE } from '../../vendor/asciline/index.ts'
import { PicturePainter, type SlicePainter } from './slice-painter.ts'

/** What to show; the object is reused by the next tick. */
export type Shown = {
  frame: number
  /** Lent; undefined where a painter of the caller's has it. */
  picture: Picture | undefined
  /** The picture has changed since the previous tick. */
  fresh: boolean
}

/** One for all programmes of a player. */
export class ShownPicture {
  readonly #ownPainter = new PicturePainter()
  readonly #painter: SlicePainter
  #grid: GridSize = { cols: 0, rows: 0 }
  /** Something has been painted of the present grid, so that it is what is shown. */
  #gridShown = false
  #painted = false
  #shown: Shown | undefined

  /** Without a painter slices are decoded here, and what is shown brings the picture. */
  constructor(painter: SlicePainter | undefined) {
    this.#painter = painter ?? this.#ownPainter
  }

  /** The frame on the screen; undefined before the first. */
  get frame(): number | undefined {
    return this.#shown?.frame
  }

  /** The picture on the screen, lent; undefined before the first, and where a painter of the caller's has it. */
  get picture(): Picture | undefined {
    return this.#shown?.picture
  }

  /** Another programme begins. */
  begin({ cols, rows }: GridSize, epoch: number): void {
    if (this.#grid.cols !== cols || this.#grid.rows !== rows) {
      this.#grid = { cols, rows }
      this.#gridShown = false
    }
    this.#painter.begin(this.#grid, epoch)
  }

  /** Paints a message of a frame whose time has come; false when it is refused. */
  paint(frame: number, message: Uint8Array): boolean {
    if (message[4] !== TAG_SLICE) return true
    if (!this.#painter.paint(message)) return false
    this.#painted = true
    if (this.#gridShown) return true
    this.#gridShown = true
    this.#shown = { frame, picture: this.#ownPainter.picture, fresh: true }
    return true
  }

  /** The frame on the screen lacks slices: what has come of the next one may stand in for them. */
  mend(messagesOfNext: readonly Uint8Array[]): void {
    if (!this.#gridShown) return
    for (const message of messagesOfNext) {
      if (message[4] !== TAG_SLICE) continue
      this.#painter.mend(message)
      this.#painted = true
    }
  }

  /** The time of a frame has come; false while there is nothing of its grid to show. */
  present(frame: number): boolean {
    if (this.#shown === undefined || !this.#gridShown) return false
    this.#shown.frame = frame
    return true
  }

  /** What to show, `fresh` when something was painted since the last time; undefined before the first picture. */
  take(): Shown | undefined {
    if (this.#shown === undefined) return undefined
    this.#shown.fresh = this.#painted
    this.#painted = false
    return this.#shown
  }
}
