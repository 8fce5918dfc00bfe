// What the page knows of the programme, in one place: components read it, and are told when it has changed.

import type { Pace, SessionStatus } from '../../../signaling/messages.ts'
import type { LocalTime } from '../../../vendor/asciline/index.ts'
import { localTime } from '../../../vendor/asciline/index.ts'
import type { DoorError } from '../door.ts'
import type { Link } from '../link.ts'
import type { QueueEntry } from './listings.ts'

export type Facts = {
  link: Link
  status: SessionStatus | undefined
  /** When the status came. */
  statusAt: LocalTime
  queue: readonly QueueEntry[]
  /** Query of a play command that has not been answered yet. */
  asking: string | undefined
  /** The last command was refused with this. */
  refusal: DoorError | undefined
  /** Something that has just happened, for a few seconds. */
  notice: string | undefined
  /** A picture of the present programme has been shown. */
  picture: boolean
  /** Frames are due and do not come. */
  stalled: boolean
  /** What this viewer is sent of the picture. */
  pace: Pace
}

/** Holds the facts. Listeners are called in the order they came, at once, and only for changes. */
export class ProgrammeState {
  #facts: Facts = {
    link: { kind: 'connecting' },
    status: undefined,
    statusAt: localTime(0),
    queue: [],
    asking: undefined,
    refusal: undefined,
    notice: undefined,
    picture: false,
    stalled: false,
    pace: 'full',
  }
  readonly #listeners: ((facts: Facts) => void)[] = []

  get facts(): Facts {
    return this.#facts
  }

  onChange(listener: (facts: Facts) => void): void {
    this.#listeners.push(listener)
  }

  change(news: Partial<Facts>): void {
    const before = this.#facts
    const names = Object.keys(news) as (keyof Facts)[]
    if (names.every((name) => before[name] === news[name])) return
    this.#facts = { ...before, ...news }
    for (const listener of this.#listeners) listener(this.#facts)
  }
}

/** True while a programme is found, played or stands still. */
export function isActive(status: SessionStatus | undefined): boolean {
  return status?.state === 'playing' || status?.state === 'paused' || status?.state === 'resolving'
}

/** True while a programme is on the screens, moving or not. */
export function isOn(status: SessionStatus | undefined): boolean {
  return status?.state === 'playing' || status?.state === 'paused'
}
