// Lets frames through to the transport process only as fast as it takes them. A process that is busy or stuck must not find
// seconds of old picture in its pipe: few frames are under way to it, one waits, and that is always the newest.

import type { EncodedFrame } from '../encode/frame-bus.ts'

/** Frames under way; at 60 a second these are 100 ms, after which a frame could hardly be shown any more. */
const MAX_UNDER_WAY = 6

/** A frame and the number it is acknowledged by. */
export type NumberedFrame = { number: number; frame: EncodedFrame }

/** Pure. What it returns is to be sent. */
export class FrameWindow {
  #next = 0
  #oldest = 0
  #held: EncodedFrame | undefined
  /** Frames that gave way to newer ones. */
  replaced = 0

  push(frame: EncodedFrame): NumberedFrame | undefined {
    if (this.#held !== undefined) this.replaced += 1
    this.#held = frame
    return this.#release()
  }

  /** The other side has taken in everything up to this number. */
  taken(number: number): NumberedFrame | undefined {
    if (number >= this.#oldest && number < this.#next) this.#oldest = number + 1
    return this.#release()
  }

  /** Nobody is there to take anything any more. */
  clear(): void {
    this.#oldest = this.#next
    this.#held = undefined
  }

  #release(): NumberedFrame | undefined {
    const frame = this.#held
    if (frame === undefined || this.#next - this.#oldest >= MAX_UNDER_WAY) return undefined
    this.#held = undefined
    const number = this.#next
    this.#next += 1
    return { number, frame }
  }
}
