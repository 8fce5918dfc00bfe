// Keeps frame changes away from the moments at which the display is asked, so that jitter cannot push a frame into the next
// refresh and back: 60 on 60 Hz skips nothing, 30 on 60 lasts two refreshes each, 24 on 60 two and three in turn.
//
//   refreshes    |     |     |     |     |     |         of 24 frames/s on 60 Hz: places within a frame repeat every 5
//   frames       [ n         . ] [ n+1 . ]               refreshes, 1/5 frame apart; the change is moved to the middle
//                              ^ change                  between two such places, at most 1/10 frame = 4 ms away

/** Patterns longer than this many refreshes have places too close together to aim between. */
const LONGEST_PATTERN = 10
/** Frames of error per pattern that still count as the pattern: displays are named 60 Hz and run at 59.94. */
const TOLERANCE = 0.03
const SMOOTHING = 0.04
/** The shift follows a drifting phase beyond half a place before it jumps back, or it would jump to and fro there. */
const HYSTERESIS = 0.7

/** Before that the mean still moves, and the shorter way is the better one. */
const SETTLED_REFRESHES = 25

/** Pure; asked once in every display refresh. */
export class FramePhase {
  #cos = 0
  #sin = 0
  #shift = 0
  #refreshes = 0
  #seen = 0

  /**
   * Frames to add to the `position` (in frames) at a refresh, within a display interval either way; 0 where frame rate and
   * display have no common pattern.
   */
  shift(position: number, framesPerRefresh: number): number {
    const refreshes = patternOf(framesPerRefresh)
    if (refreshes !== this.#refreshes) this.reset()
    this.#refreshes = refreshes
    if (refreshes === 0) return 0
    const angle = 2 * Math.PI * ((position * refreshes) % 1)
    this.#seen += 1
    const share = Math.max(SMOOTHING, 1 / this.#seen)
    this.#cos += (Math.cos(angle) - this.#cos) * share
    this.#sin += (Math.sin(angle) - this.#sin) * share
    // Where the mean place lies between two changes, -0.5 .. 0.5 places from the middle.
    const off = Math.atan2(-this.#sin, -this.#cos) / (2 * Math.PI)
    const before = this.#shift * refreshes
    const nearest = -off + Math.round(before + off)
    const settled = this.#seen > SETTLED_REFRESHES && Math.abs(nearest) <= HYSTERESIS
    this.#shift = (settled ? nearest : -off) / refreshes
    return this.#shift
  }

  /** Another programme, or a jump of the clock. */
  reset(): void {
    this.#cos = 0
    this.#sin = 0
    this.#shift = 0
    this.#seen = 0
  }
}

/** Refreshes after which the pattern of frames repeats; 0 when that takes too many. */
function patternOf(framesPerRefresh: number): number {
  for (let refreshes = 1; refreshes <= LONGEST_PATTERN; refreshes++) {
    const frames = framesPerRefresh * refreshes
    if (frames > 0.5 && Math.abs(frames - Math.round(frames)) < TOLERANCE) return refreshes
  }
  return 0
}
