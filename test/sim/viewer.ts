// One headless viewer: the page's player, werift as its WebRTC end, a real /audio fetch, and no screen.

import { WebSocket } from 'ws'
import { audioFrameAt, frameAt, Player } from '../../client/playback/index.ts'
import { type FromViewer, fromServer, type Timeline } from '../../signaling/messages.ts'
import { AnsweringPeer } from '../../src/transport/answering-peer.ts'
import { type LocalTime, localTime, mediaTime } from '../../vendor/asciline/index.ts'

/** Joining must be done by then, or the viewer has failed. */
const JOIN_DEADLINE_MS = 15_000

const now = (): LocalTime => localTime(performance.now())

export type SimViewerOptions = { url: string; cookie: string }

export class SimViewer {
  readonly player: Player
  readonly #options: SimViewerOptions
  readonly #abort = new AbortController()
  readonly #joined = Promise.withResolvers<void>()
  #socket: WebSocket | undefined
  #peer: AnsweringPeer | undefined
  #askedAt = 0
  #listening: number | undefined
  /** From the first word of signaling to both channels open. */
  connectMs: number | undefined
  /** From there to the first picture. */
  firstFrameMs: number | undefined
  audioBytes = 0
  #countedFrom: { epoch: number; frame: number } | undefined
  /** Why this viewer no longer watches, or never did. */
  failure: string | undefined

  constructor(options: SimViewerOptions) {
    this.#options = options
    this.player = new Player({
      verify: true,
      sendControl: (text) => this.#peer?.sendControl(text),
      sendFleeting: (text) => this.#peer?.sendFleeting(text),
      onTimeline: (timeline) => this.#listen(timeline),
    })
  }

  /** Resolves when both channels are open; rejects with the reason otherwise. */
  async join(): Promise<void> {
    this.#askedAt = performance.now()
    const deadline = setTimeout(() => this.#fail('no channel within 15 s'), JOIN_DEADLINE_MS)
    const { url, cookie } = this.#options
    const socket = new WebSocket(new URL('/signal', url.replace(/^http/, 'ws')), {
      headers: { cookie },
      perMessageDeflate: false,
    })
    this.#socket = socket
    socket.on(
      'message',
      (data) => void this.#hear(data.toString()).catch((error: Error) => this.#fail(error.message)),
    )
    socket.on('error', (error) => this.#fail(`signaling: ${error.message}`))
    socket.on('close', (code) => this.#fail(`signaling closed (${code})`))
    try {
      await this.#joined.promise
    } finally {
      clearTimeout(deadline)
    }
  }

  /** Moves the picture on; called every few milliseconds for all viewers together. */
  tick(at: LocalTime): void {
    const shown = this.player.tick(at)
    if (shown !== undefined && this.firstFrameMs === undefined && this.connectMs !== undefined)
      this.firstFrameMs = at - this.#askedAt - this.connectMs
  }

  /** Counts from here on. */
  startCounting(at: LocalTime): void {
    this.player.restartStats()
    this.audioBytes = 0
    this.#countedFrom = this.#clockFrame(at)
  }

  /**
   * Frames whose time has passed since, by the server's clock: a server that sends fewer is behind, and must not look well for it.
   * Undefined when the programme has changed in between.
   */
  framesDue(at: LocalTime): number | undefined {
    const until = this.#clockFrame(at)
    if (until === undefined || until.epoch !== this.#countedFrom?.epoch) return undefined
    return until.frame - this.#countedFrom.frame
  }

  close(): void {
    this.#abort.abort()
    this.#socket?.removeAllListeners('close')
    this.#socket?.close()
    this.#peer?.close()
  }

  #clockFrame(at: LocalTime): { epoch: number; frame: number } | undefined {
    const { timeline } = this.player
    const time = this.player.serverTime(at)
    if (timeline === undefined || time === undefined) return undefined
    return { epoch: timeline.epoch, frame: frameAt(timeline, time) }
  }

  #say(message: FromViewer): void {
    this.#socket?.send(JSON.stringify(message))
  }

  async #hear(text: string): Promise<void> {
    const message = fromServer.parse(JSON.parse(text))
    if (message.type === 'authenticated') this.#say({ type: 'join' })
    else if (message.type === 'refused') this.#fail(`${message.code}: ${message.message}`)
    else if (message.type === 'offer') {
      const peer = new AnsweringPeer()
      this.#peer = peer
      peer.onFrames((bytes) => this.player.onFrameMessage(bytes, now()))
      peer.onControl((control) => this.player.onControlMessage(control, now()))
      peer.onOpen(() => {
        this.connectMs = performance.now() - this.#askedAt
        this.#joined.resolve()
      })
      this.#say({ type: 'answer', peer: message.peer, sdp: await peer.accept(message.sdp) })
    }
  }

  /** Fetches the sound of a new epoch from the present on, and throws it away as it comes. */
  #listen(timeline: Timeline): void {
    if (this.#listening === timeline.epoch) return
    this.#listening = timeline.epoch
    void this.#fetchAudio(timeline).catch((error: Error) => {
      if (!this.#abort.signal.aborted) this.failure ??= `audio: ${error.message}`
    })
  }

  async #fetchAudio(timeline: Timeline): Promise<void> {
    const position = this.player.serverTime(now()) ?? mediaTime(timeline.start)
    const from = Math.max(0, audioFrameAt(timeline, position))
    const response = await fetch(new URL(`/audio?epoch=${timeline.epoch}&from=${from}`, this.#options.url), {
      headers: { cookie: this.#options.cookie },
      signal: this.#abort.signal,
    })
    if (!response.ok || response.body === null) throw new Error(`/audio answered ${response.status}`)
    for await (const part of response.body) this.audioBytes += (part as Uint8Array).length
  }

  #fail(reason: string): void {
    this.failure ??= reason
    this.#joined.reject(new Error(reason))
  }
}
