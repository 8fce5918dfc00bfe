// What signaling goes over: one socket at a time, or one stream over plain HTTP where sockets have been of no use.

import type { FromServer, FromViewer } from '../../signaling/messages.ts'
import { SignalSocket, type SignalSocketOptions } from './signal-socket.ts'
import { SignalStream } from './signal-stream.ts'

/** After so many sockets in a row that were of no use, every other one is a stream over plain HTTP. */
const DEAD_SOCKETS = 2

/** Holds the socket, and the viewer whose frames it carries while WebRTC does not. */
export class SignalLine {
  readonly #options: SignalSocketOptions
  #socket: SignalSocket | SignalStream | undefined
  /** Sockets in a row that have brought neither an offer nor frames. */
  #useless = 0
  /** The server's name for the viewer whose frames the socket carries. */
  #carried: string | undefined

  constructor(options: SignalSocketOptions) {
    this.#options = options
  }

  /** Frames come over it, as far as the server has said. */
  get carrying(): boolean {
    return this.#carried !== undefined
  }

  open(): void {
    const options: SignalSocketOptions = {
      onMessage: (message) => this.#hear(message),
      onFrame: this.#options.onFrame,
      onClosed: () => {
        if (this.#socket !== socket) return
        this.#socket = undefined
        this.#carried = undefined
        this.#options.onClosed()
      },
    }
    const socket =
      this.#useless >= DEAD_SOCKETS && this.#useless % 2 === 0
        ? new SignalStream(options)
        : new SignalSocket(options)
    this.#useless += 1
    this.#socket = socket
  }

  /** Says something if it can, else forgets it. */
  send(message: FromViewer): void {
    this.#socket?.send(message)
  }

  /** The server need not carry any more. */
  dropCarry(): void {
    if (this.#carried !== undefined) this.send({ type: 'leave', peer: this.#carried })
    this.#carried = undefined
  }

  /** The server does not carry any more. */
  carryEnded(): void {
    this.#carried = undefined
  }

  close(): void {
    const socket = this.#socket
    this.#socket = undefined
    this.#carried = undefined
    socket?.close()
  }

  #hear(message: FromServer): void {
    if (message.type === 'offer' || message.type === 'carrying') this.#useless = 0
    if (message.type === 'carrying') this.#carried = message.peer
    this.#options.onMessage(message)
  }
}
