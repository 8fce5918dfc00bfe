// Which frames may change macroblocks whose base has gone out only once: about every second one, and then all over the picture.
//
// A change is shown only by whoever has its base. Were bases of all ages mixed, nearly every slice would hold some, and each
// one lost would spoil two frames. So one frame codes whole what moves, and the next builds on it: a lost slice of the second
// kind spoils one frame alone.

import type { ChangeDetector } from './change-detector.ts'
import { WHOLE } from './contexts.ts'

/** By now a base has been mended and repeated, so that hardly anybody lacks it: it is built on in every frame. */
const SETTLED_FRAMES = 4
/** A frame builds on fresh bases when more than this share of what moved in it has one. */
const FRESH_SHARE = 0.4

/** Decides for one frame of `addresses[0 .. count)`; pure, so that a frame packed twice is decided alike. */
export class ChangeFrames {
  #buildsOnFresh = false
  #frame = 0

  begin(
    changes: ChangeDetector,
    sentModes: Uint8Array,
    addresses: Uint16Array,
    count: number,
    frame: number,
  ): void {
    let moved = 0
    let fresh = 0
    this.#frame = frame
    for (let index = 0; index < count; index += 1) {
      const macroblock = addresses[index]
      if (!changes.hasMoved(macroblock)) continue
      moved += 1
      if (sentModes[macroblock] === WHOLE && this.#isFresh(changes.sentAt(macroblock))) fresh += 1
    }
    this.#buildsOnFresh = fresh > FRESH_SHARE * moved
  }

  /** Whether a base that was sent in that frame may be changed in this one. */
  allows(sentAt: number): boolean {
    return this.#buildsOnFresh || !this.#isFresh(sentAt)
  }

  #isFresh(sentAt: number): boolean {
    return this.#frame - sentAt < SETTLED_FRAMES
  }
}
