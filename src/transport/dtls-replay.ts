// Refuses records that have come before (RFC 6347 4.1.2.6): werift opens whatever its keys fit, as often as somebody on the path
// likes to send it. A record counts as seen once its seal was whole, so that nobody without the keys can move the window.

import type { Insides, RecordInside } from './werift.ts'

const APPLICATION_DATA = 23
/** Records that may overtake each other by this many: more than a flight on any path. */
const WINDOW = 1024

/** Which numbers have come, as far back as anybody can be late. Allocates nothing. */
export class ReplayWindow {
  readonly #slots = new Float64Array(WINDOW).fill(-1)
  #highest = -1

  /** True for a number that has come, or is too old to tell. */
  has(number: number): boolean {
    return number <= this.#highest - WINDOW || this.#slots[number % WINDOW] === number
  }

  add(number: number): void {
    this.#slots[number % WINDOW] = number
    if (number > this.#highest) this.#highest = number
  }
}

/** The window of one session; undefined until the handshake has ended. */
export type RecordNumbers = { window: ReplayWindow | undefined }

/** From the end of the handshake on each record of data is opened once. */
export function refuseReplays(insides: Insides): RecordNumbers {
  const numbers: RecordNumbers = { window: undefined }
  insides.onDtlsState((state) => {
    const cipher = insides.session()?.cipher
    if (state !== 'connected' || cipher === undefined) return
    const window = new ReplayWindow()
    numbers.window = window
    const decryptPacket = cipher.decryptPacket
    cipher.decryptPacket = (record: RecordInside) => {
      const { contentType, sequenceNumber } = record.recordLayerHeader
      // Alerts are opened twice, once by the guard; the first of them is the last anyway.
      if (contentType !== APPLICATION_DATA) return decryptPacket.call(cipher, record)
      if (window.has(sequenceNumber)) throw new Error('a record that has come before')
      const opened = decryptPacket.call(cipher, record)
      window.add(sequenceNumber)
      return opened
    }
  })
  return numbers
}
