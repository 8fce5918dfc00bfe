// The connection of a viewer without a browser: signaling, a WebRTC peer, and the socket itself while there is no peer.

import { WebSocket } from 'ws'
import { packAck, unpackFrame } from '../../signaling/media-envelope.ts'
import { type FromViewer, fromServer, type Offer, type SessionStatus } from '../../signaling/messages.ts'
import { AnsweringPeer } from '../../src/transport/answering-peer.ts'
import { BackOff } from '../page/back-off.ts'
import type { Door } from './door.ts'

/** WebRTC takes 0.1 s where it works; then the socket is asked for frames, and WebRTC tried again later. */
const FALLBACK_MS = 1500
const TRY_WEBRTC_AGAIN_MS = 20_000
/** The server pings every few seconds; a socket that says nothing for so long is gone. */
const SOCKET_SILENCE_MS = 20_000
/** The player pings every second or two, so a peer that says nothing for so long is gone. */
const PEER_SILENCE_MS = 4000
const MAX_MESSAGE_BYTES = 1 << 20

export type LinkOptions = {
  door: Door
  onFrame: (message: Uint8Array) => void
  onControl: (text: string) => void
  onStatus: (status: SessionStatus) => void
  /** Frames come over another connection than before. */
  onOpen: () => void
  /** What stands in the way; undefined when all is well. */
  onTrouble: (reason: string | undefined) => void
  /** After so long without WebRTC the socket is asked for frames. */
  fallbackMs?: number
}

/** Connects again by itself until it is closed. */
export class SessionLink {
  readonly #options: LinkOptions
  readonly #backOff = new BackOff()
  #socket: WebSocket | undefined
  #peer: AnsweringPeer | undefined
  #attempt: AnsweringPeer | undefined
  /** The server's name for the viewer whose frames the socket carries. */
  #carried: string | undefined
  #closed = false
  #fallback: NodeJS.Timeout | undefined
  #again: NodeJS.Timeout | undefined
  #reopen: NodeJS.Timeout | undefined
  #socketSilence: NodeJS.Timeout | undefined
  #peerSilence: NodeJS.Timeout | undefined

  constructor(options: LinkOptions) {
    this.#options = options
  }

  get way(): 'webrtc' | 'websocket' | undefined {
    if (this.#peer?.open) return 'webrtc'
    return this.#carried === undefined ? undefined : 'websocket'
  }

  open(): void {
    const socket = new WebSocket(new URL('/signal', this.#options.door.url.replace(/^http/, 'ws')), {
      headers: { cookie: this.#options.door.cookie },
      perMessageDeflate: false,
      maxPayload: MAX_MESSAGE_BYTES,
    })
    this.#socket = socket
    socket.on('message', (data: Buffer, isBinary) => {
      this.#heard()
      if (isBinary) this.#takeCarried(data)
      else void this.#hear(data.toString())
    })
    socket.on('ping', () => this.#heard())
    // An error is always followed by the close.
    socket.on('error', (error) => this.#options.onTrouble(error.message))
    socket.on('close', () => this.#lost(socket))
    this.#heard()
  }

  sendControl(text: string): void {
    if (this.way === 'webrtc') this.#peer?.sendControl(text)
    else if (this.#carried !== undefined) this.#say({ type: 'control', text })
  }

  /** What is worthless a moment later; over TCP nothing is lost. */
  sendFleeting(text: string): void {
    this.#peer?.sendFleeting(text)
  }

  close(): void {
    this.#closed = true
    for (const timer of [this.#fallback, this.#again, this.#reopen, this.#socketSilence, this.#peerSilence])
      clearTimeout(timer)
    this.#dropPeers()
    this.#socket?.close()
  }

  #say(message: FromViewer): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message))
  }

  async #hear(text: string): Promise<void> {
    const message = parse(text)
    if (message === undefined || this.#closed) return
    switch (message.type) {
      case 'authenticated':
        this.#backOff.reset()
        this.#join()
        break
      case 'offer':
        await this.#answer(message).catch(() => this.#attemptEnded())
        break
      case 'carrying':
        this.#carried = message.peer
        // WebRTC may have come while this was on its way.
        if (this.#peer?.open) this.#dropCarry()
        else this.#opened()
        break
      case 'control':
        this.#options.onControl(message.text)
        break
      case 'status':
        this.#options.onStatus(message.status)
        break
      case 'refused':
        this.#options.onTrouble(message.message)
        // Nothing else that could fail is under way: the frames have ended, and are to be asked for again.
        if (message.code === 'peer-failed' && this.#carried !== undefined && this.#attempt === undefined) {
          this.#carried = undefined
          this.#join()
        }
        // The cookie does not outlive a change of the server's PIN or secret.
        if (message.code === 'unauthorized') await this.#options.door.signIn().catch(() => undefined)
        break
    }
  }

  #join(): void {
    if (this.#socket === undefined) return
    clearTimeout(this.#again)
    this.#say({ type: 'join' })
    this.#fallback ??= setTimeout(() => {
      this.#fallback = undefined
      if (this.way !== undefined) return
      this.#say({ type: 'carry' })
      this.#tryLater()
    }, this.#options.fallbackMs ?? FALLBACK_MS)
  }

  #tryLater(): void {
    clearTimeout(this.#again)
    this.#again = setTimeout(() => this.#join(), TRY_WEBRTC_AGAIN_MS)
  }

  async #answer(offer: Offer): Promise<void> {
    this.#attempt?.close()
    const peer = new AnsweringPeer()
    this.#attempt = peer
    peer.onFrames((message) => {
      this.#heardOf(peer)
      this.#options.onFrame(message)
    })
    peer.onControl((text) => {
      this.#heardOf(peer)
      this.#options.onControl(text)
    })
    peer.onOpen(() => {
      if (this.#attempt !== peer) return
      this.#attempt = undefined
      this.#peer?.close()
      this.#peer = peer
      this.#heardOf(peer)
      this.#dropCarry()
      clearTimeout(this.#again)
      this.#opened()
    })
    peer.onClosed(() => {
      if (this.#attempt === peer) this.#attemptEnded()
      else this.#peerEnded(peer)
    })
    this.#say({ type: 'answer', peer: offer.peer, sdp: await peer.accept(offer.sdp) })
  }

  #heardOf(peer: AnsweringPeer): void {
    if (this.#peer !== peer) return
    if (this.#peerSilence === undefined)
      this.#peerSilence = setTimeout(() => {
        if (this.#peer !== undefined) this.#peerEnded(this.#peer)
      }, PEER_SILENCE_MS)
    else this.#peerSilence.refresh()
  }

  #peerEnded(peer: AnsweringPeer): void {
    if (this.#peer !== peer) return
    this.#peer = undefined
    clearTimeout(this.#peerSilence)
    this.#peerSilence = undefined
    peer.close()
    this.#join()
  }

  #attemptEnded(): void {
    this.#attempt = undefined
    if (this.way !== 'webrtc') this.#tryLater()
  }

  /** Or every frame would come twice until the server notices that nobody speaks any more. */
  #dropCarry(): void {
    if (this.#carried !== undefined) this.#say({ type: 'leave', peer: this.#carried })
    this.#carried = undefined
  }

  #takeCarried(data: Buffer): void {
    const frame = unpackFrame(data)
    if (frame === undefined) return
    this.#socket?.send(packAck(frame.number))
    for (const slice of frame.slices) this.#options.onFrame(slice)
  }

  #opened(): void {
    this.#options.onTrouble(undefined)
    this.#options.onOpen()
  }

  #heard(): void {
    if (this.#socketSilence !== undefined) this.#socketSilence.refresh()
    else this.#socketSilence = setTimeout(() => this.#socket?.terminate(), SOCKET_SILENCE_MS)
  }

  #lost(socket: WebSocket): void {
    if (this.#socket !== socket || this.#closed) return
    this.#socket = undefined
    this.#carried = undefined
    clearTimeout(this.#fallback)
    this.#fallback = undefined
    this.#options.onTrouble('connecting again')
    // A peer that works outlives its socket, and is replaced by the next one that opens.
    this.#reopen = setTimeout(() => this.open(), this.#backOff.next())
  }

  #dropPeers(): void {
    this.#attempt?.close()
    this.#peer?.close()
    this.#attempt = undefined
    this.#peer = undefined
  }
}

function parse(text: string) {
  try {
    return fromServer.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
