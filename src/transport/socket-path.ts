// Keeps the books of frames sent over a TCP connection: what has arrived, how long it takes, what stands in a queue.
// `bufferedAmount` alone does not tell: the kernel takes up to some megabytes, and a proxy in front as much again, which is
// half a minute of picture that cannot be taken back. So the page acknowledges each frame, and only those count as gone.

import type { LocalTime } from '../../vendor/asciline/index.ts'
import type { Path } from './way.ts'

/** What an idle page may take longer than its best to answer: it decodes and draws on the same thread. */
const SLACK_MS = 30
/** The best round trip is that of the last one to two of these: a path changes. */
const BEST_WINDOW_MS = 10_000
/** Frames remembered; a viewer that is this far behind has long been stalled. */
const MAX_UNDER_WAY = 512

type Sent = { number: number; bytes: number; at: LocalTime }

/** Pure: time comes as an argument. */
export class SocketPath implements Path {
  readonly counters = { sent: 0, lost: 0 }
  readonly awaitsAck = false
  #next = 0
  #underWay: Sent[] = []
  #unackedBytes = 0
  #roundTripMs: number | undefined
  #bestMs: number | undefined
  #bestBeforeMs: number | undefined
  #windowSince = Number.NEGATIVE_INFINITY

  get unackedBytes(): number {
    return this.#unackedBytes
  }

  get roundTripMs(): number | undefined {
    return this.#roundTripMs
  }

  get bestRoundTripMs(): number | undefined {
    return this.#bestMs === undefined ? undefined : this.#best()
  }

  /** The number the next frame goes by. */
  get nextNumber(): number {
    return this.#next
  }

  /** Notes that the next frame has left. False when so many are unacknowledged that no more are remembered. */
  push(bytes: number, now: LocalTime): boolean {
    if (this.#underWay.length >= MAX_UNDER_WAY) return false
    this.#underWay.push({ number: this.#next, bytes, at: now })
    this.#unackedBytes += bytes
    this.#next = (this.#next + 1) >>> 0
    return true
  }

  /** Takes an acknowledgement of everything up to `number`. False when it names nothing that is under way. */
  ack(number: number, now: LocalTime): boolean {
    const last = this.#underWay.findIndex((sent) => sent.number === number)
    if (last < 0) return false
    const newest = this.#underWay[last]!
    for (let i = 0; i <= last; i += 1) this.#unackedBytes -= this.#underWay[i]!.bytes
    this.#underWay.splice(0, last + 1)
    this.#measure(Math.max(0, now - newest.at), now)
    return true
  }

  standingBytes(now: LocalTime): number {
    // Before the first acknowledgement nothing is known of the path: all of it counts.
    const before = this.#bestMs === undefined ? now : now - this.#best() - SLACK_MS
    let bytes = 0
    for (const sent of this.#underWay) {
      if (sent.at > before) break
      bytes += sent.bytes
    }
    return bytes
  }

  renewBest(): void {
    this.#windowSince = Number.NEGATIVE_INFINITY
    this.#bestMs = undefined
    this.#bestBeforeMs = undefined
  }

  #measure(roundTripMs: number, now: LocalTime): void {
    const smoothed = this.#roundTripMs
    this.#roundTripMs = smoothed === undefined ? roundTripMs : smoothed + (roundTripMs - smoothed) / 8
    if (now - this.#windowSince > BEST_WINDOW_MS) {
      this.#windowSince = now
      this.#bestBeforeMs = this.#bestMs
      this.#bestMs = roundTripMs
    } else this.#bestMs = Math.min(this.#bestMs ?? roundTripMs, roundTripMs)
  }

  #best(): number {
    return Math.min(this.#bestMs ?? 0, this.#bestBeforeMs ?? Number.POSITIVE_INFINITY)
  }
}
