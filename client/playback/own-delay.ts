// Lets a viewer at the end of a long or shaky path see everything a little later than the others, rather than every frame late or
// with holes in it: the playout delay is the session's, and for some it is too short.

/** Frames looked at together: two seconds of a film. */
const WINDOW = 64
/** Where so many of them are late the path is too long, whatever else is the matter: that is believed at once. */
const MOST = 0.75
/** One late frame in twenty is left to be late; more of them are when they have been for a while, and not when a page is starting. */
const SHARE = 0.95
const RAISE_AFTER_MS = 10_000
const LEARN_EVERY_MS = 250
/** More than what was missing, or the next breeze would raise it again. */
const HEADROOM_MS = 16
/** Nearer to the others again, in steps that sound and picture follow without a jump, and not before it has been calm for a while. */
const LOWER_AFTER_MS = 20_000
const LOWER_EVERY_MS = 5000
const LOWER_STEP_MS = 20
const MAX_MS = 400
/** How slowly the share of frames with losses is learned, and from when to when there is time for an answer. */
const LOSS_FRAMES = 256
const LOSSY = 0.006
const LOSSLESS = 0.002

/** What the delay has to be long enough for; all in milliseconds. */
export type DelayNeeds = {
  /** Server clock minus local clock. */
  offsetMs: number
  /** The delay that all viewers have. */
  playoutDelayMs: number
  /** How long before it is seen a frame has to be handed to the display. */
  aheadMs: number
  /** From the usual arrival of a slice that is lost to that of the answer to the question for it. */
  answerMs: number
}

/** Pure: time is an argument. Allocates nothing in steady state. */
export class OwnDelay {
  /** Local time of arrival minus the server's time of departure: what the clocks differ by is learned all the time. */
  readonly #arrivals = new Float64Array(WINDOW)
  readonly #sorted = new Float64Array(WINDOW)
  #count = 0
  #loss = 0
  #isLossy = false
  #ms = 0
  #learnedAt = Number.NEGATIVE_INFINITY
  #shortSince: number | undefined
  #spareSince: number | undefined

  /** How much later than the others, in milliseconds. */
  get ms(): number {
    return this.#ms
  }

  /** A frame is complete that left the server at `leftAt` by its clock; `asked`: not without a question. */
  arrived(leftAt: number, asked: boolean, now: number): void {
    this.#loss += ((asked ? 1 : 0) - this.#loss) / LOSS_FRAMES
    if (asked) return
    this.#arrivals[this.#count % WINDOW] = now - leftAt
    this.#count += 1
  }

  /** Draws the conclusions, a few times a second. */
  learn(needs: DelayNeeds, now: number): void {
    if (this.#count < WINDOW || now - this.#learnedAt < LEARN_EVERY_MS) return
    this.#learnedAt = now
    this.#sorted.set(this.#arrivals)
    this.#sorted.sort()
    const wanted = this.#missing(Math.max(this.#arrival(SHARE, needs), this.#answer(needs)), needs)
    this.#shortSince = wanted > this.#ms ? (this.#shortSince ?? now) : undefined
    this.#spareSince = wanted + LOWER_STEP_MS < this.#ms ? (this.#spareSince ?? now) : undefined
    if (this.#missing(this.#arrival(1 - MOST, needs), needs) > this.#ms) {
      this.#raise(this.#missing(this.#arrival(MOST, needs), needs))
    } else if (this.#shortSince !== undefined && now - this.#shortSince >= RAISE_AFTER_MS) {
      this.#raise(wanted)
      this.#shortSince = undefined
    } else if (this.#spareSince !== undefined && now - this.#spareSince >= LOWER_AFTER_MS) {
      this.#ms -= LOWER_STEP_MS
      this.#spareSince = now - LOWER_AFTER_MS + LOWER_EVERY_MS
    }
  }

  /** Another path: what the old one was like says nothing; the delay stays until this one is known. */
  reset(): void {
    this.#count = 0
    this.#loss = 0
    this.#isLossy = false
    this.#learnedAt = Number.NEGATIVE_INFINITY
    this.#shortSince = undefined
    this.#spareSince = undefined
  }

  #raise(ms: number): void {
    this.#ms = Math.min(MAX_MS, ms + HEADROOM_MS)
  }

  /** By how much this delay is longer than the one that all viewers have. */
  #missing(delayMs: number, { playoutDelayMs }: DelayNeeds): number {
    return Math.min(MAX_MS, Math.max(0, delayMs - playoutDelayMs))
  }

  /** The delay with which this share of the frames can be displayed in time. */
  #arrival(share: number, { offsetMs, aheadMs }: DelayNeeds): number {
    return this.#sorted[Math.round(share * (WINDOW - 1))] + offsetMs + aheadMs
  }

  /** The delay that leaves time for the answer to a question, where there are losses and it is not too long for any. */
  #answer(needs: DelayNeeds): number {
    this.#isLossy = this.#loss > (this.#isLossy ? LOSSLESS : LOSSY)
    if (!this.#isLossy) return 0
    const delayMs = this.#arrival(0.5, needs) + needs.answerMs
    return delayMs > needs.playoutDelayMs + MAX_MS ? 0 : delayMs
  }
}
