// The remote control's connection: the commands' socket alone. It gets every status and no picture, so a phone that only
// steers costs nobody a place or a packet.

import type { FromServer } from '../../../signaling/messages.ts'
import { BackOff } from '../back-off.ts'
import type { Link } from '../connection.ts'
import { type Door, DoorError } from '../door.ts'
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

  constructor(options: RemoteLinkOptions) {
    this.#options = options
    const hurry = () => {
      if (this.#open && !document.hidden && this.#socket === undefined) this.#connect()
    }
    window.addEventListener('online', hurry)
    document.addEventListener('visibilitychange', hurry)
  }

  open(): void {
    this.close()
    this.#open = true
    this.#connect()
  }

  close(): void {
    this.#open = false
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

  /** A socket's refusal says nothing; the status' answer tells a closed door from an absent server. */
  #lost(): void {
    this.#socket = undefined
    this.#options.onLink({ kind: 'lost', reason: LOST })
    this.#options.door.status().catch((error: unknown) => {
      if (error instanceof DoorError && error.code === 'unauthorized') this.#lock()
    })
    this.#timer = setTimeout(() => this.#connect(), this.#backOff.next())
  }

  #lock(): void {
    this.close()
    this.#options.onLink({ kind: 'locked' })
  }
}
