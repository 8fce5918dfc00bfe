// One WebRTC connection to the server: answers its offer, and hands on what arrives on the two channels.

import { CHANNELS } from '../../signaling/messages.ts'

/** Gathering is done in a few milliseconds without STUN; candidates that come later are trickled. */
const GATHER_MS = 300

export type PeerOptions = {
  /** The server's name for this connection. */
  id: string
  /** STUN and TURN servers; none when empty. */
  iceServers: RTCIceServer[]
  /** Both channels are open. */
  onOpen: () => void
  /** A message of the frames channel. */
  onFrame: (message: Uint8Array) => void
  /** A text of the control channel. */
  onControl: (text: string) => void
  onCandidate: (candidate: string) => void
  /** The connection will not come back by itself. */
  onFailed: () => void
}

/** Wraps RTCPeerConnection; `accept` once, `close` at the end. */
export class Peer {
  readonly id: string
  readonly #options: PeerOptions
  readonly #connection: RTCPeerConnection
  readonly #frames: RTCDataChannel
  readonly #control: RTCDataChannel
  #answered = false
  #closed = false

  constructor(options: PeerOptions) {
    this.id = options.id
    this.#options = options
    this.#connection = new RTCPeerConnection({ iceServers: options.iceServers })
    this.#frames = this.#connection.createDataChannel('frames', {
      negotiated: true,
      id: CHANNELS.frames,
      ordered: false,
      maxRetransmits: 0,
    })
    this.#control = this.#connection.createDataChannel('control', { negotiated: true, id: CHANNELS.control })
    this.#frames.binaryType = 'arraybuffer'
    this.#frames.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (data instanceof ArrayBuffer) options.onFrame(new Uint8Array(data))
    }
    this.#control.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (typeof data === 'string') options.onControl(data)
    }
    this.#frames.onopen = this.#control.onopen = () => {
      if (this.open) options.onOpen()
    }
    this.#frames.onclose = this.#control.onclose = () => this.#fail()
    this.#connection.onconnectionstatechange = () => {
      if (this.#connection.connectionState === 'failed') this.#fail()
    }
    this.#connection.onicecandidate = ({ candidate }) => {
      // A .local name costs the server up to six seconds, and the first packet shows it the address anyway.
      if (candidate === null || !this.#answered || /\.local\s/.test(candidate.candidate)) return
      if (candidate.candidate !== '') options.onCandidate(candidate.candidate)
    }
  }

  get open(): boolean {
    return this.#frames.readyState === 'open' && this.#control.readyState === 'open'
  }

  /** Takes the server's offer and returns the answer with the candidates known by then. Rejects for a broken offer. */
  async accept(sdp: string): Promise<string> {
    const connection = this.#connection
    await connection.setRemoteDescription({ type: 'offer', sdp })
    await connection.setLocalDescription(await connection.createAnswer())
    await this.#gathered()
    this.#answered = true
    return connection.localDescription?.sdp ?? ''
  }

  /** Sends a text when the control channel is open, else forgets it. */
  sendControl(text: string): void {
    if (this.#control.readyState === 'open') this.#control.send(text)
  }

  /** Sends a text on the unordered channel, where it may be lost. */
  sendFleeting(text: string): void {
    if (this.#frames.readyState === 'open') this.#frames.send(text)
  }

  close(): void {
    this.#closed = true
    this.#connection.close()
  }

  #gathered(): Promise<void> {
    const connection = this.#connection
    if (connection.iceGatheringState === 'complete') return Promise.resolve()
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, GATHER_MS)
      connection.onicegatheringstatechange = () => {
        if (connection.iceGatheringState !== 'complete') return
        clearTimeout(timer)
        resolve()
      }
    })
  }

  #fail(): void {
    if (this.#closed) return
    this.close()
    this.#options.onFailed()
  }
}
