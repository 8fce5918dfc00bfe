// A viewer without a browser: answers an offer and receives, on the same repaired werift. The simulator runs dozens.

import { performance } from 'node:perf_hooks'
import { type LocalTime, localTime } from '../../vendor/asciline/index.ts'
import { Peer, type PeerEnd } from './peer.ts'

export type AnsweringPeerOptions = {
  now?: () => LocalTime
  /** For a server on this machine, and nobody else. */
  loopback?: boolean
}

export class AnsweringPeer {
  readonly #peer: Peer
  #onFrames: (message: Uint8Array) => void = () => {}
  #onControl: (text: string) => void = () => {}
  #onOpen: () => void = () => {}
  #onClosed: (why: PeerEnd) => void = () => {}

  constructor(options: AnsweringPeerOptions = {}) {
    this.#peer = new Peer({
      now: options.now ?? (() => localTime(performance.now())),
      ...(options.loopback === undefined ? {} : { loopback: options.loopback }),
      events: {
        open: () => this.#onOpen(),
        frame: (bytes) => this.#onFrames(bytes),
        control: (text) => this.#onControl(text),
        fleeting: () => {},
        acked: () => {},
        closed: (why) => this.#onClosed(why),
      },
    })
  }

  get open(): boolean {
    return this.#peer.open
  }

  /**
   * Takes the server's offer and gives the answer. The answer names no candidates: this end knocks at the server's, and
   * the server learns where from.
   */
  async accept(offerSdp: string): Promise<string> {
    const answer = await this.#peer.accept(offerSdp)
    return answer
      .split('\r\n')
      .filter((line) => !line.startsWith('a=candidate:') && !line.startsWith('a=end-of-candidates'))
      .join('\r\n')
  }

  /** Messages of the frames channel; the bytes are the caller's to keep. */
  onFrames(listener: (message: Uint8Array) => void): void {
    this.#onFrames = listener
  }

  onControl(listener: (text: string) => void): void {
    this.#onControl = listener
  }

  onOpen(listener: () => void): void {
    this.#onOpen = listener
  }

  onClosed(listener: (why: PeerEnd) => void): void {
    this.#onClosed = listener
  }

  /** False when the channel is not open or its backlog is full. */
  sendControl(text: string): boolean {
    return this.#peer.sendControl(text)
  }

  /** Over the frames channel, unordered and once. */
  sendFleeting(text: string): boolean {
    return this.#peer.sendFleeting(text)
  }

  close(): void {
    this.#peer.close()
  }
}
