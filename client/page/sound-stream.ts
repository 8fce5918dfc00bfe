// One opened /audio: MediaSource where the browser takes bare AAC, which starts after 0.2 s of data; else the element's own
// loading, which wants 32 KiB first. Both end up in the same <audio>, because only that gives a car a media session.

import type { Timeline } from '../../signaling/messages.ts'
import type { MediaTime } from '../../vendor/asciline/index.ts'
import { mediaTime } from '../../vendor/asciline/index.ts'
import { audioFrameAt, audioFrameTime } from '../playback/index.ts'

const MIME = 'audio/aac'
/** Heard sound that stays in the buffer, so that a jump back needs no new request. */
const KEEP_BEHIND_SECONDS = 10
/** Sound ahead beyond which reading pauses; the server then holds it. */
const KEEP_AHEAD_SECONDS = 30
const TRIM_EVERY_SECONDS = 5

/** Between a cut and asking for the rest: what lies in the buffer is heard meanwhile. */
const RESUME_MS = 250
/** With less than this left to hear, a cut is the output's to deal with. */
const RESUME_WITH_SECONDS = 0.05

export type SoundStreamOptions = {
  element: HTMLAudioElement
  timeline: Timeline
  /** ADTS frame to begin with. */
  from: number
  /** The stream is of no use any more: refused, run dry after a cut, or not understood. */
  onBroken: () => void
  /** It was cut and asks for the rest. */
  onResume: () => void
}

/** Feeds an audio element from frame `from` on. Positions are programme time on both rungs. */
export class SoundStream {
  readonly kind: 'media-source' | 'plain'
  readonly #options: SoundStreamOptions
  readonly #abort = new AbortController()
  /** Programme time minus the element's time. */
  readonly #shift: number
  #url: string | undefined
  #trimmedTo = 0
  #closed = false

  constructor(options: SoundStreamOptions) {
    this.#options = options
    const { element, timeline, from } = options
    this.kind =
      typeof MediaSource !== 'undefined' && MediaSource.isTypeSupported(MIME) ? 'media-source' : 'plain'
    this.#shift = this.kind === 'media-source' ? 0 : audioFrameTime(timeline, from)
    if (this.kind === 'plain') {
      element.src = this.#address(from)
      element.addEventListener('error', this.#onError)
      return
    }
    const source = new MediaSource()
    this.#url = URL.createObjectURL(source)
    // Both take a while, and neither waits for the other.
    const first = this.#ask(from)
    source.addEventListener('sourceopen', () => void this.#feed(source, first), { once: true })
    element.src = this.#url
  }

  /** Where the element is. */
  get position(): MediaTime {
    return mediaTime(this.#options.element.currentTime + this.#shift)
  }

  /** Jumps; the caller has checked that sound lies ready there. */
  seek(to: MediaTime): void {
    this.#options.element.currentTime = Math.max(0, to - this.#shift)
  }

  /** End of the stretch of sound that holds `time`, and its start; both `time` when there is none. */
  ready(time: MediaTime): { from: MediaTime; to: MediaTime } {
    const { buffered } = this.#options.element
    const at = time - this.#shift
    for (let i = 0; i < buffered.length; i++) {
      // A stretch that only begins later is what a jump forward can aim at.
      if (buffered.end(i) > at) {
        return {
          from: mediaTime(buffered.start(i) + this.#shift),
          to: mediaTime(buffered.end(i) + this.#shift),
        }
      }
    }
    return { from: time, to: time }
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#abort.abort()
    const { element } = this.#options
    element.removeEventListener('error', this.#onError)
    element.removeAttribute('src')
    element.load()
    if (this.#url !== undefined) URL.revokeObjectURL(this.#url)
  }

  readonly #onError = (): void => {
    if (!this.#closed) this.#options.onBroken()
  }

  #address(from: number): string {
    return `/audio?epoch=${this.#options.timeline.epoch}&from=${from}`
  }

  async #feed(source: MediaSource, first: Promise<Response | undefined>): Promise<void> {
    const { element, timeline, onBroken, onResume } = this.#options
    try {
      const buffer = source.addSourceBuffer(MIME)
      let answer = first
      for (let from = this.#options.from; ; ) {
        // Bare AAC carries no timestamps; the browser counts on from here.
        buffer.timestampOffset = audioFrameTime(timeline, from)
        if (await this.#pump(buffer, await answer)) break
        const { buffered } = buffer
        const end = buffered.length === 0 ? 0 : buffered.end(buffered.length - 1)
        if (this.#closed || end - element.currentTime < RESUME_WITH_SECONDS) throw new Error('sound: cut')
        onResume()
        await new Promise((resolve) => setTimeout(resolve, RESUME_MS))
        // Half a frame may wait in the parser for its other half.
        buffer.abort()
        from = audioFrameAt(timeline, mediaTime(end))
        answer = this.#ask(from)
      }
      if (source.readyState === 'open') source.endOfStream()
    } catch {
      if (!this.#closed) onBroken()
    }
  }

  /** Undefined when it was cut before there was an answer. Never rejects. */
  #ask(from: number): Promise<Response | undefined> {
    return fetch(this.#address(from), {
      credentials: 'same-origin',
      cache: 'no-store',
      signal: this.#abort.signal,
    }).catch(() => undefined)
  }

  /** Appends what one answer brings. True at the stream's end, false when it was cut; rejects when it was refused. */
  async #pump(buffer: SourceBuffer, answer: Response | undefined): Promise<boolean> {
    if (answer === undefined) return false
    if (!answer.ok || answer.body === null) throw new Error('sound: refused')
    const reader = answer.body.getReader()
    for (;;) {
      const part = await reader.read().catch(() => undefined)
      if (part === undefined || this.#closed) return false
      if (part.done) return true
      await this.#append(buffer, part.value)
      await this.#room(buffer)
    }
  }

  async #append(buffer: SourceBuffer, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const { currentTime } = this.#options.element
    if (currentTime - this.#trimmedTo > KEEP_BEHIND_SECONDS + TRIM_EVERY_SECONDS) {
      this.#trimmedTo = currentTime - KEEP_BEHIND_SECONDS
      buffer.remove(0, this.#trimmedTo)
      await settled(buffer)
    }
    buffer.appendBuffer(bytes)
    await settled(buffer)
  }

  async #room(buffer: SourceBuffer): Promise<void> {
    const { element } = this.#options
    const ahead = () =>
      buffer.buffered.length === 0 ? 0 : buffer.buffered.end(buffer.buffered.length - 1) - element.currentTime
    while (!this.#closed && element.currentTime > 0 && ahead() > KEEP_AHEAD_SECONDS) {
      await new Promise((resolve) => element.addEventListener('timeupdate', resolve, { once: true }))
    }
  }
}

/** Ends with every operation, also a failed one: bytes that were not understood make the next append throw. */
function settled(buffer: SourceBuffer): Promise<unknown> {
  if (!buffer.updating) return Promise.resolve()
  return new Promise((resolve) => buffer.addEventListener('updateend', resolve, { once: true }))
}
