// Lets a viewer at the end of a long or shaky path see everything a little later than the others, rather than every frame late or
// with holes in it: the playout delay is the session's, and for some it is too short.

/** Frames looked at together: two seconds of a film. */
const WINDOW = 64
/** After so many it is known whether the path is too long altogether; that is said before the sound has begun. */
const FIRST = 8
/** One late frame in twenty is left to be late. */
const SHARE = 0.95
const LEARN_EVERY_MS = 250
/** A path that is too long for this long is not having a moment: that has left the window by then. */
const RAISE_AFTER_MS = 4000
/** More than what was missing, or the next breeze would raise it again. */
const HEADROOM_MS = 8
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
    if (this.#count < FIRST || now - this.#learnedAt < LEARN_EVERY_MS) return
    const isFirst = this.#learnedAt === Number.NEGATIVE_INFINITY
    this.#learnedAt = now
    const wanted = Math.min(MAX_MS, Math.max(0, this.#needed(needs) - needs.playoutDelayMs))
    this.#shortSince = wanted > this.#ms ? (this.#shortSince ?? now) : undefined
    this.#spareSince = wanted + LOWER_STEP_MS < this.#ms ? (this.#spareSince ?? now) : undefined
    if (this.#shortSince !== undefined && (isFirst || now - this.#shortSince >= RAISE_AFTER_MS)) {
      this.#ms = Math.min(MAX_MS, wanted + HEADROOM_MS)
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

  #needed({ offsetMs, playoutDelayMs, aheadMs, answerMs }: DelayNeeds): number {
    const known = Math.min(WINDOW, this.#count)
    // A page that is still starting is late itself: of so few only the middle says something.
    const share = known < WINDOW ? 0.5 : SHARE
    this.#sorted.fill(Number.POSITIVE_INFINITY)
    for (let i = 0; i < known; i++) this.#sorted[i] = this.#arrivals[i]
    this.#sorted.sort()
    const needed = this.#sorted[Math.floor(share * (known - 1))] + offsetMs + aheadMs
    this.#isLossy = this.#loss > (this.#isLossy ? LOSSLESS : LOSSY)
    if (!this.#isLossy) return needed
    const forAnswer = this.#sorted[known >> 1] + offsetMs + answerMs + aheadMs
    // Where even the longest delay is too short for an answer, there is no point in waiting for one.
    return forAnswer > playoutDelayMs + MAX_MS ? needed : Math.max(needed, forAnswer)
  }
}
