// The remote control's connection: the commands' socket alone. It gets every status and no picture, so a phone that only
// steers costs nobody a place or a packet.

import type { FromServer } from '../../../signaling/messages.ts'
import { BackOff } from '../back-off.ts'
import { type Door, DoorError } from '../door.ts'
import type { Link } from '../link.ts'
import { SignalSocket } from '../signal-socket.ts'

const LOST = 'The connection to the server was lost.'

export type RemoteLinkOptions = {
  door: Door
  onLink: (link: Link) => void
  onMessage: (message: FromServer) => void
}

/** Reconnects for ever, except while locked. */
export class RemoteLink {
  readonly #options: RemoteLinkOptions
  readonly #backOff = new BackOff()
  #socket: SignalSocket | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #open = false
  /** Times it was closed: an answer to what was asked before is nobody's. */
  #visits = 0

  constructor(options: RemoteLinkOptions) {
    this.#options = options
    // A phone that slept or changed its network may hold a socket that is dead and does not know it.
    const renew = () => {
      if (this.#open && !document.hidden) this.open()
    }
    window.addEventListener('online', renew)
    document.addEventListener('visibilitychange', renew)
    window.addEventListener('offline', () => {
      if (this.#open) this.#options.onLink({ kind: 'lost', reason: 'This device has no network.' })
    })
  }

  open(): void {
    this.close()
    this.#open = true
    this.#connect()
  }

  close(): void {
    this.#open = false
    this.#visits += 1
    clearTimeout(this.#timer)
    this.#socket?.close()
    this.#socket = undefined
  }

  #connect(): void {
    clearTimeout(this.#timer)
    const socket = new SignalSocket({
      onMessage: (message) => this.#hear(message),
      onFrame: () => {},
      onClosed: () => {
        if (socket === this.#socket) this.#lost()
      },
    })
    this.#socket = socket
    // A socket without a cookie is left open for a PIN; this answer tells a shut door at once.
    void this.#askStatus()
  }

  #hear(message: FromServer): void {
    if (message.type === 'authenticated') {
      this.#backOff.reset()
      this.#options.onLink({ kind: 'connected', way: 'websocket' })
    } else if (
      message.type === 'refused' &&
      (message.code === 'unauthorized' || message.code === 'wrong-pin')
    ) {
      this.#lock()
      return
    }
    this.#options.onMessage(message)
  }

  #lost(): void {
    this.#socket = undefined
    this.#options.onLink({ kind: 'lost', reason: LOST })
    this.#timer = setTimeout(() => this.#connect(), this.#backOff.next())
  }

  async #askStatus(): Promise<void> {
    const visits = this.#visits
    try {
      const status = await this.#options.door.status()
      if (visits === this.#visits) this.#options.onMessage({ type: 'status', status })
    } catch (error) {
      if (visits === this.#visits && error instanceof DoorError && error.code === 'unauthorized') this.#lock()
    }
  }

  #lock(): void {
    this.close()
    this.#options.onLink({ kind: 'locked' })
  }
}
