// What one viewer says, on control and over the unordered channel: read, checked and bounded. A viewer that talks too much or
// nonsense is given up; a question too many only stays unanswered.

import {
  type ControlFromViewer,
  controlFromViewer,
  type FleetingFromViewer,
  fleetingFromViewer,
  MAX_CONTROL_BYTES,
} from '../../signaling/messages.ts'
import { TokenBucket } from '../../signaling/token-bucket.ts'
import type { LocalTime } from '../../vendor/asciline/index.ts'

/** Control messages a viewer may send: a few a second are normal. */
const CONTROL_RATE = { burst: 60, perSecond: 30 }
const MAX_MALFORMED = 20

/** Questions for missing slices; more than these stay unanswered. */
const FLEETING_RATE = { burst: 40, perSecond: 80 }

export type ViewerInboxOptions = {
  now: LocalTime
  onControl(message: ControlFromViewer, now: LocalTime): void
  onQuestion(question: FleetingFromViewer, now: LocalTime): void
  /** It is of no use to go on with this viewer. */
  onAbuse(why: 'flood' | 'malformed'): void
}

/** Pure: time is an argument. */
export class ViewerInbox {
  readonly #options: ViewerInboxOptions
  readonly #control: TokenBucket
  readonly #fleeting: TokenBucket
  #malformed = 0

  constructor(options: ViewerInboxOptions) {
    this.#options = options
    this.#control = new TokenBucket(CONTROL_RATE, options.now)
    this.#fleeting = new TokenBucket(FLEETING_RATE, options.now)
  }

  /** A text of the control channel. */
  control(text: string, now: LocalTime): void {
    if (!this.#control.take(now)) {
      this.#options.onAbuse('flood')
      return
    }
    const message = parse(controlFromViewer, text)
    if (message === undefined) this.malformed()
    else this.#options.onControl(message, now)
  }

  /** A text of the frames channel. */
  fleeting(text: string, now: LocalTime): void {
    if (!this.#fleeting.take(now)) return
    const question = parse(fleetingFromViewer, text)
    if (question === undefined) this.malformed()
    else this.#options.onQuestion(question, now)
  }

  /** Something came that no viewer sends. */
  malformed(): void {
    this.#malformed += 1
    if (this.#malformed >= MAX_MALFORMED) this.#options.onAbuse('malformed')
  }
}

function parse<Message>(schema: { parse(value: unknown): Message }, text: string): Message | undefined {
  if (text.length > MAX_CONTROL_BYTES) return undefined
  try {
    return schema.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}
