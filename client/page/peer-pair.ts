// The peer frames come from, and the one that is to take its place: the old one stays until the new one is open.

import type { Offer } from '../../signaling/messages.ts'
import { Peer } from './peer.ts'

export type PeerPairOptions = {
  /** The attempt has become the peer. */
  onOpen: () => void
  onFrame: (message: Uint8Array) => void
  onControl: (text: string) => void
  /** An address at which the peer of that name may be reached. */
  onCandidate: (peer: string, candidate: string) => void
  /** The peer of that name has been let go, and the server need not keep its end. */
  onLeft: (peer: string) => void
  /** The offer was not taken, or the answer to it; the attempt has been let go. */
  onRefused: (error: unknown) => void
  /** One of the two did not come about or has died; it has been let go. */
  onFailed: (which: 'attempt' | 'peer') => void
}

/** At most two peers. Who has been let go is not heard of any more. */
export class PeerPair {
  readonly #options: PeerPairOptions
  #peer: Peer | undefined
  #attempt: Peer | undefined

  constructor(options: PeerPairOptions) {
    this.#options = options
  }

  /** Takes an offer up in place of the attempt there was; `send` brings the answer to the server. */
  async accept(offer: Offer, send: (sdp: string) => Promise<void>): Promise<void> {
    this.dropAttempt()
    let peer: Peer | undefined
    try {
      peer = this.#make(offer)
      this.#attempt = peer
      await send(await peer.accept(offer.sdp))
    } catch (error) {
      if (this.#attempt !== peer) return
      this.dropAttempt()
      // A browser without WebRTC, or one that takes no such STUN server, has no peer to let go.
      if (peer === undefined) this.#options.onLeft(offer.peer)
      this.#options.onRefused(error)
    }
  }

  sendControl(text: string): void {
    this.#peer?.sendControl(text)
  }

  sendFleeting(text: string): void {
    this.#peer?.sendFleeting(text)
  }

  dropAttempt(): void {
    const peer = this.#attempt
    this.#attempt = undefined
    this.#letGo(peer)
  }

  dropPeer(): void {
    const peer = this.#peer
    this.#peer = undefined
    this.#letGo(peer)
  }

  close(): void {
    this.dropAttempt()
    this.dropPeer()
  }

  #make(offer: Offer): Peer {
    const { onFrame, onControl, onCandidate } = this.#options
    const peer: Peer = new Peer({
      id: offer.peer,
      iceServers: offer.iceServers ?? [],
      onOpen: () => this.#opened(peer),
      onFrame,
      onControl,
      onCandidate: (candidate) => onCandidate(offer.peer, candidate),
      onFailed: () => this.#failed(peer),
    })
    return peer
  }

  #opened(peer: Peer): void {
    if (this.#attempt !== peer) return
    this.#attempt = undefined
    this.dropPeer()
    this.#peer = peer
    this.#options.onOpen()
  }

  #failed(peer: Peer): void {
    if (this.#attempt === peer) {
      this.dropAttempt()
      this.#options.onFailed('attempt')
    } else if (this.#peer === peer) {
      this.dropPeer()
      this.#options.onFailed('peer')
    }
  }

  #letGo(peer: Peer | undefined): void {
    if (peer === undefined) return
    peer.close()
    this.#options.onLeft(peer.id)
  }
}
