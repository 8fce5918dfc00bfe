// Keeps the first slices of an epoch that has not been announced: the frames channel is unordered and may overtake the
// announcement on the control channel.

/** About a second of frames and the joiner's all-blocks pictures; older ones are repainted within a second anyway. */
const CAPACITY = 128

/** Bounded first-in first-out of messages by epoch (mod 16). */
export class UnannouncedSlices {
  #messages: { epoch: number; message: Uint8Array }[] = []

  /** Keeps a message; the oldest goes when there are too many. */
  push(epoch: number, message: Uint8Array): void {
    if (this.#messages.length >= CAPACITY) this.#messages.shift()
    this.#messages.push({ epoch, message })
  }

  /** Messages of the epoch in order of arrival; everything else is forgotten. */
  take(epoch: number): Uint8Array[] {
    const own = this.#messages.filter((held) => held.epoch === epoch).map((held) => held.message)
    this.#messages = []
    return own
  }
}
