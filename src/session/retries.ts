// When a lost source is opened again, and when a programme's addresses need replacing before they expire. Pure.

/** Pauses before the tries; after the last the programme has failed. */
export const RETRY_MS: readonly number[] = [500, 2000, 5000]

/** A source that has played this long was well: what happens to it then is a new misfortune. */
const WELL_SECONDS = 10

/** New addresses are asked for this long before the old ones expire: finding them can take a minute and several tries. */
const REFRESH_AHEAD_MS = 10 * 60_000

/** Counts the tries of one misfortune. */
export class Retries {
  readonly #waitsMs: readonly number[]
  #used = 0

  constructor({ waitsMs = RETRY_MS }: { waitsMs?: readonly number[] | undefined } = {}) {
    this.#waitsMs = waitsMs
  }

  /** Tries made since all was well. */
  get used(): number {
    return this.#used
  }

  /** Milliseconds to wait before the next try; undefined when there is none left. `playedSeconds` by the source just lost. */
  next(playedSeconds: number): number | undefined {
    if (playedSeconds >= WELL_SECONDS) this.#used = 0
    const wait = this.#waitsMs[this.#used]
    if (wait !== undefined) this.#used += 1
    return wait
  }

  /** Somebody has chosen another place: whatever was wrong, it is tried afresh. */
  reset(): void {
    this.#used = 0
  }
}

/**
 * Wall-clock milliseconds at which addresses that expire at `expiresAt` are to be replaced; undefined for those that do
 * not. Addresses that are given with less time than the margin are used for half of what they have.
 */
export function refreshAt(expiresAt: number | undefined, resolvedAt: number): number | undefined {
  if (expiresAt === undefined) return undefined
  return Math.max(expiresAt - REFRESH_AHEAD_MS, resolvedAt + (expiresAt - resolvedAt) / 2)
}
