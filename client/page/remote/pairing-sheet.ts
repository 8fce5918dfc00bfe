// Shows the code that makes a phone a remote control, with the time it is good for; a new one comes when that is over.

import { build, write } from '../build.ts'
import { Sheet } from '../controls/sheet.ts'
import type { Door } from '../door.ts'
import { onlyHere, remoteLink } from './pairing.ts'
import { drawQrCode } from './qr-code.ts'

/** Tickets are good for 60 s; the last seconds are for whoever is pointing a camera at it now. */
const LIFETIME_MS = 60_000
const MARGIN_MS = 5000
const TICK_MS = 250

export type PairingSheetOptions = { door: Door; opener: HTMLElement }

/** Asks for tickets only while it is open. */
export class PairingSheet {
  readonly #door: Door
  readonly #sheet: Sheet
  readonly #code = build('canvas', {
    class: 'qr',
    id: 'qr-code',
    role: 'img',
    'aria-label': 'QR code of the remote control',
  })
  readonly #left = build('p', { class: 'pairing-left', id: 'pairing-left' })
  readonly #gauge = build('span', { class: 'pairing-gauge' })
  #timer: ReturnType<typeof setInterval> | undefined
  #renewAt = 0
  #asking = false

  constructor({ door, opener }: PairingSheetOptions) {
    this.#door = door
    this.#sheet = new Sheet({
      id: 'pairing-sheet',
      title: 'Remote control',
      opener,
      onShow: (on) => this.#turn(on),
    })
    opener.addEventListener('click', () => this.#sheet.show(!this.#sheet.shown))
    const here = build('a', { class: 'button', href: '/?remote' }, 'Use this device as the remote')
    this.#sheet.body.append(
      build('p', {}, 'Point a phone’s camera at the code. It opens the remote control, no PIN needed.'),
      this.#code,
      build('span', { class: 'pairing-track', 'aria-hidden': 'true' }, this.#gauge),
      this.#left,
      ...(onlyHere(location.hostname)
        ? [
            build(
              'p',
              { class: 'warning' },
              'This page was opened by an address of this machine only. Open it by the server’s name, and the code will work elsewhere.',
            ),
          ]
        : []),
      here,
    )
  }

  #turn(on: boolean): void {
    clearInterval(this.#timer)
    if (!on) return
    this.#renewAt = 0
    this.#timer = setInterval(() => this.#look(), TICK_MS)
    this.#look()
  }

  #look(): void {
    const leftMs = this.#renewAt - performance.now()
    if (leftMs <= 0) void this.#renew()
    else {
      write(this.#left, `A new code in ${Math.ceil(leftMs / 1000)} s. Each lets one device in.`)
      this.#gauge.style.transform = `scaleX(${leftMs / (LIFETIME_MS - MARGIN_MS)})`
    }
  }

  async #renew(): Promise<void> {
    if (this.#asking) return
    this.#asking = true
    try {
      drawQrCode(this.#code, remoteLink(location.origin, await this.#door.ticket()))
      this.#renewAt = performance.now() + LIFETIME_MS - MARGIN_MS
      this.#code.hidden = false
    } catch (error) {
      this.#code.hidden = true
      this.#renewAt = performance.now() + MARGIN_MS
      write(this.#left, `No code: ${error instanceof Error ? error.message : String(error)}`)
    }
    this.#asking = false
  }
}
